"""Overflow: policies and ceilings by tier if no seat is free (SEATS 24, 27)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from scim_server.history import OrganizationUpdated
from scim_server.services.errors import BuyNeedsCeiling, BuyNeedsContract, InvalidTier
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import contracts, events, organizations, seats
from seat_policy.overflow import Overflow


@dataclass(frozen=True, slots=True)
class TierOverflow:
    """The policy if no seat of one tier is free.

    Attributes:
        overflow: the policy of the tier; None means the organization's policy.
        ceiling: how many seats may be bought for new people in one term; None means none.
    """

    overflow: Overflow | None
    ceiling: int | None


def by_tier(read: Read) -> dict[str, TierOverflow]:
    """The policy of every tier, lowest tier first."""
    return {tier: TierOverflow(overflow, ceiling) for tier, overflow, ceiling in seats.overflow_by_tier(read)}


def change(write: Write, policies: Mapping[str, Overflow | None], ceilings: Mapping[str, int]) -> None:
    """Set policies or ceilings of tiers. Waiting people keep their places.

    Raises:
        InvalidTier: a tier does not exist.
    """
    before = by_tier(write)
    for tier in (*policies, *ceilings):
        if tier not in before:
            raise InvalidTier(f"this organization has no tier '{tier}'. Its tiers are: {', '.join(before)}")
    changed = {}
    for tier, now in before.items():
        wanted = TierOverflow(policies.get(tier, now.overflow), ceilings.get(tier, now.ceiling))
        if wanted != now:
            seats.choose_overflow(write, tier, wanted.overflow, wanted.ceiling)
            changed[tier] = {"overflow": wanted.overflow, "ceiling": wanted.ceiling}
    if changed:
        events.append(write, OrganizationUpdated(changes={"tiers": changed}))


def check_ceilings(write: Write) -> None:
    """Refuse a ceiling for a tier without a price.

    Raises:
        BuyNeedsContract: the organization has no contract, or the contract has no price for the tier.
    """
    plan = contracts.get(write)
    for tier, one in by_tier(write).items():
        if one.ceiling and (plan is None or tier not in plan.contract.prices):
            raise BuyNeedsContract(
                f"{tier} seats cannot be bought, because the organization has no contract with a "
                "price for them"
            )


def check(write: Write) -> None:
    """Refuse settings with which the policy `buy` could never buy a seat.

    If a tier has its own policy `buy`, it needs a ceiling for this tier. If the organization's policy is
    `buy`, at least one tier without its own policy needs a ceiling. People who accept any tier then get this
    tier, and requests for other tiers wait.

    Raises:
        BuyNeedsContract, BuyNeedsCeiling: the contract or the ceiling is missing.
    """
    tiers = by_tier(write)
    plan = contracts.get(write)
    signed = plan is not None and plan.ended is None
    following = [tier for tier, one in tiers.items() if one.overflow is None]
    groups = [[tier] for tier, one in tiers.items() if one.overflow is Overflow.BUY]
    if organizations.get(write).overflow is Overflow.BUY and following:
        groups.append(following)
    for names in groups:
        if not signed or not any(tiers[tier].ceiling for tier in names):
            _refuse(names, signed=signed)
    check_ceilings(write)


def _refuse(tiers: Sequence[str], *, signed: bool) -> NoReturn:
    named = " or ".join(tiers)
    if not signed:
        raise BuyNeedsContract(
            f"'buy' needs a contract with a price for {named} seats, and a ceiling, which limits "
            "how many of them may be bought in one term. Without both, no seat can ever be bought"
        )
    raise BuyNeedsCeiling(
        f"'buy' needs a ceiling for {named} seats, which limits how many may be bought in one "
        "term. Without a ceiling, no seat can ever be bought"
    )
