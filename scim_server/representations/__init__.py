"""Output schemas of what services return: one shape for `--json`, /v1, webhooks and CSV."""
