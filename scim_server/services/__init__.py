"""The use cases. Each function is one transaction, and only this package begins and commits transactions."""
