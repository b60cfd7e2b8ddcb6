"""Dry runs: what would become of people, with nothing written."""
