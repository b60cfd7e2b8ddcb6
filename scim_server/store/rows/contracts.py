"""The present contract of each organization."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import contract_tiers, contracts
from seat_policy.contract import Contract, Per, Price, Renewal, Tax
from seat_policy.money import Money
from seat_policy.proration import Proration


@dataclass(frozen=True, slots=True)
class Plan:
    """A contract and its related data.

    Attributes:
        scheduled: the seats that an Owner has set for the next term, by tier.
        billed_ahead: the seats of the next term that are already billed, by tier; None if the contract was
            not renewed in advance.
        signed: the number of the event of the signature.
        seller, bill_to: the seller and the customer on invoices; several lines are possible.
        ended: when the contract ended without renewal; None while it continues.
        unbilled_day: the day of automatic purchases that are not on an invoice yet.
    """

    contract: Contract
    scheduled: Mapping[str, int] = field(default_factory=dict)
    billed_ahead: Mapping[str, int] | None = None
    signed: int = 0
    seller: str = ""
    bill_to: str = ""
    ended: str | None = None
    unbilled_day: date | None = None


_GET: Final = select(contracts).where(contracts.c.organization == bindparam("org"))
_TIERS: Final = select(contract_tiers).where(contract_tiers.c.organization == bindparam("org"))


def get(read: Read) -> Plan | None:
    """The plan of an organization; None if its seats are granted."""
    row = read.connection.execute(_GET, {"org": read.organization}).first()
    if row is None:
        return None
    tiers = read.connection.execute(_TIERS, {"org": read.organization}).all()
    prices = {
        tier.tier: Price(Money(tier.price, row.currency), Per(tier.per))
        for tier in tiers
        if tier.price is not None
    }
    scheduled = {tier.tier: tier.scheduled for tier in tiers if tier.scheduled is not None}
    billed = {tier.tier: tier.billed_ahead for tier in tiers if tier.billed_ahead is not None}
    return Plan(
        _contract(row, prices),
        scheduled,
        billed or None,
        row.signed,
        row.seller,
        row.bill_to,
        row.ended,
        None if row.unbilled_day is None else date.fromisoformat(row.unbilled_day),
    )


def _contract(row: Row[Any], prices: Mapping[str, Price]) -> Contract:
    tax = None if row.tax_percent is None else Tax(Decimal(row.tax_percent), row.tax_inclusive)
    return Contract(
        start=date.fromisoformat(row.start),
        months=row.months,
        currency=row.currency,
        prices=prices,
        time_zone=row.time_zone,
        proration=Proration(row.proration),
        minimum=row.minimum,
        auto_renew=row.auto_renew,
        renewal=Renewal(row.renewal),
        tax=tax,
        term=row.term,
    )


def put(write: Write, plan: Plan) -> None:
    """Write the plan, which replaces the earlier one."""
    here = {"organization": write.organization}
    contract = plan.contract
    write.connection.execute(delete(contracts).where(contracts.c.organization == write.organization))
    write.connection.execute(
        insert(contracts).values(
            here
            | {
                "start": contract.start.isoformat(),
                "months": contract.months,
                "term": contract.term,
                "currency": contract.currency,
                "time_zone": contract.time_zone,
                "proration": contract.proration,
                "minimum": contract.minimum,
                "auto_renew": contract.auto_renew,
                "renewal": contract.renewal,
                "tax_percent": None if contract.tax is None else str(contract.tax.percent),
                "tax_inclusive": contract.tax is not None and contract.tax.inclusive,
                "signed": plan.signed,
                "seller": plan.seller,
                "bill_to": plan.bill_to,
                "ended": plan.ended,
                "unbilled_day": None if plan.unbilled_day is None else plan.unbilled_day.isoformat(),
            }
        )
    )
    tiers = [
        here | _tier(plan, name)
        for name in sorted({*contract.prices, *plan.scheduled, *(plan.billed_ahead or ())})
    ]
    if tiers:
        write.connection.execute(insert(contract_tiers), tiers)


def _tier(plan: Plan, name: str) -> dict[str, Any]:
    price = plan.contract.prices.get(name)
    return {
        "tier": name,
        "price": None if price is None else price.amount.minor,
        "per": None if price is None else price.per,
        "scheduled": plan.scheduled.get(name),
        "billed_ahead": (plan.billed_ahead or {}).get(name),
    }
