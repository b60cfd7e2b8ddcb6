"""The audit log: the whole history of an organization."""
