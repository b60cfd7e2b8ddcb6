"""The one gate: whether a person may have a seat now, and what happens if not (SEATS 24, 25)."""

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
    """One person's request for a seat.

    Attributes:
        wants: the name of a tier, or `any`.
        keeps: the tier of the person's present seat, which is kept until the wanted seat is free; None
            without a seat.
    """

    wants: str = ANY
    keeps: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that decide about admission, besides the seats.

    Attributes:
        overflow: the organization's policy if no seat is free.
        standstill: why no seats are assigned now: the contract has no current term, or the organization is
            suspended (SEATS 10); None if seats are assigned.
    """

    overflow: Overflow = Overflow.REJECT
    standstill: Reason | None = None


@dataclass(frozen=True, slots=True)
class Admit:
    """The person gets a seat of this tier.

    Attributes:
        waits_for: the higher tier that the person wanted and still waits for (SEATS 26).
        bought: whether the seat does not exist yet and is bought for the person (SEATS 27).
    """

    tier: str
    waits_for: str | None = None
    bought: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """The person waits at the end of the queue for this tier or for `any`, and keeps the present seat."""

    wants: str


@dataclass(frozen=True, slots=True)
class Reject:
    """The person gets no seat and does not wait.

    Attributes:
        wants: the requested tier, or `any`.
        reason: why the request is refused.
        tried: every tier that was tried, in order, with its numbers.
    """

    wants: str
    reason: Reason
    tried: tuple[TierSeats, ...]


Decision = Admit | Queue | Reject


def decide(request: Request, availability: Availability, policy: Policy) -> Decision:
    """Decide one request.

    A new person never overtakes a waiting person who would take the same seat. A new person may take a seat
    only if more seats are free than people wait for, for that tier or for `any`.

    Raises:
        PolicyError: the organization does not have the requested tier.
    """
    tried = availability.wanted(request.wants)
    free = _free(request, availability, policy.standstill)
    if free is not None:
        return free
    match _overflow_of(request, availability, policy):
        case Overflow.REJECT:
            return Reject(request.wants, Reason.NO_FREE_SEAT, tried)
        case Overflow.QUEUE:
            return Queue(request.wants)
        case Overflow.FALLBACK:
            return _fall_back(request, availability)
        case Overflow.BUY:
            return _buy(request, tried)


def decide_asked(
    request: Request, availability: Availability, standstill: Reason | None, *, buys: bool
) -> Admit | Reject:
    """Decide a request that a person made: a seat now, or none. The person is never put in the queue.

    As for new people, a free seat for which other people wait is not given.

    Args:
        buys: whether a seat may be bought, up to the ceiling of its tier.

    Raises:
        PolicyError: the organization does not have the requested tier.
    """
    tried = availability.wanted(request.wants)
    free = _free(request, availability, standstill)
    if free is not None:
        return free
    bought = _buy(request, tried) if buys else None
    return bought if isinstance(bought, Admit) else Reject(request.wants, Reason.NO_FREE_SEAT, tried)


def _free(request: Request, availability: Availability, standstill: Reason | None) -> Admit | Reject | None:
    """A free seat that nobody waits for; a refusal while no seats are assigned; None if no seat is free."""
    tried = availability.wanted(request.wants)
    if standstill is not None:
        return Reject(request.wants, standstill, tried)
    for seats in tried:
        if availability.open_to_new_people(seats):
            return Admit(seats.tier.name)
    return None


def after(availability: Availability, request: Request, decision: Decision) -> Availability:
    """The seats after a decision is carried out. A seat that the person had before is free again."""
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
    """A seat of a lower tier while the person waits for the wanted tier. A person with a seat keeps it."""
    if request.wants != ANY and request.keeps is None:
        for seats in availability.below(request.wants):
            if availability.open_to_new_people(seats):
                return Admit(seats.tier.name, waits_for=request.wants)
    return Queue(request.wants)


def _buy(request: Request, tried: tuple[TierSeats, ...]) -> Admit | Queue:
    """A bought seat of the wanted tier; for `any`, a seat of the lowest tier that may still be bought."""
    for seats in reversed(tried):
        if seats.buyable > 0:
            return Admit(seats.tier.name, bought=True)
    return Queue(request.wants)
