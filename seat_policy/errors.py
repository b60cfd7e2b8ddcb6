"""What cannot happen unless a caller is wrong. A refusal is never an error: it is a value."""


class PolicyError(ValueError):
    """The engine was asked something that no organization could mean, such as a tier it does not have."""
