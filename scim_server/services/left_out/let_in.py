"""Letting in who was left out: retried, bought seats for, or dismissed (SEATS 31, 32)."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import orjson

from scim_server.history import PersonDismissed
from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import ScimError
from scim_server.protocol.user import User
from scim_server.services.billing import purchases
from scim_server.services.billing.purchases import Purchase
from scim_server.services.entitlements import apply as wishes
from scim_server.services.errors import OperatorError
from scim_server.services.invoicing import missing_seats as shortfall
from scim_server.services.people import provision as people
from scim_server.services.people.provision import Outcome
from scim_server.services.scim.schemas import directory_in
from scim_server.services.seats import gate
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import Actor, Database, Write, timestamp
from scim_server.store.rows import contracts, events, members, organizations, refusals, seats
from scim_server.store.rows import people as people_store
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal
from seat_policy.contract import ANY
from seat_policy.invoices import Order
from seat_policy.shortfall import LeftOut as Lacking
from seat_policy.shortfall import missing_seats
from seat_policy.waitlist import next_promotion_of_all

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
        outcome: `seated`, `waiting`, `rejected`, `failed`, `not_tried`, or `gone` when nothing was
            left to do.
        detail: for a new refusal or a failure, or who was not tried, why.
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

    Once somebody is refused again, others who want the same are `not_tried`: they would find no more.

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
        if sequence is None and refusal.sequence not in recent:
            continue
        if refusal.wants in full:
            done.append(_not_tried(organization, refusal))
            continue
        done.append(database.write(organization.id, actor, partial(_retried, refusal=refusal)))
        if done[-1].outcome == "rejected":
            full.add(refusal.wants)
    return done


def _not_tried(organization: Organization, refusal: Refusal) -> Retried:
    seat = "seat" if refusal.wants == ANY else f"{refusal.wants} seat"
    reference = f"{organization.slug}-{refusal.sequence}"
    return Retried(reference, refusal.user_name, "not_tried", f"no {seat} for somebody before them")


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
        event = PersonDismissed(
            person=entry.person,
            reason="dismissed",
            entry=sequence,
            why=reason,
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
            bought = purchases.place_in(write, request, partial(_serve, refused=included))
        # Who wants one tier comes first: who takes any would take the seat that was bought for them.
        done = {one.sequence: _retried(write, one) for one in sorted(included, key=_takes_any)}
        retried = tuple(done[one.sequence] for one in included)
        if bought is None and not retried:
            raise OperatorError("nobody is left out: nobody waits, and no recent refusal is open")
        return Cleared(order, bought, retried)

    return database.write(organization.id, actor, work, undo=preview)


def _missing(write: Write, included: list[Refusal]) -> Order:
    """The seats by tier without which somebody would stay out; who takes any is counted at the cheapest."""
    left_out = members.waiting(write) + Counter(Lacking(one.wants) for one in included)
    availability = seats.availability(write)
    cheapest = shortfall.cheapest(contracts.get(write), availability)
    return Order(missing_seats(availability, left_out, cheapest))


def _serve(write: Write, refused: list[Refusal]) -> int:
    """Seat everybody who waits on the seats that were bought for them and the refused; returns how many."""
    before, reserved = write.clock.sequence, Counter(one.wants for one in refused)
    while (step := next_promotion_of_all(seats.availability(write), reserved)) is not None:
        seats.promote(write, step)
    gate.move_queue(write)  # those who wait for each other's seats
    return write.clock.sequence - before


def _takes_any(refusal: Refusal) -> bool:
    return refusal.wants == ANY


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
        return _follow_groups(write, organization, person)
    user = User.of({**orjson.loads(person.document), "active": True}, reader.resource_type)
    return people.save_in(write, organization, person, user, wants=refusal.wants)


def _follow_groups(write: Write, organization: Organization, person: Person) -> Outcome | None:
    """Let in a member who was refused the seat that a group gives them, if one still gives it (SEATS 20)."""
    wishes.follow(write, organization, [person.id])
    still = refusals.open_entry(write, person.user_name_key)
    if still is not None:
        return Refused(f"{organization.slug}-{still.sequence}", still.detail, still.reason)
    after = people_store.get(write, person.id)
    return None if after is None or after.status == "none" else people.Saved(after)
