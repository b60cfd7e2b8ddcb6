"""Purchases, grants and upgrades of seats, with preview, confirmation, bill and queue (SEATS 3-5).

With a contract, the order is billed in the transaction that adds the seats. Without a contract, the operator
grants the seats, and nothing is owed (SEATS 8).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import orjson

from scim_server.history import SeatsAdded, SeatsUpgraded
from scim_server.services.billing.named_people import Named
from scim_server.services.confirmations import Part, names
from scim_server.services.errors import (
    InvalidDay,
    InvalidKey,
    InvalidOrder,
    InvalidTerms,
    KeyReused,
    NoContract,
    OccupantsNotNamed,
)
from scim_server.services.invoicing import invoices
from scim_server.services.seats import gate, queue
from scim_server.store.database.session import Actor, Read, Write
from scim_server.store.rows import contracts, events, purchases, seats
from scim_server.store.rows import invoices as invoice_store
from scim_server.store.rows.contracts import Plan
from scim_server.store.rows.events import Promoted
from scim_server.store.rows.invoices import Invoice
from scim_server.store.rows.purchases import KeyedPurchase
from seat_policy.availability import Availability
from seat_policy.bill import Bill, Order, Upgrade, more_in_a_term, purchase
from seat_policy.contract import MOST_SEATS, Contract, Renewal
from seat_policy.errors import PolicyError
from seat_policy.money import Money

LONGEST_BACK: Final = timedelta(days=31)
"""How far in the past the day of a purchase may be (SEATS 9)."""
LONGEST_KEY: Final = 255
_SHOWN: Final = ("kind", "tier", "quantity", "unit", "fraction", "net", "tax")


@dataclass(frozen=True, slots=True)
class Request:
    """An order with its options.

    Attributes:
        for_people: the ids or userNames of people who get a seat before the queue moves, or whose seat is
            upgraded.
        on: the day on which the order takes effect; None for today.
        key: the idempotency key; an order that is sent several times with the same key is bought only once.
    """

    order: Order
    for_people: tuple[str, ...] = ()
    on: date | None = None
    key: str | None = None

    @property
    def digest(self) -> str:
        """The digest of the order, which is stored with the key."""
        order = [dict(self.order.adds), [*map(_as_list, self.order.upgrades)]]
        said = [order, list(self.for_people), None if self.on is None else self.on.isoformat()]
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class MoreAtRenewal:
    """What an order adds to the price of the next term.

    Attributes:
        amount: the amount with tax.
        if_in_use: whether only seats that are in use at the renewal are renewed.
    """

    amount: Money
    if_in_use: bool


@dataclass(frozen=True, slots=True)
class Purchase:
    """The result of an order, or of its preview.

    Attributes:
        order: the bought order; if the key was used before, the present order.
        before, after: the seats before and after.
        bill: the bill; None without a contract.
        renewal: what the order adds to the price of the next term; None if there is no next term.
        invoice: the invoice; None without a contract, or if nothing was owed.
        seated: the userNames of people of the order who got a seat.
        moved: the userNames of people of the order whose seat was upgraded.
        let_in: other waiting people who got a seat, in the order of the queue.
        repeated: whether the key was used before; then only the invoice is shown again.
    """

    order: Order
    before: Availability
    after: Availability
    bill: Bill | None = None
    renewal: MoreAtRenewal | None = None
    invoice: Invoice | None = None
    seated: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    let_in: tuple[Promoted, ...] = ()
    repeated: bool = False

    @property
    def promoted(self) -> int:
        """How many waiting people got a seat, besides the people of the order."""
        return len(self.let_in)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the preview, for a confirmation code."""
        let_in = names_of(self.let_in)
        people = [*self.seated, *self.moved, *let_in]
        return (
            Part("the present seats are", _totals(self.before), _in_words(self.before)),
            Part("the price is", priced(self.bill), price_in_words(self.bill)),
            Part("the people who get a seat are", [self.seated, self.moved, let_in], names(people)),
            Part("the seats after the change are", _totals(self.after), _in_words(self.after)),
        )


