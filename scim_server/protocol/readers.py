"""The readers of an organization's resources: which attributes there are, and what is tolerated."""

from functools import lru_cache

from scim_server.protocol.dialects import tolerances
from scim_server.protocol.resources import GROUP, user_type
from scim_server.protocol.schemas import ResourceSchema


@lru_cache(maxsize=4)
def user_reader(*, seat_extension: bool, strict: bool) -> ResourceSchema:
    """Reads Users; the read-only seat extension matters for what a PATCH path may name."""
    return ResourceSchema(user_type(seat_extension=seat_extension), tolerances(strict=strict))


@lru_cache(maxsize=2)
def group_reader(*, strict: bool) -> ResourceSchema:
    """Reads Groups."""
    return ResourceSchema(GROUP, tolerances(strict=strict))
