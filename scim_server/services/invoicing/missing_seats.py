"""The price of missing seats, and the tier that is bought for people who accept any tier."""

from collections.abc import Mapping
from datetime import datetime

from scim_server.store.rows.contracts import Plan
from seat_policy.availability import Availability
from seat_policy.bill import Bill, Order, purchase
from seat_policy.errors import PolicyError
from seat_policy.shortfall import LeftOut, missing_seats


def cheapest(plan: Plan | None, availability: Availability) -> str:
    """The lowest tier with a price; if seats are granted, the lowest tier."""
    names = [tier.tier.name for tier in reversed(availability.tiers)]
    return next((name for name in names if plan is None or name in plan.contract.prices), names[0])


def to_buy(plan: Plan | None, availability: Availability, left_out: Mapping[LeftOut, int]) -> dict[str, int]:
    """The fewest seats by tier that are enough for everyone who is left out.

    For people who accept any tier, the cheapest counts.
    """
    return missing_seats(availability, left_out, cheapest(plan, availability))


def price(plan: Plan | None, missing: Mapping[str, int], moment: datetime) -> Bill | None:
    """The price of numbers of seats by tier, at a time.

    Returns:
        None if no seats are missing, there is no contract, a tier has no price, or seats are not sold at that
            time.
    """
    if plan is None or not missing:
        return None
    try:
        return purchase(plan.contract, Order(missing), plan.contract.day(moment))
    except PolicyError:
        return None