def place(write: Write, request: Request, serve: Callable[[Write], object] = queue.move) -> Purchase:
    """Buy an order.

    Args:
        serve: a function that gives seats to the waiting people.

    Raises:
        KeyReused: the key was used for another order.
        NoSeatGiven, NoContract, ServiceError: as for `price`.
    """
    if request.key is not None:
        repeated = _repeated(write, request, request.key)
        if repeated is not None:
            return repeated
    order = price(write, write.moment, write.actor, request)
    _add(write, request.order)
    sequence, invoice = _record(write, order.plan, order.bill, request.order)
    if request.key is not None:
        number = None if invoice is None else invoice.number
        purchases.add(write, KeyedPurchase(request.key, request.digest, sequence, number))
    named = Named(write, request.order)
    for name in request.for_people:
        named.place(name)
    _convert(write, request.order)
    mark = write.last_number
    serve(write)
    return Purchase(
        order=request.order,
        before=order.before,
        after=seats.availability(write),
        bill=order.bill,
        renewal=order.renewal,
        invoice=invoice,
        seated=tuple(named.seated),
        moved=tuple(named.moved),
        let_in=events.promoted_since(write, mark),
    )


@dataclass(frozen=True, slots=True)
class Priced:
    """An order that can be carried out now, with its price.

    Attributes:
        plan: the contract; None if the seats are granted.
        before: the present seats.
        bill: the bill; None without a contract.
    """

    plan: Plan | None
    before: Availability
    bill: Bill | None
    renewal: MoreAtRenewal | None = None


def price(read: Read, moment: datetime, actor: Actor, request: Request) -> Priced:
    """Check and price an order, without changing anything.

    Raises:
        NoSeatGiven: no seats are assigned now.
        NoContract: an Owner wants to add seats, but nothing says what they cost. Only the operator grants.
        ServiceError: the order cannot be carried out.
    """
    gate.require_grants(read, moment)
    plan, before = contracts.get(read), seats.availability(read)
    _check(request, before)
    if plan is None and actor.person is not None:
        raise NoContract("without a contract, the vendor grants the seats of this organization")
    if plan is None and request.on is not None:
        raise InvalidDay("granted seats take effect now, so a day is possible only with a contract")
    if plan is None:
        return Priced(plan, before, None)
    bill = _bill(plan, request, plan.contract.day(moment))
    return Priced(plan, before, bill, _at_renewal(plan.contract, request.order))


def _at_renewal(contract: Contract, order: Order) -> MoreAtRenewal | None:
    if not contract.auto_renew:
        return None
    return MoreAtRenewal(more_in_a_term(contract, order), contract.renewal is Renewal.IN_USE)


def _repeated(write: Write, request: Request, key: str) -> Purchase | None:
    if not key.strip() or len(key) > LONGEST_KEY:
        raise InvalidKey(f"an idempotency key must have 1 to {LONGEST_KEY} characters, not '{key[:40]}'")
    earlier = purchases.by_key(write, key)
    if earlier is None:
        return None
    if earlier.digest != request.digest:
        raise KeyReused(f"the key '{key}' was used for another order. Use a new key for a new purchase")
    return replace(_shown_again(write, earlier), order=request.order)


def earlier(read: Read, key: str) -> Purchase | None:
    """The earlier purchase of a key, of any order."""
    found = purchases.by_key(read, key)
    return None if found is None else _shown_again(read, found)


def _shown_again(read: Read, bought: KeyedPurchase) -> Purchase:
    now = seats.availability(read)
    invoice = None if bought.invoice is None else invoice_store.get(read, bought.invoice)
    return Purchase(Order(), now, now, invoice=invoice, repeated=True)


def _check(request: Request, before: Availability) -> None:
    order = request.order
    if not order.adds and not order.upgrades:
        raise InvalidOrder("nothing is ordered; give seats to add, such as standard=5, or to upgrade")
    for tier, quantity in order.adds.items():
        if quantity <= 0:
            raise InvalidOrder(
                f"the number of added seats must be a whole number above 0, not {quantity} ({tier})"
            )
    for upgrade in order.upgrades:
        _check_upgrade(upgrade, before, order)
    for tier, change in _changes(order).items():
        if gate.of_tier(before, tier).purchased + change > MOST_SEATS:
            raise InvalidOrder(f"too many {tier} seats: the maximum is {MOST_SEATS}")
    if len(request.for_people) > sum(order.adds.values()) + sum(one.quantity for one in order.upgrades):
        raise InvalidOrder("the order contains more people than seats")


