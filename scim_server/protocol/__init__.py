"""SCIM (RFC 7643, 7644) without a web framework and without a database."""
