"""Entitlements: the tiers, roles and priorities that groups give people."""
