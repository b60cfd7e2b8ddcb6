"""Connections, transactions, the clock and the schema."""
