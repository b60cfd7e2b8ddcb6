"""Mappings of groups to tiers, roles and priorities."""
