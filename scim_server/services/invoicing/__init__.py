"""Invoices and credit notes, when they are due, and the price of missing seats."""
