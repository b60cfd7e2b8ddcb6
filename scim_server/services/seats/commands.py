"""Granted seats of an organization without a contract."""

from collections.abc import Mapping

from scim_server.services.context import Context
from scim_server.services.seats import grants
from seat_policy.availability import Availability


def grant(context: Context, totals: Mapping[str, int]) -> Availability:
    """Set the total of granted seats of some tiers. A total may be lower than before.

    A total cannot be below the seats in use. The organization must not have a contract, because bought seats
    are never removed during the term (SEATS 3).

    Raises:
        InvalidSeats, SeatsInUse: a total is too large, or is below the seats in use.
        UnknownTier: a tier does not exist.
        ContractRuns: the organization has a contract.
    """
    return context.write(lambda write: grants.set_totals(write, totals))
