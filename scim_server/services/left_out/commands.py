"""Lets in people who are left out, by a retry or a purchase, or dismisses them (SEATS 31, 32)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from scim_server.history import PersonDismissed
from scim_server.services import confirmations
from scim_server.services.billing import purchases
from scim_server.services.confirmations import Done, Part, Stale, names
from scim_server.services.context import Context
from scim_server.services.errors import ReasonMissing
from scim_server.services.left_out import let_in
from scim_server.services.left_out.let_in import Attempt, Cleared, Retried
from scim_server.services.lists import Reference
from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import events, organizations, refusals
from seat_policy.bill import Order


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
    """A refusal that was closed without giving a seat, or the preview of closing it.

    Attributes:
        preview: whether the change was rolled back.
    """

    reference: Reference
    user_name: str | None
    closed: str
    preview: bool


def retry(context: Context, reference: str | None) -> Attempts:
    """Retry one open refusal, or all recent ones, oldest first. Each retry is a transaction.

    After one person is refused again, other people who want the same tier are not tried, because they would
    find no seat either.

    Raises:
        InvalidReference, UnknownRefusal: the reference is wrong, or the refusal is not open.
    """
    with context.read() as read:
        slug = organizations.get(read).slug
        named = None if reference is None else Reference.parse(slug, reference)
        found = refusals.to_retry(read, None if named is None else named.number)
    if named is not None and not found:
        raise let_in.unknown_refusal(named)
    if named is None:
        lately = let_in.recent(found, timestamp(context.database.now() - let_in.LONGEST_AGE))
        found = [one for one in found if one.sequence in lately]
    tried, left, full = list[Retried](), list[Retried](), set[str]()
    for refusal in found:
        if refusal.wants in full:
            left.append(let_in.not_tried(slug, refusal))
            continue
        tried.append(context.write(partial(let_in.retried, refusal=refusal)))
        if tried[-1].outcome is Attempt.REJECTED:
            full.add(refusal.wants)
    return Attempts(tuple(tried), tuple(left))


def dismiss(context: Context, reference: str, reason: str, *, preview: bool = False) -> Dismissed:
    """Close a refusal without giving a seat. Another attempt of the provider opens a new refusal.

    Raises:
        ReasonMissing: the reason is missing.
        InvalidReference, UnknownRefusal: the reference is wrong, or the refusal is not open.
    """
    if not reason.strip():
        raise ReasonMissing("a reason is needed; it is shown in the log")

    def work(write: Write) -> Dismissed:
        named = Reference.parse(organizations.get(write).slug, reference)
        found = refusals.to_retry(write, named.number)
        if not found:
            raise let_in.unknown_refusal(named)
        entry = found[0]
        event = PersonDismissed(
            person=entry.person,
            reason="dismissed",
            entry=entry.sequence,
            why=reason,
            personal={"userName": entry.user_name},
        )
        refusals.close_entry(write, entry.sequence, events.append(write, event))
        return Dismissed(named, entry.user_name, write.at, preview)

    return context.preview(work) if preview else context.write(work)


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

    def work(write: Write) -> Cleared:
        earlier = None if key is None else purchases.earlier(write, key)
        if earlier is not None:
            return Cleared(Order(), earlier, (), (), preview)
        slug = organizations.get(write).slug
        numbers = {Reference.parse(slug, one).number for one in chosen}
        request = purchases.Request(Order(), key=key)
        return let_in.clear(write, request, numbers, preview=preview)

    return confirmations.carry_out(
        context, "left_out.buy", work, _shows, preview=preview, confirmation=confirmation
    )


def _shows(cleared: Cleared) -> Sequence[Part] | None:
    """The parts of a preview; None if the idempotency key was used before."""
    bought = cleared.purchase
    if bought is not None and bought.repeated:
        return None
    retried = [[str(one.reference), one.user_name, one.outcome] for one in cleared.retried]
    let_in = purchases.names_of(cleared.let_in)
    seated = [*let_in, *(str(one.user_name) for one in cleared.retried if one.outcome is Attempt.SEATED)]
    return (
        Part("the missing seats are", dict(cleared.order.adds), cleared.order.words or "none"),
        Part("the price is", *purchases.price_shown(bought)),
        Part("the people who get in are", [let_in, retried], names(seated)),
    )
