"""SCIM itself (RFC 7643, 7644): no web framework, no database."""
