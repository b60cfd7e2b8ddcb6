"""Replays recorded provider conversations against any SCIM server, over HTTP, with a URL and a token."""
