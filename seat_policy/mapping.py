"""What membership in groups gives: a tier, a role, a place in the queue (SEATS 19, 20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from seat_policy.contract import ANY, Tier
from seat_policy.roles import Role
from seat_policy.waitlist import DEFAULT_PRIORITY


class Unmapped(StrEnum):
    """What people get who are in no group that gives a tier."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class GroupMapping:
    """What one group gives.

    Attributes:
        tier: None for no say in it; so with the others.
        priority: in the queue; a smaller number is served first.
    """

    tier: str | None = None
    role: Role | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody is to have.

    Attributes:
        wants: a tier's name, or `any`; None for nothing until a group says it.
        role: None where no group gives one.
        mapped: whether a group gives the tier: then it cannot be another by hand (SEATS 21).
    """

    wants: str | None = ANY
    role: Role | None = None
    priority: int = DEFAULT_PRIORITY
    mapped: bool = False


def wish(given: Sequence[GroupMapping], tiers: Sequence[Tier], unmapped: Unmapped | None) -> Wish:
    """The most that somebody's groups give: the highest tier, the most privileged role, the best priority.

    Args:
        given: the mappings of the groups they are in.
        tiers: of the organization.
        unmapped: None where no group of the organization gives a tier.
    """
    rank = {tier.name: tier.rank for tier in tiers}
    mapped = [one.tier for one in given if one.tier in rank]
    roles = [one.role for one in given if one.role is not None]
    priorities = [one.priority for one in given if one.priority is not None]
    return Wish(
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
