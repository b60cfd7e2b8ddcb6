"""Schemas and resource types of an organization's own."""
