"""The sentence that tells a provider's admin why a person got no seat (DESIGN, wire 3)."""

from collections.abc import Sequence

from scim_server.services import links
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import contracts
from seat_policy.admission import Reason, Reject
from seat_policy.availability import TierSeats


def refusal(write: Write, reject: Reject, reference: str) -> str:
    """The sentence that tells a provider's admin why a person got no seat (DESIGN, wire 3).

    Args:
        reference: of the log entry, such as `acme-12`.
    """
    if reject.reason is not Reason.NO_FREE_SEAT:
        return f"{standstill(write, reject.reason)}. Reference: {reference}"
    # Admins expect the lowest tier first. A tier without seats is left out if there are others.
    tiers = [tier for tier in reversed(reject.tried) if tier.purchased] or reject.tried
    slug = reference.rpartition("-")[0]
    page = f" at {links.console(write.public_url, slug, links.LEFT_OUT)}" if write.public_url else ""
    return f"No free seat: {_use_of(tiers)}. An Owner can add seats{page}. Reference: {reference}"


def standstill(read: Read, reason: Reason) -> str:
    """Why no seats are assigned now, and who can change that."""
    if reason is Reason.SUSPENDED:
        return "No seats are assigned now, because this organization is suspended. The vendor can resume it"
    plan = contracts.get(read)
    if plan is None or plan.ended is None:
        begins = "" if plan is None else f" on {plan.contract.start}"
        return f"No seats are assigned now, because the contract begins{begins}"
    return (
        "No seats are assigned now, because the contract ended on "
        f"{plan.contract.running.last_day}. The vendor can renew it"
    )


def _use_of(tiers: Sequence[TierSeats]) -> str:
    """The use of the seats of some tiers as text. If there are held seats, they are counted separately."""
    if any(tier.held for tier in tiers):
        return " and ".join(f"{_apart(tier)} seats{_waiting(tier)}" for tier in tiers)
    used = " and ".join(
        f"{tier.purchased - tier.free} of {tier.purchased} {tier.tier.name}{_waiting(tier)}" for tier in tiers
    )
    return f"{used} seats are in use"


def _apart(tier: TierSeats) -> str:
    held = f", {tier.held} held" if tier.held else ""
    return f"{tier.purchased - tier.free - tier.held} in use{held} of {tier.purchased} {tier.tier.name}"


def _waiting(tier: TierSeats) -> str:
    return f" ({tier.waiting} waiting)" if tier.waiting else ""
