"""Connections, transactions, the lock of an organization, and the schema."""
