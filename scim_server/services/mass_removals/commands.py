"""Confirm or restore mass removals (SEATS 34)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from scim_server.history import RemovalConfirmed, RemovalRestored
from scim_server.services import confirmations
from scim_server.services.billing import purchases
from scim_server.services.billing.purchases import Purchase
from scim_server.services.confirmations import Done, Part, Stale, names
from scim_server.services.context import Context
from scim_server.services.errors import RemovalClosed
from scim_server.services.lists import Reference
from scim_server.services.mass_removals import restore as restoring
from scim_server.services.mass_removals.queries import existing
from scim_server.services.mass_removals.restore import Restorable, RestoredPerson
from scim_server.services.seats import gate, queue
from scim_server.store.database.session import Write
from scim_server.store.rows import events, organizations, removals, seats
from scim_server.store.rows.events import Promoted
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.removals import Removal, RemovalState
from seat_policy.bill import Order
from seat_policy.mass_removal import Source

__all__ = [
    "Confirmed",
    "Done",
    "Restored",
    "Stale",
    "confirm",
    "restore",
]

_STATES: Final = {RemovalConfirmed: RemovalState.CONFIRMED, RemovalRestored: RemovalState.RESTORED}
"""The state of a mass removal after the event that ends it."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The result of confirming a mass removal, or of its preview.

    Attributes:
        freed: the seats that were held, by tier.
        let_in: waiting people who got one of these seats.
        preview: whether everything was rolled back.
    """

    reference: Reference
    removal: Removal
    freed: dict[str, int]
    let_in: tuple[Promoted, ...]
    preview: bool

    @property
    def promoted(self) -> int:
        """How many waiting people got a seat."""
        return len(self.let_in)


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of restoring a mass removal, or of its preview.

    Attributes:
        people: all removed people who were not back yet.
        order: the missing seats that are bought.
        purchase: the purchase; None if no seats were missing.
        let_in: waiting people who got a seat too.
        preview: whether everything was rolled back.
    """

    reference: Reference
    removal: Removal
    people: tuple[RestoredPerson, ...]
    order: Order
    purchase: Purchase | None
    let_in: tuple[Promoted, ...] = ()
    preview: bool = False


def confirm(
    context: Context, reference: str, *, preview: bool = False, confirmation: str | None = None
) -> Done[Confirmed] | Stale:
    """Confirm that a removal was intended. The queue gets the held seats; the data for restoring is deleted.

    Args:
        confirmation: the confirmation code of a preview; None if the caller needs none.

    Raises:
        InvalidReference, UnknownRemoval, RemovalClosed: no mass removal has this reference, or it is already
            closed.
    """

    def work(write: Write) -> Confirmed:
        named, before = _open(write, reference), write.last_number
        freed = _close(write, named.number, RemovalConfirmed, {})
        queue.move(write)
        let_in = events.promoted_since(write, before)
        return Confirmed(named, existing(write, named), freed, let_in, preview)

    def shows(done: Confirmed) -> Sequence[Part]:
        let_in = purchases.names_of(done.let_in)
        freed = ", ".join(f"{count} {tier}" for tier, count in done.freed.items()) or "none"
        return (
            Part("the removal is", str(done.reference), str(done.reference)),
            Part("the freed seats are", done.freed, freed),
            Part("the people who get a seat are", let_in, names(let_in)),
        )

    return confirmations.carry_out(
        context, "removal.confirm", work, shows, preview=preview, confirmation=confirmation
    )


def _open(write: Write, reference: str) -> Reference:
    named = _named(write, reference)
    found = existing(write, named)
    if found.state is not RemovalState.OPEN:
        raise RemovalClosed(f"the removal {named} was already {found.state}")
    return named


def _named(write: Write, reference: str) -> Reference:
    return Reference.parse(organizations.get(write).slug, reference)


