"""Queries of the seats of an organization."""

from scim_server.services.context import Context
from scim_server.store.rows import seats
from seat_policy.availability import Availability


def show(context: Context) -> Availability:
    """The seats by tier, how many seats are in use, and how many people wait."""
    with context.read() as read:
        return seats.availability(read)
