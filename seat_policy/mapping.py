"""Entitlements: the tier, role and queue priority that groups give (SEATS 19, 20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from seat_policy.contract import ANY, Tier
from seat_policy.roles import Role
from seat_policy.waitlist import DEFAULT_PRIORITY


class Unmapped(StrEnum):
    """The tier of people whose groups give no tier."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class GroupMapping:
    """What one group gives. None means that the group does not decide this value.

    Attributes:
        priority: the priority in the queue; a smaller number is served first.
    """

    tier: str | None = None
    role: Role | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What all groups of one person give together.

    Attributes:
        wants: the name of a tier, or `any`; None if the person gets no seat until a group gives a tier.
        role: the role; None if no group gives one.
        mapped: whether a group gives the tier; if so, an admin cannot choose another tier (SEATS 21).
    """

    wants: str | None = ANY
    role: Role | None = None
    priority: int = DEFAULT_PRIORITY
    mapped: bool = False


def entitlement(
    given: Sequence[GroupMapping], tiers: Sequence[Tier], unmapped: Unmapped | None
) -> Entitlement:
    """Combine what groups give: the highest tier, the role with the most rights, and the best priority.

    Args:
        given: the mappings of the person's groups.
        tiers: the organization's tiers.
        unmapped: the setting for people whose groups give no tier; None if no group of the organization gives
            a tier.
    """
    rank = {tier.name: tier.rank for tier in tiers}
    mapped = [one.tier for one in given if one.tier in rank]
    roles = [one.role for one in given if one.role is not None]
    priorities = [one.priority for one in given if one.priority is not None]
    return Entitlement(
        wants=max(mapped, key=lambda tier: rank[str(tier)]) if mapped else _unmapped(tiers, unmapped),
        role=max(roles, key=lambda role: role.rank) if roles else None,
        priority=min(priorities, default=DEFAULT_PRIORITY),
        mapped=bool(mapped),
    )


def _unmapped(tiers: Sequence[Tier], unmapped: Unmapped | None) -> str | None:
    if unmapped is Unmapped.NONE:
        return None
    if unmapped is Unmapped.LOWEST:
        return min(tiers, key=lambda tier: tier.rank).name
    return ANY
