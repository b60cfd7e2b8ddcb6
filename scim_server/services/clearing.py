"""Letting in who was left out: retried, bought seats for, or dismissed (SEATS 31, 32)."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import orjson

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import ScimError
from scim_server.protocol.user import User
from scim_server.services import people, purchases, wishes
from scim_server.services import seats as gate
from scim_server.services.errors import OperatorError
from scim_server.services.left_out import Refused
from scim_server.services.people import Outcome
from scim_server.services.purchases import Purchase
from scim_server.services.schemas import directory_in
from scim_server.store import contracts, events, members, organizations, refusals, seats
from scim_server.store import people as people_store
from scim_server.store.events import Event
from scim_server.store.organizations import Organization
from scim_server.store.people import Person
from scim_server.store.refusals import Refusal
from scim_server.store.session import Actor, Database, Read, Write, timestamp
from seat_policy.availability import Availability
from seat_policy.contract import ANY
from seat_policy.invoices import Order

LONGEST_AGE: Final = timedelta(days=7)
"""Whose provider has not tried for longer is let in only by name: it may have removed them since."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Everybody without the seat they want.

    Attributes:
        waiting: in the order in which they are served.
        rejected: open refusals, the oldest first.
        recent: the numbers of those whose provider tried in the last seven days.
    """

    waiting: tuple[Person, ...]
    rejected: tuple[Refusal, ...]
    recent: frozenset[int]


@dataclass(frozen=True, slots=True)
class Retried:
    """One refused person, tried again.

    Attributes:
        outcome: `seated`, `waiting`, `rejected`, `failed`, or `gone` when nothing was left to do.
        detail: for a new refusal or a failure, why.
    """

    reference: str
    user_name: str | None
    outcome: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Cleared:
    """What buying for everybody did, or would do.

    Attributes:
        order: the seats that were missing.
        purchase: None where none were.
        retried: the refused, in their order; who waited is counted in the purchase.
    """

    order: Order
    purchase: Purchase | None
    retried: tuple[Retried, ...]


def left_out(database: Database, organization: str, *, limit: int = 1000) -> LeftOut:
    """Who waits and who was refused; at most so many of each."""
    with database.read(organization) as read:
        rejected = refusals.to_retry(read, None)[:limit]
        recent = _recent(rejected, timestamp(database.now() - LONGEST_AGE))
        return LeftOut(tuple(members.queue(read, limit)), tuple(rejected), recent)


def _recent(rejected: list[Refusal], since: str) -> frozenset[int]:
    return frozenset(one.sequence for one in rejected if one.last_attempt >= since)


def retry(
    database: Database, organization: Organization, actor: Actor, sequence: int | None
) -> list[Retried]:
    """Try open refusals again, oldest first: one of them, or all that are recent. Each is a transaction.

    Once somebody is refused again, others who want the same are not tried: they would find no more.

    Raises:
        OperatorError: the one named is not open.
    """
    with database.read(organization.id) as read:
        found = refusals.to_retry(read, sequence)
    if sequence is not None and not found:
        raise _unknown(organization, sequence)
    recent = _recent(found, timestamp(database.now() - LONGEST_AGE))
    done: list[Retried] = []
    full: set[str] = set()
    for refusal in found:
        if refusal.wants not in full and (sequence is not None or refusal.sequence in recent):
            done.append(database.write(organization.id, actor, partial(_retried, refusal=refusal)))
            if done[-1].outcome == "rejected":
                full.add(refusal.wants)
    return done


def dismiss(
    database: Database, organization: Organization, actor: Actor, sequence: int, reason: str
) -> Refusal:
    """Close an entry without letting anybody in; a further attempt of the provider opens another.

    Raises:
        OperatorError: it is not open, or no reason is given.
    """
    if not reason.strip():
        raise OperatorError("say why, by --reason: whoever reads the log later will ask")

    def work(write: Write) -> Refusal:
        found = refusals.to_retry(write, sequence)
        if not found:
            raise _unknown(organization, sequence)
        entry = found[0]
        event = Event(
            "person.dismissed",
            person=entry.person,
            reason="dismissed",
            payload={"entry": sequence, "why": reason},
            personal={"userName": entry.user_name},
        )
        refusals.close_entry(write, sequence, events.append(write, event))
        return replace(entry, closed=write.at)

    return database.write(organization.id, actor, work)


def buy(  # noqa: PLR0913 - who, for whom, and how it is confirmed
    database: Database,
    organization: Organization,
    actor: Actor,
    *,
    chosen: Collection[int] = (),
    key: str | None = None,
    confirmation: str | None = None,
    preview: bool = False,
) -> Cleared:
    """Buy the seats that are missing and let everybody in: who waits first, then the refused (SEATS 32).

    Args:
        chosen: numbers of older refusals to include; recent ones are included always.

    Raises:
        Changed: the bill is not the one that was confirmed.
        OperatorError: nobody is left out, or no seat is sold now.
    """

    def work(write: Write) -> Cleared:
        earlier = None if key is None else purchases.earlier(write, key)
        if earlier is not None:
            return Cleared(Order(), earlier, ())
        found = refusals.to_retry(write, None)
        recent = _recent(found, timestamp(write.moment - LONGEST_AGE))
        included = [one for one in found if one.sequence in recent or one.sequence in chosen]
        unknown = sorted(set(chosen) - {one.sequence for one in included})
        if unknown:
            raise _unknown(organization, unknown[0])
        order = _missing(write, included)
        bought = None
        if order.adds:
            request = purchases.Request(order, key=key, confirmation=confirmation)
            bought = _bought_for_all(write, request, included)
        # Those who wait for each other's seats need none that is bought.
        exchanged = wishes.follow(write, organizations.get(write), [])
        # Who takes any seat takes none that is meant for somebody who needs it.
        done = {one.sequence: _retried(write, one) for one in sorted(included, key=_takes_any)}
        retried = tuple(done[one.sequence] for one in included)
        if bought is None and not retried and not exchanged:
            raise OperatorError("nobody is left out: nobody waits, and no recent refusal is open")
        return Cleared(order, bought, retried)

    return database.write(organization.id, actor, work, undo=preview)


def _takes_any(refusal: Refusal) -> bool:
    return refusal.wants == ANY


def _bought_for_all(write: Write, request: purchases.Request, included: list[Refusal]) -> Purchase:
    """Buy seats for everybody: those for people who want one tier are kept from those who take any."""
    kept: Counter[str] = Counter()

    def first() -> int:
        promoted = gate.seat_exact(write)
        wanted = Counter(one.wants for one in included)
        for tier in seats.availability(write).tiers:
            kept[tier.tier.name] = min(wanted[tier.tier.name], tier.free)
            seats.move(write, tier.tier.name, held=kept[tier.tier.name])
        return promoted

    bought = purchases.place_in(write, request, first=first)
    for tier, number in kept.items():
        seats.move(write, tier, held=-number)
    return bought


def _missing(write: Write, included: list[Refusal]) -> Order:
    """The seats by tier without which somebody would stay out; who takes any is counted at the lowest."""
    availability = seats.availability(write)
    wanted = Counter(one.wants for one in included)
    # Who sits and waits for another tier leaves a seat behind.
    leaving = Counter(one.tier for one in members.seated_and_waiting(write))
    missing: dict[str, int] = {}
    free = 0
    for tier in reversed(availability.tiers):
        name = tier.tier.name
        needed = tier.waiting + wanted[name] - tier.free - leaving[name]
        if needed > 0:
            missing[name] = needed
        free += max(-needed, 0)
    anywhere = availability.waiting_any + wanted[ANY] - free
    if anywhere > 0:
        lowest = _lowest_sold(write, availability)
        missing[lowest] = missing.get(lowest, 0) + anywhere
    return Order(missing)


def _lowest_sold(read: Read, availability: Availability) -> str:
    """The lowest tier that has a price; the lowest of all where seats are granted."""
    plan = contracts.get(read)
    names = [tier.tier.name for tier in reversed(availability.tiers)]
    return next((name for name in names if plan is None or name in plan.contract.prices), names[0])


def _unknown(organization: Organization, sequence: int) -> OperatorError:
    return OperatorError(
        f"there is no open refusal {organization.slug}-{sequence}; "
        f"'scim-seats left-out list {organization.slug}' shows them"
    )


def _retried(write: Write, refusal: Refusal) -> Retried:
    reference = f"{organizations.get(write).slug}-{refusal.sequence}"
    # Read again under the clock: the provider may have come first.
    still = refusals.open_entry(write, refusal.user_name_key)
    try:
        outcome = None if still is None else write.attempt(lambda: _let_in(write, still))
    except ScimError as error:
        return Retried(reference, refusal.user_name, "failed", error.detail)
    if outcome is None:
        return Retried(reference, refusal.user_name, "gone")
    if isinstance(outcome, Refused):
        return Retried(reference, refusal.user_name, "rejected", outcome.detail)
    people_store.mark_unconfirmed(write, outcome.person.id)
    return Retried(reference, refusal.user_name, outcome.person.status)


def _let_in(write: Write, refusal: Refusal) -> Outcome | None:
    organization = organizations.get(write)
    directory = directory_in(write, organization)
    reader = directory.user_reader(seats=organization.shows_seats, strict=organization.strict)
    if refusal.person is None:
        document: dict[str, JSON] = orjson.loads(refusal.document or "{}")
        user = User.of({**document, "active": True}, reader.resource_type)
        return people.create_in(write, organization, user, wants=refusal.wants)
    person = people_store.get(write, refusal.person)
    if person is None:
        return None
    if person.active:
        return _seated_by_group(write, organization, person)
    user = User.of({**orjson.loads(person.document), "active": True}, reader.resource_type)
    return people.save_in(write, organization, person, user, wants=refusal.wants)


def _seated_by_group(write: Write, organization: Organization, person: Person) -> Outcome | None:
    """A member who found no seat when a group gave one gets what their groups want for them now."""
    effects = wishes.follow(write, organization, [person.id])
    entry = refusals.open_entry(write, person.user_name_key)
    if entry is not None and any(effect.refused for effect in effects):
        return Refused(f"{organization.slug}-{entry.sequence}", entry.detail)
    now = people_store.get(write, person.id)
    return None if now is None or now.status == "none" else people.Saved(now)
