"""Why a seat was not given, in the sentence for a provider's admin (DESIGN, wire 3)."""

from collections.abc import Sequence

from scim_server.store.database.session import Write
from scim_server.store.rows import contracts
from seat_policy.admission import Reason, Reject
from seat_policy.availability import TierSeats


def refusal(write: Write, reject: Reject, reference: str) -> str:
    """The sentence for a provider's admin (DESIGN, wire 3)."""
    if reject.reason is not Reason.NO_FREE_SEAT:
        return f"{standstill(write, reject.reason)}. Reference: {reference}"
    # The lowest tier first, as admins expect; a tier without seats is left out if there are others.
    tiers = [tier for tier in reversed(reject.tried) if tier.purchased] or reject.tried
    return f"No free seat: {_use_of(tiers)}. An Owner can add seats. Reference: {reference}"


def standstill(write: Write, reason: Reason) -> str:
    """Why seats are not given now, and who can change that."""
    if reason is Reason.SUSPENDED:
        return "Seats are not given now: this organization is suspended. The vendor can resume it"
    plan = contracts.get(write)
    if plan is None or plan.ended is None:
        begins = "" if plan is None else f" on {plan.contract.start}"
        return f"Seats are not given now: the contract begins{begins}"
    return (
        f"Seats are not given now: the contract ended on {plan.contract.running.last_day}. "
        "The vendor can renew it"
    )


def _use_of(tiers: Sequence[TierSeats]) -> str:
    """The use of the seats of tiers as text; held seats are counted separately, if there are any."""
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
