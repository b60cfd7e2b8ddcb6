"""Failures between the server and its database. Each message explains the solution."""


class StoreError(Exception):
    """The database cannot be used in its present state. The message explains the solution."""


class DatabaseMissing(StoreError):
    """The database does not exist or has no tables yet. The message contains the expected place."""


class DatabaseGone(StoreError):
    """The file of the database is missing or empty, but the files next to it show that it held data."""


class StoreUnavailable(StoreError):
    """The database did not answer or lost the transaction. Nothing was changed; the caller can try again."""


class StoreBusy(StoreUnavailable):
    """The write would have waited too long for others. Nothing was changed; the caller can try again."""


class DatabaseReplaced(StoreUnavailable):
    """The file of the database is not the one that the server was started with. It was logged once."""


class CommitUncertain(StoreUnavailable):
    """The connection was lost during the commit, so it is unknown whether the work was committed."""


class BrokenHistory(AssertionError):
    """An event number was reserved but not appended, or appended but not reserved."""
