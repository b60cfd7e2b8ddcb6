"""What seats that are missing cost, and which are bought for people who take any."""

from collections.abc import Mapping
from datetime import datetime

from scim_server.store.rows.contracts import Plan
from seat_policy.availability import Availability
from seat_policy.errors import PolicyError
from seat_policy.invoices import Bill, Order, purchase


def cheapest(plan: Plan | None, availability: Availability) -> str:
    """The lowest tier that has a price; the lowest of all where seats are granted."""
    names = [tier.tier.name for tier in reversed(availability.tiers)]
    return next((name for name in names if plan is None or name in plan.contract.prices), names[0])


def price(plan: Plan | None, missing: Mapping[str, int], moment: datetime) -> Bill | None:
    """What so many seats by tier cost at a moment.

    Returns:
        None where none are missing, there is no contract, a tier has no price, or nothing is sold then.
    """
    if plan is None or not missing:
        return None
    try:
        return purchase(plan.contract, Order(missing), plan.contract.day(moment))
    except PolicyError:
        return None
