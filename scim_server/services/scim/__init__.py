"""SCIM's view of a directory: its schemas, its searches, resources of an organization's own types."""
