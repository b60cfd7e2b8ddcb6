"""Keeps the feed up to date."""

from scim_server.services.events.feed import extend, mark_missed

__all__ = ["extend", "mark_missed"]
