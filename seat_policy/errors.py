"""Errors of callers. A refusal is not an error: it is a value."""


class PolicyError(ValueError):
    """The request has no meaning for any organization, such as a tier that does not exist."""
