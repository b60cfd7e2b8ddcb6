"""Custom schemas and resource types of an organization."""
