"""What groups give people: tiers, roles and priorities."""
