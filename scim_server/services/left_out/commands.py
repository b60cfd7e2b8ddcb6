"""Lets in people who are left out, by a retry or a purchase, or dismisses them (SEATS 31, 32)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from scim_server.history import PersonDismissed
from scim_server.services import confirmations
from scim_server.services.billing import purchases
from scim_server.services.billing.due import catch_up
from scim_server.services.confirmations import Done, Part, Stale, names
from scim_server.services.context import Context
from scim_server.services.errors import ReasonMissing
from scim_server.services.left_out import clear, let_in, open_refusals
from scim_server.services.left_out import priority as priorities
from scim_server.services.left_out.clear import Cleared
from scim_server.services.left_out.let_in import Attempt, Retried
from scim_server.services.left_out.open_refusals import Open
from scim_server.services.left_out.priority import Prioritised
from scim_server.services.lists import Reference
from scim_server.store.database.session import Read, Write, clock_in, timestamp
from scim_server.store.rows import events, organizations, refusals
from seat_policy.bill import Order

_BUY: Final = "left_out.buy"
_COUNTED: Final = 2
"""How many parts of the preview of a purchase follow from counts."""

__all__ = [
    "Attempt",
    "Attempts",
    "Cleared",
    "Dismissed",
    "Done",
    "Prioritised",
    "Retried",
    "Stale",
    "buy",
    "dismiss",
    "prioritise",
    "retry",
]


@dataclass(frozen=True, slots=True)
class Attempts:
    """The results of retries, in the order of the refusals.

    Attributes:
        not_tried: refusals that were not retried, because a person before them already found no seat.
    """

    tried: tuple[Retried, ...]
    not_tried: tuple[Retried, ...]


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A refusal that was closed without giving the seat, or the preview of closing it.

    Attributes:
        tier: the tier of the seat that the person keeps; None for a person without a seat.
        preview: whether the change was rolled back.
    """

    reference: Reference
    user_name: str | None
    tier: str | None
    closed: str
    preview: bool


def retry(context: Context, reference: str | None) -> Attempts:
    """Retry one refusal of a seat or of a better tier, or all of them, oldest first.

    Of the refusals of people without a seat, only recent ones are retried without a reference. Each retry is
    a transaction. After one person is refused again, other people who want the same tier are not tried,
    because they would find no seat either.

    Raises:
        InvalidReference, UnknownRefusal: the reference is wrong, or the refusal is not open.
    """
    moment = context.database.now()
    with context.read() as read:
        if reference is None:
            found = open_refusals.every(read, moment)
        else:
            named = Reference.parse(organizations.get(read).slug, reference)
            found = [open_refusals.named(read, moment, named)]
    tried, left, full = list[Retried](), list[Retried](), set[str]()
    for entry in found:
        if entry.wants in full:
            left.append(let_in.not_tried(entry))
            continue
        tried.append(context.write(partial(let_in.retry, entry=entry)))
        if tried[-1].outcome is Attempt.REJECTED:
            full.add(entry.wants)
    return Attempts(tuple(tried), tuple(left))


def dismiss(context: Context, reference: str, reason: str, *, preview: bool = False) -> Dismissed:
    """Close a refusal without giving the seat or the better tier.

    Another attempt of the provider, of the app or by the person's groups opens a new refusal.

    Raises:
        ReasonMissing: the reason is missing.
        InvalidReference, UnknownRefusal: the reference is wrong, or the refusal is not open.
    """
    if not reason.strip():
        raise ReasonMissing("a reason is needed; it is shown in the log")

    if preview:
        moment = context.database.now()
        with context.read() as read:
            entry = _named(read, moment, reference)
        return _dismissed(entry, timestamp(moment), preview=True)

    def work(write: Write) -> Dismissed:
        entry = _named(write, write.moment, reference)
        event = PersonDismissed(
            person=entry.person,
            reason="dismissed",
            entry=entry.reference.number,
            why=reason,
            personal={"userName": entry.user_name},
        )
        number = events.append(write, event)
        if entry.refusal is not None:
            refusals.close_entry(write, entry.reference.number, number)
        return _dismissed(entry, write.at, preview=False)

    return context.write(work)


def _named(read: Read, moment: datetime, reference: str) -> Open:
    return open_refusals.named(read, moment, Reference.parse(organizations.get(read).slug, reference))


