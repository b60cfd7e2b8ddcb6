"""How many seats the next term has (SEATS 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from seat_policy.availability import Availability
from seat_policy.contract import Contract, Renewal


@dataclass(frozen=True, slots=True)
class TierRenewal:
    """The renewal of one tier.

    Attributes:
        purchased: the seats of the term that ends.
        in_use: the assigned and held seats; nobody loses a seat in a renewal.
        scheduled: the number that an Owner scheduled; None if there is none.
        renewed: the seats of the next term.
        padding: how many of the renewed seats are only needed to reach the minimum of the contract.
        billed: how many of the renewed seats were billed before the term begins.
    """

    tier: str
    purchased: int
    in_use: int
    scheduled: int | None
    renewed: int
    padding: int = 0
    billed: int = 0

    @property
    def clamped(self) -> bool:
        """Whether fewer seats were scheduled than are in use."""
        return self.scheduled is not None and self.scheduled < self.in_use


def renewed_seats(
    availability: Availability,
    contract: Contract,
    scheduled: Mapping[str, int],
    billed: Mapping[str, int] | None = None,
) -> tuple[TierRenewal, ...]:
    """The seats of the next term by tier, lowest tier first.

    Args:
        scheduled: the numbers that an Owner scheduled; a number above the purchased seats means all of them,
            because a later upgrade may have reduced the purchased seats.
        billed: the seats of the next term that are already billed; at least this number is renewed.
    """
    paid = billed or {}
    tiers = []
    for seats in reversed(availability.tiers):
        in_use = seats.assigned + seats.held
        name = seats.tier.name
        wanted = scheduled.get(name)
        usual = in_use if contract.renewal is Renewal.IN_USE else seats.purchased
        base = usual if wanted is None else min(wanted, seats.purchased)
        renewed = max(base, in_use, paid.get(name, 0))
        tiers.append(TierRenewal(name, seats.purchased, in_use, wanted, renewed, billed=paid.get(name, 0)))
    missing = contract.minimum - sum(tier.renewed for tier in tiers)
    if missing > 0:
        tiers[0] = replace(tiers[0], renewed=tiers[0].renewed + missing, padding=missing)
    return tuple(tiers)
