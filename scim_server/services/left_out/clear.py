"""Buys the missing seats and lets in everyone who is left out, or computes what that would do (SEATS 32)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from scim_server.services.billing import purchases
from scim_server.services.billing.purchases import Purchase, Request
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.entitlements import better_tier
from scim_server.services.left_out import many
from scim_server.services.left_out.cases import Case, Kind, cases
from scim_server.services.left_out.everyone import Everyone, everyone
from scim_server.services.left_out.let_in import Attempt, Retried
from scim_server.services.lists import Reference
from scim_server.services.seats import gate, queue
from scim_server.store.database.session import Actor, Read, Write
from scim_server.store.rows import events, members, organizations, seats
from scim_server.store.rows.events import Promoted
from scim_server.store.rows.members import InQueue
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal
from seat_policy.availability import Availability
from seat_policy.bill import Order
from seat_policy.clearing import Served, serve_all
from seat_policy.mapping import Entitlement
from seat_policy.rearrangement import Candidate
from seat_policy.roles import Role
from seat_policy.seat_state import Unseated
from seat_policy.waitlist import next_promotion_of_all


@dataclass(frozen=True, slots=True)
class Cleared:
    """The result of buying seats for all people who are left out, or of its preview.

    Attributes:
        order: the missing seats.
        purchase: the purchase; None if no seats were missing.
        retried: the refused people, in the order of their refusals.
        let_in: people who waited or wanted a better tier, and got a seat.
        preview: whether everything was rolled back.
    """

    order: Order
    purchase: Purchase | None
    retried: tuple[Retried, ...]
    let_in: tuple[Promoted, ...] = ()
    preview: bool = False

    @property
    def promoted(self) -> int:
        """How many people who waited or wanted a better tier got a seat."""
        return len(self.let_in)


def clear(write: Write, request: Request, chosen: Collection[int]) -> Cleared:
    """Buy the missing seats and give them first to waiting people, then to refused people.

    Args:
        request: the options of the purchase; the missing seats replace its order.
        chosen: numbers of older refusals to include; recent refusals are always included.

    Raises:
        NobodyLeftOut, NoSeatGiven, UnknownRefusal, ServiceError: as for `foresee`.
    """
    found = everyone(write, write.moment, chosen, documents=True)
    gate.require_grants(write, write.moment)
    better_tier.queue(write, found.better)
    bought, mark = None, write.last_number
    if found.order.adds:
        request = Request(found.order, key=request.key)
        bought = purchases.place(write, request, partial(_serve, found=found))
        mark = write.last_number
    elif found.better:
        _serve(write, found)
    done = many.let_all_in(write, found.in_turn)
    outcomes = tuple(done[one.sequence] for one in found.refused)
    let_in = () if bought is None else bought.let_in
    return Cleared(found.order, bought, outcomes, (*let_in, *events.promoted_since(write, mark)))


def _serve(write: Write, found: Everyone) -> int:
    """Give all waiting people the seats bought for them; return how many got one."""
    promoted, kept_free = 0, found.kept_free
    while (step := next_promotion_of_all(seats.availability(write), kept_free)) is not None:
        promoted += seats.promote(write, step)
    return promoted + queue.move(write)  # These are people who wait for each other's seats.


def foresee(read: Read, moment: datetime, actor: Actor, chosen: Collection[int]) -> Cleared:
    """Compute what `clear` would do, without doing it: the bill, and who gets which seat.

    Args:
        actor: the buyer.

    Raises:
        NobodyLeftOut: nobody is left out.
        NoSeatGiven: no seats are assigned now.
        UnknownRefusal: a chosen refusal is not open.
        ServiceError: the missing seats cannot be bought.
    """
    found = everyone(read, moment, chosen, documents=False)
    gate.require_grants(read, moment)
    order, bought = found.order, None
    let_in: tuple[Promoted, ...] = ()
    priced = purchases.price(read, moment, actor, Request(order)) if order.adds else None
    if priced is not None or found.better:
        before = _with_better_tiers(seats.availability(read), found)
        served, let_in = _served(read, found, before)
        if priced is not None:
            after = served.availability
            bought = Purchase(order, before, after, priced.bill, priced.renewal, let_in=let_in)
    return Cleared(order, bought, tuple(_retried(read, found)), let_in, preview=True)


def _with_better_tiers(availability: Availability, found: Everyone) -> Availability:
    """The seats, where people who want a better tier wait for it."""
    for wants, number in Counter(one.wants for one in found.better).items():
        availability = availability.changed(wants, waiting=number)
    return availability


def _served(read: Read, found: Everyone, availability: Availability) -> tuple[Served, tuple[Promoted, ...]]:
    """The seats that waiting people, and people who want a better tier, would get."""
    better = [
        InQueue(
            one.person.id, one.person.user_name, one.wants, one.tier, gate.priority_of_new_wait(one.person)
        )
        for one in found.better
    ]
    waiting = sorted([*members.in_queue(read), *better], key=lambda one: one.priority)
    for tier, number in found.order.adds.items():
        availability = availability.changed(tier, purchased=number)
    candidates = [Candidate(one.id, one.wants, one.tier, waits=True) for one in waiting]
    served = serve_all(availability, candidates, found.kept_free)
    by_id = {one.id: one for one in waiting}
    let_in = [(by_id[id_], tier) for id_, tier in served.tiers.items()]
    return served, tuple(Promoted(one.id, one.user_name, tier, one.tier) for one, tier in let_in)


def _retried(read: Read, found: Everyone) -> Iterator[Retried]:
    """The results for refused people, for whom enough seats are then free."""
    slug, listed = organizations.get(read).slug, cases(read, found.refused)
    ids = [one.person.id for one in listed if one.kind is Kind.MEMBER and one.person is not None]
    given = entitlements.of_people(read, ids) if ids else {}
    for case in listed:
        refusal = case.refusal
        yield Retried(Reference(slug, refusal.sequence), refusal.user_name, *_outcome(case, given))


def _outcome(case: Case, given: Mapping[str, Entitlement]) -> tuple[Attempt, str | None]:
    match case.kind:
        case Kind.TAKEN:
            return Attempt.FAILED, f"userName '{case.refusal.user_name}' is already taken."
        case Kind.GONE:
            return Attempt.GONE, None
        case Kind.MEMBER if case.person is not None:
            return _of_member(case.person, case.refusal, given[case.person.id])
        case _:
            return Attempt.SEATED, None


def _of_member(person: Person, refusal: Refusal, given: Entitlement) -> tuple[Attempt, str | None]:
    """A member gets the seat that a group gives, if a group still gives one (SEATS 20)."""
    if person.role == Role.PRIMARY_OWNER or person.unseated is not Unseated.AWAITING_GROUP:
        return Attempt.REJECTED, refusal.detail
    return (Attempt.GONE if given.wants is None else Attempt.SEATED), None
