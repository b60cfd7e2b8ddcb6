"""Computes from measured costs what a large service needs, and how its tables are distributed."""
