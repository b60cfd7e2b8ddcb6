"""Reads the people and groups of another SCIM server."""
