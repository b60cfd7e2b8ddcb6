"""The vendor's JSON interface under /v1: sign-ins and entitlements."""
