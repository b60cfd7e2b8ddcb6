"""Simulations: the results for people, without any write."""
