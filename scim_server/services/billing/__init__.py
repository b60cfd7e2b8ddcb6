"""Purchases, contracts, renewals and other due changes."""
