"""The rules of seats and billing.

Functions take values and return decisions; only the standard library is used.
"""
