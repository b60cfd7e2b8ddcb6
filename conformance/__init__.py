"""Replays recorded provider conversations against any SCIM server, by URL and token; sees HTTP only."""
