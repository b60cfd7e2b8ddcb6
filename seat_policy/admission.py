"""The one gate: may this person have a seat now, and what happens if not (SEATS 24, 25)."""

from dataclasses import dataclass
from enum import StrEnum

from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY
from seat_policy.overflow import Overflow


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
        keeps: the tier they sit on and keep until they have the one they want; None if they have none.
    """

    wants: str = ANY
    keeps: str | None = None


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
    """A seat of this tier is theirs.

    Attributes:
        waits_for: the higher tier they wanted and go on waiting for (SEATS 26).
        bought: whether the seat is not there yet and is bought for them (SEATS 27).
    """

    tier: str
    waits_for: str | None = None
    bought: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """They wait at the tail for this tier, or for `any`, and keep the seat they have, if they have one."""

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
        if availability.open_to_newcomers(seats):
            return Admit(seats.tier.name)
    match _overflow_of(request, availability, policy):
        case Overflow.REJECT:
            return Reject(request.wants, Reason.NO_FREE_SEAT, tried)
        case Overflow.QUEUE:
            return Queue(request.wants)
        case Overflow.FALLBACK:
            return _fall_back(request, availability)
        case Overflow.BUY:
            return _buy(request, tried)


def after(availability: Availability, request: Request, decision: Decision) -> Availability:
    """The seats once a decision is carried out: who sat elsewhere gives that seat back."""
    match decision:
        case Admit(tier, waits_for, bought):
            new = int(bought)
            seated = availability.changed(tier, purchased=new, assigned=1, buyable=-new)
            if request.keeps is not None:
                seated = seated.changed(request.keeps, assigned=-1)
            return seated if waits_for is None else seated.with_waiting(waits_for)
        case Queue(wants):
            return availability.with_waiting(wants)
        case Reject():
            return availability


def _overflow_of(request: Request, availability: Availability, policy: Policy) -> Overflow:
    own = None if request.wants == ANY else availability.of(request.wants).overflow
    return own or policy.overflow


def _fall_back(request: Request, availability: Availability) -> Admit | Queue:
    """A seat of a lower tier while they wait for the wanted one; whoever sits already keeps their seat."""
    if request.wants != ANY and request.keeps is None:
        for seats in availability.below(request.wants):
            if availability.open_to_newcomers(seats):
                return Admit(seats.tier.name, waits_for=request.wants)
    return Queue(request.wants)


def _buy(request: Request, tried: tuple[TierSeats, ...]) -> Admit | Queue:
    """A seat of the wanted tier, or of the lowest that may be bought for someone who takes any."""
    for seats in reversed(tried):
        if seats.buyable > 0:
            return Admit(seats.tier.name, bought=True)
    return Queue(request.wants)
