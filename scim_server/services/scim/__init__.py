"""An organization's directory as SCIM shows it: schemas, searches, and resources of custom types."""
