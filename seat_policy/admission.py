"""The one gate: may this person have a seat now, and what happens if not (SEATS 24, 25)."""

from dataclasses import dataclass
from enum import StrEnum

from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY


class Overflow(StrEnum):
    """What an organization does with those who find no free seat."""

    REJECT = "reject"
    QUEUE = "queue"


class Reason(StrEnum):
    """Why a request was refused."""

    NO_FREE_SEAT = "no_free_seat"
    CONTRACT_INACTIVE = "contract_inactive"
    SUSPENDED = "organization_suspended"


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks for a seat.

    Attributes:
        wants: a tier's name, or `any`.
    """

    wants: str = ANY


@dataclass(frozen=True, slots=True)
class Policy:
    """What bears on admission beside the seats.

    Attributes:
        overflow: the organization's choice.
        standstill: why no seat is given at all now: no term of the contract runs, or the organization is
            suspended (SEATS 10). None where seats are given.
    """

    overflow: Overflow = Overflow.REJECT
    standstill: Reason | None = None


@dataclass(frozen=True, slots=True)
class Admit:
    """A seat of this tier is theirs."""

    tier: str


@dataclass(frozen=True, slots=True)
class Queue:
    """They wait at the tail for this tier, or for `any`."""

    wants: str


@dataclass(frozen=True, slots=True)
class Reject:
    """They get no seat and do not wait.

    Attributes:
        wants: what was asked for.
        reason: why not.
        tried: every tier that was tried, with its numbers, in the order tried.
    """

    wants: str
    reason: Reason
    tried: tuple[TierSeats, ...]


Decision = Admit | Queue | Reject


def decide(request: Request, availability: Availability, policy: Policy) -> Decision:
    """Decide one request.

    A newcomer never overtakes someone who waits for what the newcomer would take: only the seats
    left after everyone who wants that tier or `any` has one are open to newcomers.

    Raises:
        PolicyError: the request names a tier that the organization does not have.
    """
    tried = availability.wanted(request.wants)
    if policy.standstill is not None:
        return Reject(request.wants, policy.standstill, tried)
    for seats in tried:
        if seats.free > availability.wanting(seats):
            return Admit(seats.tier.name)
    if policy.overflow is Overflow.QUEUE:
        return Queue(request.wants)
    return Reject(request.wants, Reason.NO_FREE_SEAT, tried)
