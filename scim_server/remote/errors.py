"""Failures of another SCIM server."""


class RemoteError(Exception):
    """The other server cannot be read. The message says what to change."""


class NotOffered(RemoteError):
    """The other server does not have what was requested."""
