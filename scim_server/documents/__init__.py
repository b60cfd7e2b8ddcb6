"""Documents that several interfaces show: bills and invoices as JSON, HTML and PDF."""
