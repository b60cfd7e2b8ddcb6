"""Invitations by mail, and domains whose addresses can be invited."""
