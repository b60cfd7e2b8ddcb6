"""SCIM filters, sorting and paging as SQL."""
