"""Checks and replays against any SCIM server, by URL and token; sees HTTP only."""
