"""Secrets by which programs call: SCIM tokens and API keys."""
