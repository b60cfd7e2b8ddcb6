"""Requests to addresses that customers choose. Only public addresses are reached (SECURITY 20)."""
