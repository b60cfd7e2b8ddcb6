"""Webhooks: events are delivered to endpoints at least once, in order for each person."""
