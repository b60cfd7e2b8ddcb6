"""What several edges show: bills and invoices as JSON, HTML and PDF."""
