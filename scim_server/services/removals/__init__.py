"""Mass removals: reviewed and restored."""