def _dismissed(entry: Open, at: str, *, preview: bool) -> Dismissed:
    return Dismissed(entry.reference, entry.user_name, entry.keeps, at, preview)


def prioritise(
    context: Context,
    name: str,
    priority: int,
    *,
    preview: bool = False,
    confirmation: str | None = None,
) -> Done[Prioritised] | Stale:
    """Change the priority of a waiting person for the present wait. A smaller number is served first.

    Args:
        name: the id or userName of the person, or a part of a name that only one person has.
        confirmation: the confirmation code from the preview.

    Raises:
        UnknownPerson, AmbiguousPerson, NotWaiting: nobody who waits has this name.
        InvalidPriority, GivenByGroup, RoleTooLow: the priority cannot be set.
    """
    return confirmations.carry_out(
        context,
        "left_out.prioritise",
        lambda write: priorities.change(write, name, priority, preview=preview),
        _places,
        preview=preview,
        confirmation=confirmation,
    )


def _places(done: Prioritised) -> Sequence[Part]:
    places = [done.before.id, done.after.priority, done.place_before, done.place_after]
    passed = [one.user_name for one in done.passed]
    return (
        Part("the place in the queue is", places, f"{done.place_after} instead of {done.place_before}"),
        Part("the people between are", passed, names(passed)),
    )


def buy(
    context: Context,
    chosen: Collection[str] = (),
    *,
    key: str | None = None,
    confirmation: str | None = None,
    preview: bool = False,
) -> Done[Cleared] | Stale:
    """Buy the missing seats and give them first to waiting people, then to refused people (SEATS 32).

    People who want a better tier than they have are treated as waiting people.

    Args:
        chosen: references of older refusals to include; recent refusals are always included.
        key: idempotency key of the purchase.
        confirmation: the confirmation code from the preview.

    Raises:
        ServiceError: nobody is left out, or seats are not sold now.
    """
    if preview:
        return _foreseen(context, chosen, key)

    def work(write: Write) -> Cleared:
        earlier = None if key is None else purchases.earlier(write, key)
        if earlier is not None:
            return Cleared(Order(), earlier, ())
        numbers = _numbers(write, chosen)
        # What changed is often visible from counts; then the purchase need not be made to be refused.
        seen = clear.foresee(write, write.moment, context.actor, numbers)
        parts = _shows(seen) or ()
        instead = confirmations.foreseen(context, _BUY, seen, parts)
        confirmations.require(context, _BUY, parts[:_COUNTED], confirmation, instead)
        return clear.clear(write, purchases.Request(Order(), key=key), numbers)

    return confirmations.carry_out(context, _BUY, work, _shows, confirmation=confirmation)


def _numbers(read: Read, chosen: Collection[str]) -> set[int]:
    slug = organizations.get(read).slug
    return {Reference.parse(slug, one).number for one in chosen}


def _foreseen(context: Context, chosen: Collection[str], key: str | None) -> Done[Cleared]:
    """The preview of a purchase. It takes no lock, because it computes what the purchase would do."""
    moment = context.database.now()
    with context.read() as read:
        due = clock_in(read).is_due(timestamp(moment))
    if due:
        catch_up(context.database, context.organization)
    with context.read() as read:
        earlier = None if key is None else purchases.earlier(read, key)
        if earlier is not None:
            result = Cleared(Order(), earlier, (), preview=True)
        else:
            result = clear.foresee(read, moment, context.actor, _numbers(read, chosen))
    return confirmations.foreseen(context, _BUY, result, _shows(result))


def _shows(cleared: Cleared) -> Sequence[Part] | None:
    """The parts of a preview, those from counts first; None if the idempotency key was used before."""
    bought = cleared.purchase
    if bought is not None and bought.repeated:
        return None
    seated = {one.reference.number for one in cleared.retried if one.outcome is Attempt.SEATED}
    refused = [str(one.reference) for one in cleared.retried if one.reference.number not in seated]
    people = sorted(
        [
            *purchases.names_of(cleared.let_in),
            *(str(one.user_name) for one in cleared.retried if one.reference.number in seated),
        ]
    )
    return (
        Part("the missing seats are", dict(cleared.order.adds), cleared.order.words or "none"),
        Part("the price is", *purchases.price_shown(bought)),
        Part("the people who get a seat are", [people, refused], names(people)),
    )