def _close(
    write: Write, number: int, ended: type[RemovalConfirmed | RemovalRestored], used: dict[str, int]
) -> dict[str, int]:
    """Close a removal. People who return get their held seats; the other held seats are freed and counted."""
    held = removals.close(write, number, _STATES[ended])
    freed = {tier: count - used.get(tier, 0) for tier, count in held.items() if count > used.get(tier, 0)}
    for tier, count in freed.items():
        seats.move(write, tier, held=-count)
    deltas = {tier: (0, 0, -count) for tier, count in freed.items()}
    events.append(write, ended(seats=deltas, removal=number))
    return freed


def restore(
    context: Context,
    reference: str,
    *,
    buys: bool = True,
    key: str | None = None,
    confirmation: str | None = None,
    preview: bool = False,
) -> Done[Restored] | Stale:
    """Restore all removed people. Other people who got one of their seats meanwhile keep it.

    For the seats that other people got, new seats are needed.

    Args:
        buys: whether the missing seats are bought for the restored people; if not, people without a seat wait
            or are refused, according to the overflow policy.
        key: idempotency key of the purchase.
        confirmation: the confirmation code of the preview; None if the caller needs none.

    Raises:
        ServiceError: the removal does not exist or is closed, or no seats are assigned or sold now.
    """

    def work(write: Write) -> Restored:
        earlier = None if key is None else purchases.earlier(write, key)
        if earlier is not None:
            named = _named(write, reference)
            return Restored(named, existing(write, named), (), Order(), earlier, (), preview)
        named, before = _open(write, reference), write.last_number
        gate.require_grants(write, write.moment)
        request = purchases.Request(Order(), key=key)
        done = _restored(write, organizations.get(write), named, request, buys=buys)
        return replace(done, let_in=_others(write, before, done), preview=preview)

    return confirmations.carry_out(
        context, "removal.restore", work, _shows, preview=preview, confirmation=confirmation
    )


def _shows(restored: Restored) -> Sequence[Part] | None:
    """The parts of a preview; None if the idempotency key was used before."""
    bought = restored.purchase
    if bought is not None and bought.repeated:
        return None
    back = [[one.person, one.user_name, one.outcome, one.tier] for one in restored.people]
    let_in = purchases.names_of(restored.let_in)
    return (
        Part("the removal is", str(restored.reference), str(restored.reference)),
        Part("the missing seats are", dict(restored.order.adds), restored.order.words or "none"),
        Part("the price is", *purchases.price_shown(bought)),
        Part("the restored people are", back, names([str(one.user_name) for one in restored.people])),
        Part("the other people who get a seat are", let_in, names(let_in)),
    )


def _others(write: Write, before: int, done: Restored) -> tuple[Promoted, ...]:
    """The people who left the queue for a seat, besides the restored people."""
    back = {one.person for one in done.people}
    return tuple(one for one in events.promoted_since(write, before) if one.person not in back)


def _restored(
    write: Write, organization: Organization, named: Reference, request: purchases.Request, *, buys: bool
) -> Restored:
    """Restore the people of an open removal. The missing seats replace the order of the request."""
    number = named.number
    left = restoring.list_restorable(write, organization, removals.people_of(write, number))
    _close(write, number, RemovalRestored, restoring.held(left))
    listed = restoring.with_sources(write, left)
    certain = [one for one in listed if buys or one.source is not Source.MISSING]
    order, bought = restoring.missing(certain), None
    if order.adds:
        request = replace(request, order=order)
        bought = purchases.place(write, request, lambda _: _admit(write, number, certain))
    else:
        _admit(write, number, certain)
    asked = [one for one in listed if not buys and one.source is Source.MISSING]
    restoring.restore_groups(
        write, organization, [*certain, *restoring.ask(write, organization, number, asked)]
    )
    queue.move(write)
    people = restoring.outcomes(write, listed)
    return Restored(named, existing(write, named), people, order, bought)


def _admit(write: Write, number: int, certain: Sequence[Restorable]) -> int:
    """Restore people before the queue moves, because the seats are theirs; return how many others got one."""
    restoring.admit(write, number, certain)
    return queue.move(write)
