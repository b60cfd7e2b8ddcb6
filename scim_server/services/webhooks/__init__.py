"""Webhooks: events are delivered to the endpoints of organizations and of the vendor, at least once, in order."""
