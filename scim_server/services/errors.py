"""What an operator's command can be told. What a SCIM client is told stands in protocol/errors."""


class OperatorError(Exception):
    """What was asked for cannot be; the message says why and what would do. Nothing was changed."""
