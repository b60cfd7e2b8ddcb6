"""Output schemas for the values that services return: the same for `--json`, /v1, webhooks and CSV."""
