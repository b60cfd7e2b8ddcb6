"""Output schemas for the values that services return. `--json`, /v1, webhooks and CSV use the same ones."""