def _check_upgrade(upgrade: Upgrade, before: Availability, order: Order) -> None:
    source, target = gate.of_tier(before, upgrade.source), gate.of_tier(before, upgrade.target)
    if source.tier.rank >= target.tier.rank:
        raise InvalidOrder(f"{upgrade.source} seats cannot be upgraded to {upgrade.target}")
    together = sum(one.quantity for one in order.upgrades if one.source == upgrade.source)
    if not upgrade.quantity > 0 or together > source.purchased:
        raise InvalidOrder(
            f"{together} {upgrade.source} {'seat' if together == 1 else 'seats'} cannot be upgraded: "
            f"there are {source.purchased}"
        )


def _changes(order: Order) -> dict[str, int]:
    """How many seats each tier gains or loses."""
    changes = dict(order.adds)
    for upgrade in order.upgrades:
        changes[upgrade.target] = changes.get(upgrade.target, 0) + upgrade.quantity
        changes[upgrade.source] = changes.get(upgrade.source, 0) - upgrade.quantity
    return changes


def _bill(plan: Plan, request: Request, today: date) -> Bill:
    day = request.on or today
    if day > today:
        raise InvalidDay(
            f"{day} is in the future. Seats are bought for today ({today}) or for a day up to 31 days ago"
        )
    if day < today - LONGEST_BACK:
        raise InvalidDay(f"{day} is too long ago. The earliest day is {today - LONGEST_BACK}")
    try:
        return purchase(plan.contract, request.order, day)
    except PolicyError as error:
        raise InvalidTerms(str(error)) from None


def price_shown(bought: Purchase | None) -> tuple[object, str]:
    """The price of a purchase as a part of a preview, with all values and a short text."""
    bill = None if bought is None else bought.bill
    return priced(bill), price_in_words(bill)


def names_of(people: Sequence[Promoted]) -> list[str]:
    """The userNames of people who left the queue, for a preview."""
    return [str(one.user_name) for one in people]


def _totals(availability: Availability) -> list[list[object]]:
    return [[tier.tier.name, tier.purchased] for tier in availability.tiers]


def _in_words(availability: Availability) -> str:
    return ", ".join(f"{tier.purchased} {tier.tier.name}" for tier in reversed(availability.tiers))


def priced(bill: Bill | None) -> object:
    """All values of a price for a preview, as JSON."""
    if bill is None:
        return None
    lines = [[str(getattr(line, part)) for part in _SHOWN] for line in bill.lines]
    return [bill.currency, bill.since.isoformat(), bill.term.end.isoformat(), str(bill.total), lines]


def price_in_words(bill: Bill | None) -> str:
    """The total as a short text."""
    return "nothing" if bill is None else f"{bill.total} {bill.currency}"


def _as_list(upgrade: Upgrade) -> list[object]:
    return [upgrade.quantity, upgrade.source, upgrade.target]


def _add(write: Write, order: Order) -> None:
    for tier, quantity in order.adds.items():
        seats.move(write, tier, purchased=quantity)
    for upgrade in order.upgrades:
        seats.move(write, upgrade.target, purchased=upgrade.quantity)


def _record(write: Write, plan: Plan | None, bill: Bill | None, order: Order) -> tuple[int, Invoice | None]:
    ordered = SeatsAdded if order.adds else SeatsUpgraded
    event = ordered(
        reason="granted" if plan is None else "bought",
        seats={tier: (change, 0, 0) for tier, change in _changes(order).items() if change},
        added=dict(order.adds),
        upgraded=[*map(_as_list, order.upgrades)],
    )
    if plan is None or bill is None:
        return events.append(write, event), None
    return invoices.record(write, plan, bill, "purchase", event)


def _convert(write: Write, order: Order) -> None:
    """Remove upgraded seats from their tier: free seats, and the seats of people who have moved (SEATS 4)."""
    for upgrade in order.upgrades:
        missing = upgrade.quantity - seats.availability(write).of(upgrade.source).free
        if missing > 0:
            raise OccupantsNotNamed(
                f"{missing} more of the {upgrade.source} seats are in use. Give the people in "
                "these seats, or upgrade fewer seats"
            )
        seats.move(write, upgrade.source, purchased=-upgrade.quantity)
