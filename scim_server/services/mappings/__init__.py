"""What membership in a group gives: tiers, roles and priorities."""
