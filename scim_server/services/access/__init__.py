"""Credentials of programs: SCIM tokens and API keys."""
