"""Errors of callers. A refusal is not an error, because it is a return value."""


class PolicyError(ValueError):
    """The request has no meaning for any organization, for example because its tier does not exist."""
