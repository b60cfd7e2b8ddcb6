"""What can go wrong between the server and its database, in words that name the fix."""


class StoreError(Exception):
    """The database cannot be used as it is; the message says what to do."""


class DatabaseMissing(StoreError):
    """There is no database where the settings say it is, or it has no tables yet; the message says where."""


class StoreUnavailable(StoreError):
    """The database did not answer or lost the transaction: nothing was changed, try again."""


class CommitUncertain(StoreUnavailable):
    """The connection was lost while committing: what was asked may have been carried out or not."""


class BrokenHistory(AssertionError):
    """A number of the history was reserved and not appended, or appended without being reserved."""
