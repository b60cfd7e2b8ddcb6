"""The price of a purchase, an upgrade or a renewal, line by line (SEATS 40-45).

Previews and bills use the same functions, so a shown price is the billed price.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from seat_policy.contract import MOST_SEATS, Contract, Per
from seat_policy.errors import PolicyError
from seat_policy.money import Money, total
from seat_policy.proration import Proration, Remaining, Term, remaining


class Kind(StrEnum):
    """The purpose of a line."""

    ADDED = "added"
    UPGRADED = "upgraded"
    UPGRADED_FROM = "upgraded_from"
    OPENED = "opened"
    RENEWED = "renewed"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Seats of one tier that are upgraded to another."""

    quantity: int
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order: seats to add, by tier, and seats to upgrade."""

    adds: Mapping[str, int] = field(default_factory=dict)
    upgrades: tuple[Upgrade, ...] = ()

    @property
    def words(self) -> str:
        """A short text, such as `5 standard, 10 standard to premium`."""
        added = [f"{quantity} {tier}" for tier, quantity in self.adds.items()]
        return ", ".join([*added, *(f"{one.quantity} {one.source} to {one.target}" for one in self.upgrades)])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill, with its inputs.

    Attributes:
        unit: the price of one seat for a whole term.
        left: the billed part of the term.
        net: the amount without tax.
        explanation: the calculation in words.
    """

    kind: Kind
    tier: str
    quantity: int
    unit: Money
    left: Remaining
    net: Money
    tax: Money
    explanation: str

    @property
    def fraction(self) -> Fraction:
        """The billed part of the term as a fraction."""
        return self.left.fraction

    @property
    def description(self) -> str:
        """A description of the billed seats, for people."""
        seats = f"{self.quantity} {self.tier} {'seat' if self.quantity == 1 else 'seats'}"
        if self.kind is Kind.UPGRADED_FROM:
            return f"Credit for {seats} upgraded"
        return f"{seats} {self.kind}" if self.kind is not Kind.UPGRADED else f"{seats} by upgrade"


@dataclass(frozen=True, slots=True)
class Bill:
    """The amount owed, with its lines.

    Attributes:
        term: the billed term.
        since: the first billed day; the last one is the day before `term.end`.
    """

    currency: str
    term: Term
    since: date
    lines: tuple[Line, ...]

    @property
    def net(self) -> Money:
        """The sum without tax."""
        return total([line.net for line in self.lines], self.currency)

    @property
    def tax(self) -> Money:
        """The sum of the taxes of the lines."""
        return total([line.tax for line in self.lines], self.currency)

    @property
    def total(self) -> Money:
        """The amount to pay."""
        return self.net + self.tax


def purchase(contract: Contract, order: Order, day: date) -> Bill:
    """The price of an order that takes effect on a day of the current term.

    Raises:
        PolicyError: nothing is ordered, a quantity is not above 0, a tier has no price, the target of an
            upgrade costs less, or the term is over on that day.
    """
    if not order.adds and not order.upgrades:
        raise PolicyError("nothing is ordered; give seats to add or to upgrade")
    left = remaining(contract.running, day, contract.proration)
    lines = [_line(contract, Kind.ADDED, tier, quantity, left) for tier, quantity in order.adds.items()]
    for upgrade in order.upgrades:
        lines += _upgraded(contract, upgrade, left)
    return Bill(contract.currency, contract.running, max(day, contract.start), tuple(lines))


def more_in_a_term(contract: Contract, order: Order) -> Money:
    """How much more a whole term costs with the seats of an order, with tax.

    Raises:
        PolicyError: a tier has no price.
    """
    prices = [contract.term_price(tier).times(quantity) for tier, quantity in order.adds.items()]
    for one in order.upgrades:
        difference = contract.term_price(one.target) - contract.term_price(one.source)
        prices.append(difference.times(one.quantity))
    amount = total(prices, contract.currency)
    if contract.tax is None:
        return amount
    net, tax = contract.tax.of(amount)
    return net + tax


def whole_term(contract: Contract, kind: Kind, quantities: Mapping[str, int]) -> Bill:
    """The price of the current term from its first day, for seats by tier.

    A tier without seats has no line.
    """
    term = contract.running
    left = remaining(term, term.start, contract.proration)
    lines = [_line(contract, kind, tier, quantity, left) for tier, quantity in quantities.items() if quantity]
    return Bill(contract.currency, term, term.start, tuple(lines))


def _line(contract: Contract, kind: Kind, tier: str, quantity: int, left: Remaining) -> Line:
    _check(quantity)
    amount = contract.term_price(tier).times(quantity * left.fraction)
    return _priced(contract, kind, tier, quantity, left, amount)


def _upgraded(contract: Contract, upgrade: Upgrade, left: Remaining) -> list[Line]:
    """The charge for an upgrade and the credit for the lower tier; their sum is rounded once (SEATS 42)."""
    _check(upgrade.quantity)
    if upgrade.source == upgrade.target:
        raise PolicyError(f"{upgrade.source} seats cannot be upgraded to their own tier")
    difference = contract.term_price(upgrade.target) - contract.term_price(upgrade.source)
    if difference.minor < 0:
        raise PolicyError(f"{upgrade.target} costs less than {upgrade.source}, so it is not an upgrade")
    net = difference.times(upgrade.quantity * left.fraction)
    charge = contract.term_price(upgrade.target).times(upgrade.quantity * left.fraction)
    return [
        _priced(contract, Kind.UPGRADED, upgrade.target, upgrade.quantity, left, charge),
        _priced(contract, Kind.UPGRADED_FROM, upgrade.source, upgrade.quantity, left, net - charge),
    ]


def _check(quantity: int) -> None:
    if not 0 < quantity <= MOST_SEATS:
        raise PolicyError(f"{quantity} seats cannot be bought; the number must be from 1 to {MOST_SEATS}")


def _priced(contract: Contract, kind: Kind, tier: str, quantity: int, left: Remaining, amount: Money) -> Line:
    net, tax = (amount, Money(0, amount.currency)) if contract.tax is None else contract.tax.of(amount)
    credit = "- " if kind is Kind.UPGRADED_FROM else ""
    explanation = credit + _explained(contract, tier, quantity, left)
    if contract.tax is not None and contract.tax.inclusive:
        # Net and tax are parts of the computed amount, so the line also contains this amount.
        explanation += f" = {amount} with tax"
    return Line(kind, tier, quantity, contract.term_price(tier), left, net, tax, explanation)


def _explained(contract: Contract, tier: str, quantity: int, left: Remaining) -> str:
    """The calculation, with the months and prices of the contract."""
    price = contract.price(tier)
    seats = f"{quantity} {'seat' if quantity == 1 else 'seats'}"
    if contract.proration is Proration.DAY_ACTUAL:
        return f"{seats} x {contract.term_price(tier)} x {left.words}"
    if price.per is Per.MONTH:
        return f"{seats} x {price.amount} x ({left.words})"
    return f"{seats} x {price.amount} x ({left.words}) of {contract.months}"
