"""Groups, their mappings to tiers and roles, and bulk requests."""
