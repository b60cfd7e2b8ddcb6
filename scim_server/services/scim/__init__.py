"""SCIM's view of a directory: its schemas, its searches, resources of custom types."""
