"""Requests of people for a seat or a better tier: asked, approved, declined, withdrawn."""
