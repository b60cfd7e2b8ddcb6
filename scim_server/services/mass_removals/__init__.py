"""Mass removals: review and restoration."""
