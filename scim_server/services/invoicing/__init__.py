"""Invoices and credit notes, their due dates, and the price of missing seats."""
