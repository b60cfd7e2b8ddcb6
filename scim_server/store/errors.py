"""Failures between the server and its database; each message names the fix."""


class StoreError(Exception):
    """The database cannot be used as it is; the message says what to do."""


class DatabaseMissing(StoreError):
    """The database does not exist, or it has no tables yet; the message says where it should be."""


class StoreUnavailable(StoreError):
    """The database did not answer or lost the transaction: nothing was changed, try again."""


class CommitUncertain(StoreUnavailable):
    """The connection was lost during the commit: the work may or may not have been committed."""


class BrokenHistory(AssertionError):
    """An event number was reserved and not appended, or appended without being reserved."""
