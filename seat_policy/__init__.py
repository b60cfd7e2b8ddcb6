"""Seat and billing rules: values in, decision out. Standard library only."""
