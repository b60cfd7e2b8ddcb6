"""The use cases: each function is one transaction, and only this package begins and commits them."""
