"""Simulations: the results for people, without writing anything."""
