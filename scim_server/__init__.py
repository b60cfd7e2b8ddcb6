"""SCIM 2.0 provisioning server that enforces a plan's seats."""
