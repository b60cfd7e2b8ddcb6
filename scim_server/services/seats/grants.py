"""Seats granted to an organization without a contract (SEATS 3)."""

from collections.abc import Mapping

from scim_server.history import SeatsGranted
from scim_server.services.errors import ContractRuns, InvalidSeats, SeatsInUse
from scim_server.services.seats import gate, queue
from scim_server.store.database.session import Write
from scim_server.store.rows import contracts, events, seats
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import MOST_SEATS


def set_totals(write: Write, totals: Mapping[str, int]) -> Availability:
    """Set the total of granted seats of some tiers, only without a contract (SEATS 3)."""
    if contracts.get(write) is not None:
        raise ContractRuns("the organization has a contract, so bought seats stay until the renewal")
    before = seats.availability(write)
    deltas: dict[str, tuple[int, int, int]] = {}
    for tier, total in totals.items():
        now = gate.of_tier(before, tier)
        _check(now, total)
        if total != now.purchased:
            deltas[tier] = (total - now.purchased, 0, 0)
            seats.move(write, tier, purchased=total - now.purchased)
    if deltas:
        events.append(write, SeatsGranted(seats=deltas))
        queue.move(write)
    return seats.availability(write)


def _check(now: TierSeats, total: int) -> None:
    tier, in_use = now.tier.name, now.assigned + now.held
    if not 0 <= total <= MOST_SEATS:
        raise InvalidSeats(f"the number of {tier} seats cannot be {total}; it must be from 0 to {MOST_SEATS}")
    if total < in_use:
        seats_are = "seat is" if in_use == 1 else "seats are"
        raise SeatsInUse(f"{in_use} {tier} {seats_are} in use, so the total cannot be {total}")
