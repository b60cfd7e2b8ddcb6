"""Removals of many people: listed, confirmed, or undone (SEATS 34)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from scim_server.history import RemovalConfirmed, RemovalRestored
from scim_server.services.billing import purchases
from scim_server.services.billing.purchases import Purchase
from scim_server.services.errors import OperatorError
from scim_server.services.removals import restore as returning
from scim_server.services.removals.restore import Leaver, Returned
from scim_server.services.seats import gate
from scim_server.store.database.session import Actor, Database, Read, Write
from scim_server.store.rows import departures, events, organizations, seats
from scim_server.store.rows.departures import CONFIRMED, OPEN, RESTORED, Departure, Removal
from scim_server.store.rows.organizations import Organization
from seat_policy.invoices import Order
from seat_policy.removal import Source

_STATES: Final = {RemovalConfirmed: CONFIRMED, RemovalRestored: RESTORED}
"""What a mass removal is after the event that ends it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A removal and who left in it.

    Attributes:
        people: in the order in which they left.
        back: the ids of those who are back, or whose name somebody else has by now.
    """

    removal: Removal
    people: tuple[Departure, ...]
    back: frozenset[str]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What confirming did.

    Attributes:
        freed: seats that were held, by tier.
        promoted: how many who waited got one.
    """

    removal: Removal
    freed: dict[str, int]
    promoted: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What undoing a removal did, or would do.

    Attributes:
        people: everybody who had left and was not back.
        order: the seats that were missing and are bought.
        purchase: None where none were.
    """

    removal: Removal
    people: tuple[Returned, ...]
    order: Order
    purchase: Purchase | None


def every(database: Database, organization: str, *, limit: int = 100) -> list[Told]:
    """Removals, the newest first."""
    with database.read(organization) as read:
        return [_told(read, removal) for removal in departures.every(read, limit)]


def show(database: Database, organization: Organization, number: int) -> Told:
    """One removal.

    Raises:
        OperatorError: there is none of that number.
    """
    with database.read(organization.id) as read:
        return _told(read, _existing(read, organization, number))


def _told(read: Read, removal: Removal) -> Told:
    people = departures.of_removal(read, removal.id)
    back = frozenset(one.person for one in people) - returning.away(read, people)
    return Told(removal, tuple(people), back)


def _existing(read: Read, organization: Organization, number: int) -> Removal:
    found = departures.get(read, number)
    if found is None:
        raise OperatorError(
            f"there is no removal {organization.slug}-{number}; "
            f"'scim-seats removals list {organization.slug}' shows them"
        )
    return found


def _open(write: Write, number: int) -> Removal:
    organization = organizations.get(write)
    found = _existing(write, organization, number)
    if found.state != OPEN:
        raise OperatorError(f"the removal {organization.slug}-{number} was {found.state} before")
    return found


def confirm(database: Database, organization: str, actor: Actor, number: int) -> Confirmed:
    """It was meant: the seats that were held go to the queue, and what was kept is forgotten.

    Raises:
        OperatorError: there is no such removal, or it is not open any more.
    """

    def work(write: Write) -> Confirmed:
        _open(write, number)
        freed = _close(write, number, RemovalConfirmed, {})
        promoted = gate.move_queue(write)
        return Confirmed(_existing(write, organizations.get(write), number), freed, promoted)

    return database.write(organization, actor, work)


def _close(
    write: Write, number: int, ended: type[RemovalConfirmed | RemovalRestored], used: dict[str, int]
) -> dict[str, int]:
    """Close a removal; who comes back takes their held seats, the others are freed, and counted here."""
    held = departures.close(write, number, _STATES[ended])
    freed = {tier: count - used.get(tier, 0) for tier, count in held.items() if count > used.get(tier, 0)}
    for tier, count in freed.items():
        seats.move(write, tier, held=-count)
    deltas = {tier: (0, 0, -count) for tier, count in freed.items()}
    events.append(write, ended(seats=deltas, removal=number))
    return freed


def restore(  # noqa: PLR0913 - who, where, which, and how it is paid and confirmed
    database: Database,
    organization: str,
    actor: Actor,
    number: int,
    *,
    buys: bool = True,
    key: str | None = None,
    confirmation: str | None = None,
    preview: bool = False,
) -> Restored:
    """Undo a removal: everybody who left gets back what they had; nobody who has a seat now loses it.

    Seats that have gone to others meanwhile are missing.

    Args:
        buys: buy the missing seats, for those who come back; else who finds none is waiting or refused, as
            the overflow policy says.
        key: idempotency key of the purchase.
        confirmation: of the preview that the buyer saw; None if the caller needs none.
        preview: do it, read the outcome, and undo it.

    Raises:
        Changed: the bill is not the one that was confirmed.
        OperatorError: there is no such removal, it is not open any more, or no seat is given or sold now.
    """

    def work(write: Write) -> Restored:
        settings = organizations.get(write)
        earlier = None if key is None else purchases.earlier(write, key)
        if earlier is not None:
            return Restored(_existing(write, settings, number), (), Order(), earlier)
        _open(write, number)
        gate.require_grants(write)
        return _restored(
            write, settings, number, purchases.Request(Order(), (), None, key, confirmation), buys=buys
        )

    return database.write(organization, actor, work, undo=preview)


def _restored(
    write: Write, organization: Organization, number: int, request: purchases.Request, *, buys: bool
) -> Restored:
    """Undo an open removal; the request is of the seats that turn out to be missing."""
    left = returning.leavers(write, organization, departures.of_removal(write, number))
    _close(write, number, RemovalRestored, returning.held(left))
    listed = returning.with_sources(write, left)
    certain = [one for one in listed if buys or one.source is not Source.MISSING]
    order, bought = returning.missing(certain), None
    if order.adds:
        request = replace(request, order=order)
        bought = purchases.place_in(write, request, lambda _: _admit(write, number, certain))
    else:
        _admit(write, number, certain)
    asked = [one for one in listed if not buys and one.source is Source.MISSING]
    returning.rejoin(write, organization, [*certain, *returning.ask(write, organization, number, asked)])
    gate.move_queue(write)
    people = returning.told(write, listed)
    return Restored(_existing(write, organization, number), people, order, bought)


def _admit(write: Write, number: int, certain: Sequence[Leaver]) -> int:
    """Bring them back before the queue moves: the seats are theirs. Who else got one, is counted."""
    returning.admit(write, number, certain)
    return gate.move_queue(write)
