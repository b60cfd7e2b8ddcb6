"""Alerts for Owners, and the mail queue."""
