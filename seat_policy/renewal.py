"""How many seats the next term has (SEATS 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from seat_policy.availability import Availability
from seat_policy.contract import Contract, Renewal


@dataclass(frozen=True, slots=True)
class TierRenewal:
    """What becomes of one tier.

    Attributes:
        purchased: seats of the term that ends.
        in_use: assigned and held: nobody loses their seat by a renewal.
        scheduled: what an Owner asked for; None where nothing was.
        renewed: seats of the next term.
        padding: how many of those are there for the contract's minimum.
        billed: how many of those were billed ahead of its beginning.
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
        """Whether less was asked for than is in use."""
        return self.scheduled is not None and self.scheduled < self.in_use


def renewed_seats(
    availability: Availability,
    contract: Contract,
    scheduled: Mapping[str, int],
    billed: Mapping[str, int] | None = None,
) -> tuple[TierRenewal, ...]:
    """The seats of the next term by tier, the lowest rank first.

    Args:
        scheduled: what an Owner asked for; a wish for more than there are counts as for all of them,
            because an upgrade since may have left fewer.
        billed: seats of the next term that are paid for already: no fewer are renewed.
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
