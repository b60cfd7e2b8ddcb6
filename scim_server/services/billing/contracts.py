"""The contract of an organization: how it is set and changed, and its state over time (SEATS 1, 8, 10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from scim_server.history import ContractChanged, ContractSigned, ReductionScheduled
from scim_server.services.billing import due
from scim_server.services.errors import (
    ContractRuns,
    InvalidSeats,
    InvalidTerms,
    NoContract,
    PriceMissing,
    TaxMissing,
    TermsFixed,
    UnknownTier,
)
from scim_server.services.holds import expire as expiry
from scim_server.services.invoicing import due_dates as plans
from scim_server.services.invoicing import invoices
from scim_server.services.seats import auto_buy as automatic
from scim_server.services.seats import gate, queue
from scim_server.store.database import clock
from scim_server.store.database.session import Read, Write, timestamp
from scim_server.store.rows import contracts, events, seats
from scim_server.store.rows import invoices as invoice_store
from scim_server.store.rows.contracts import Plan
from scim_server.store.rows.invoices import Invoice
from seat_policy.availability import Availability
from seat_policy.bill import Kind, whole_term
from seat_policy.contract import Contract, Per, Price, Renewal, Tax
from seat_policy.errors import PolicyError
from seat_policy.money import Money
from seat_policy.proration import Proration

DEFAULT_MONTHS: Final = 12
DEFAULT_CURRENCY: Final = "USD"
_FIXED: Final = ("start", "months", "currency", "time_zone", "term")
"""The values from which invoices were computed. Only another contract can change them."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The given terms of a contract. A value of None is not given, and keeps its old or default value.

    Attributes:
        prices: the amounts as text, with their period, by tier.
        tax: the percentage; 0 means no tax.
        term: the number of the current term, if another system invoiced the earlier terms.
    """

    start: date | None = None
    months: int | None = None
    currency: str | None = None
    prices: Mapping[str, tuple[str, Per]] = field(default_factory=dict)
    time_zone: str | None = None
    proration: Proration | None = None
    minimum: int | None = None
    auto_renew: bool | None = None
    renewal: Renewal | None = None
    tax: Decimal | None = None
    tax_inclusive: bool | None = None
    term: int | None = None
    seller: str | None = None
    bill_to: str | None = None

    @property
    def given(self) -> bool:
        """Whether any value is given."""
        return any(getattr(self, one.name) not in (None, {}) for one in fields(self))


@dataclass(frozen=True, slots=True)
class Signed:
    """The plan of an organization with its seats.

    Attributes:
        at: the time of this reading.
        suspended: when the operator suspended the organization; None if it is not suspended.
        opening: the invoice of the opening quantity, if it was requested.
    """

    plan: Plan
    seats: Availability
    at: str
    opening: Invoice | None = None
    suspended: str | None = None

    @property
    def status(self) -> str:
        """`not_started`, `active`, `renewal_due` or `ended`."""
        contract = self.plan.contract
        if self.plan.ended is not None:
            return "ended"
        if self.at < timestamp(contract.begins(contract.start)):
            return "not_started"
        return "active" if self.at < timestamp(contract.begins(contract.running.end)) else "renewal_due"


def built(terms: Terms, base: Contract | None, today: date) -> Contract:
    """The contract with the given terms; other terms are taken from the earlier contract.

    Raises:
        InvalidTerms: a value is invalid.
    """
    known = {
        one.name: value
        for one in fields(Contract)
        if one.name not in ("prices", "tax") and (value := getattr(terms, one.name)) is not None
    }
    try:
        base = base or Contract(today, terms.months or DEFAULT_MONTHS, terms.currency or DEFAULT_CURRENCY)
        currency = terms.currency or base.currency
        kept = base.prices if currency == base.currency else {}
        prices = {
            tier: Price(Money.parse(amount, currency), per) for tier, (amount, per) in terms.prices.items()
        }
        known |= {"prices": {**kept, **prices}, "tax": _tax(terms, base.tax)}
        contract = replace(base, **known)
    except PolicyError as error:
        raise InvalidTerms(str(error)) from None
    if terms.tax_inclusive and terms.tax is None and contract.tax is None:
        raise TaxMissing("prices include tax, but its percentage is missing")
    return contract


def _tax(terms: Terms, before: Tax | None) -> Tax | None:
    inclusive = terms.tax_inclusive
    if inclusive is None:
        inclusive = before is not None and before.inclusive
    percent = terms.tax if terms.tax is not None else (before.percent if before else None)
    return Tax(percent, inclusive) if percent else None


def set_terms(write: Write, terms: Terms, *, bill_opening: bool = False) -> Signed:
    """Sign or change the contract after due changes, or before them if they would bill a corrected error."""
    if write.clock.is_due(write.at):
        if _corrects(write, terms):
            expiry.expire(write, write.at)
        else:
            due.apply_due(write)
    return sign(write, terms, bill_opening=bill_opening)


def _corrects(write: Write, terms: Terms) -> bool:
    """Whether the terms correct a contract before its first invoice.

    A wrong start in the past makes renewals due. They must not be applied before the start is corrected.
    """
    plan = contracts.get(write)
    said = any(getattr(terms, name) is not None for name in _FIXED)
    return plan is not None and said and not _was_billed(write, plan)


def _was_billed(write: Write, plan: Plan) -> bool:
    """Whether something was billed under a contract, or will be billed at the end of the day."""
    return plan.unbilled_day is not None or invoice_store.any_since(write, plan.signed)


def sign(write: Write, terms: Terms, *, bill_opening: bool = False) -> Signed:
    """Sign or change the contract."""
    before = contracts.get(write)
    if before is None or before.ended is not None:
        return _sign(write, terms, before, bill_opening=bill_opening)
    if bill_opening:
        raise ContractRuns("a contract already exists, and only a new contract can bill its opening quantity")
    if terms.start not in (None, before.contract.start) and terms.term is None:
        terms = replace(terms, term=1)
    after = replace(
        before,
        contract=built(terms, before.contract, before.contract.start),
        seller=before.seller if terms.seller is None else terms.seller,
        bill_to=before.bill_to if terms.bill_to is None else terms.bill_to,
    )
    _check_fixed(write, before, after.contract)
    _check_term(terms, after.contract, after.contract.day(write.moment))
    _check_prices(write, after.contract)
    if after != before:
        automatic.bill(write, before)
        after = replace(after, unbilled_day=None)
        plans.keep(write, after)
        events.append(write, ContractChanged(before=_described(before), after=_described(after)))
        queue.move(write)
    return Signed(after, seats.availability(write), write.at)


def _sign(write: Write, terms: Terms, ended: Plan | None, *, bill_opening: bool) -> Signed:
    """Sign a first contract, or one after an ended contract, which supplies the values that are not given."""
    zone = terms.time_zone or (ended.contract.time_zone if ended else "UTC")
    today = built(Terms(time_zone=zone), None, write.moment.date()).day(write.moment)
    base = None if ended is None else replace(ended.contract, start=terms.start or today, term=1)
    before = ended or Plan(Contract(today, DEFAULT_MONTHS, DEFAULT_CURRENCY))
    plan = Plan(
        built(terms, base, today),
        signed=write.reserve(),
        seller=before.seller if terms.seller is None else terms.seller,
        bill_to=before.bill_to if terms.bill_to is None else terms.bill_to,
    )
    _check_term(terms, plan.contract, today)
    _check_prices(write, plan.contract)
    plans.keep(write, plan)
    seats.begin_term(write)
    availability = seats.availability(write)
    quantities = {tier.tier.name: tier.purchased for tier in reversed(availability.tiers)}
    event = ContractSigned(contract=_described(plan), quantities=quantities)
    opening = None
    if bill_opening:
        bill = whole_term(plan.contract, Kind.OPENED, quantities)
        _, opening = invoices.record(write, plan, bill, "opening", event, plan.signed)
    else:
        events.append(write, event, plan.signed)
    queue.move(write)
    return Signed(plan, seats.availability(write), write.at, opening)


def _check_fixed(write: Write, before: Plan, after: Contract) -> None:
    changed = [name for name in _FIXED if getattr(before.contract, name) != getattr(after, name)]
    if changed and _was_billed(write, before):
        raise TermsFixed(
            f"{changed[0].replace('_', ' ')} cannot change, because invoices were computed with "
            "it. It can change in the next contract"
        )


def _check_term(terms: Terms, contract: Contract, today: date) -> None:
    """Check that a given term is the current one. If no term is given, ended terms are renewed."""
    running = contract.running
    if terms.term not in (None, 1) and not running.start <= today < running.end:
        raise InvalidTerms(
            f"term {contract.term} is from {running.start} to {running.last_day}, but today is {today}"
        )


def _check_prices(write: Write, contract: Contract) -> None:
    """Check that every tier that a renewal may bill has a price."""
    availability = seats.availability(write)
    names = [tier.tier.name for tier in availability.tiers]
    for tier in contract.prices:
        if tier not in names:
            raise UnknownTier(f"this organization has no tier '{tier}'. Its tiers are: {', '.join(names)}")
    needed = [tier.tier.name for tier in availability.tiers if tier.purchased or tier.buyable]
    if contract.minimum:
        needed.append(names[-1])
    for tier in needed:
        if tier not in contract.prices:
            raise PriceMissing(f"{tier} needs a price")


def _described(plan: Plan) -> dict[str, object]:
    return invoices.described(plan.contract) | {"seller": plan.seller, "bill_to": plan.bill_to}


def show(read: Read, moment: datetime) -> Signed | None:
    """The present plan; None if seats are granted."""
    plan = contracts.get(read)
    if plan is None:
        return None
    suspended = clock.read(read.connection, read.organization).suspended
    return Signed(plan, seats.availability(read), timestamp(moment), suspended=suspended)


def schedule(write: Write, quantities: Mapping[str, int | None]) -> Signed:
    """Set how many seats of a tier the next term has; None cancels the setting (SEATS 3, 6)."""
    plan = contracts.get(write)
    if plan is None or plan.ended is not None:
        raise NoContract("seats are scheduled for a renewal, but the organization has no contract to renew")
    availability = seats.availability(write)
    for tier, quantity in quantities.items():
        purchased = gate.of_tier(availability, tier).purchased
        if quantity is not None and quantity > purchased:
            raise InvalidSeats(
                f"{quantity} is not a reduction of the {purchased} {tier} seats. To have more "
                "seats, add seats"
            )
    scheduled = {**plan.scheduled, **quantities}
    after = replace(
        plan, scheduled={tier: number for tier, number in scheduled.items() if number is not None}
    )
    if after != plan:
        plans.keep(write, after)
        event = ReductionScheduled(before=dict(plan.scheduled), after=dict(after.scheduled))
        events.append(write, event)
    return Signed(after, availability, write.at)
