"""The life of an invitation: sent, and then accepted, revoked or expired (SEATS 12)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY

LIFE: Final = timedelta(hours=21 * 24)
"""How long an invitation can be accepted. Hours, not days: no clock change shortens or lengthens it."""


class State(StrEnum):
    """What became of an invitation; only a pending one can be accepted."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


def expires(sent: datetime) -> datetime:
    """The moment from which an invitation is refused, in UTC."""
    return sent.astimezone(UTC) + LIFE


def state_at(state: State, expiry: datetime, moment: datetime) -> State:
    """The state at a moment, whether or not anybody has noted yet that it expired."""
    return State.EXPIRED if state is State.PENDING and moment >= expiry else state


@dataclass(frozen=True, slots=True)
class Hold:
    """Seats that can be held, one for each invitation, in their order."""

    tiers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Short:
    """There are too few seats.

    Attributes:
        tier: of which seats can be added to have enough.
        missing: how many.
        free: how many there are.
    """

    tier: str
    missing: int
    free: int


def hold(availability: Availability, wants: str, number: int) -> Hold | Short:
    """Find seats for some invitations, from the highest wanted tier down; all of them, or none.

    Nobody who waits is overtaken: seats that somebody waits for are not free.

    Args:
        wants: a tier's name, or `any`.

    Raises:
        PolicyError: the organization has no such tier.
    """
    tried = availability.wanted(wants)
    found: list[str] = []
    for seats in tried:
        found += [seats.tier.name] * min(_open(availability, seats), number - len(found))
    if len(found) < number:
        return Short(tried[-1].tier.name if wants == ANY else wants, number - len(found), len(found))
    return Hold(tuple(found))


def _open(availability: Availability, seats: TierSeats) -> int:
    return max(seats.free - availability.wanting(seats), 0)
