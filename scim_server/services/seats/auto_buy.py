"""Seats bought automatically up to a ceiling. One invoice has all purchases of a contract day (SEATS 27)."""

from dataclasses import replace

from scim_server.history import SeatsAdded, SeatsBilled
from scim_server.services.invoicing import due_dates as plans
from scim_server.services.invoicing import invoices
from scim_server.store.database.session import Write
from scim_server.store.rows import contracts, events, seats
from scim_server.store.rows.contracts import Plan
from seat_policy.bill import Order, purchase


def buy(write: Write, tier: str) -> None:
    """Add a seat for a person who gets it in this transaction. It is billed at the end of the day."""
    plan = contracts.get(write)
    if plan is None:
        raise AssertionError("a tier has a ceiling only under a contract")
    today = plan.contract.day(write.moment)
    if plan.unbilled_day is None:
        plans.keep(write, replace(plan, unbilled_day=today))
    seats.count_automatic(write, tier)
    events.append(write, SeatsAdded(reason="automatic", seats={tier: (1, 0, 0)}))


def bill(write: Write, plan: Plan) -> Plan:
    """Bill a day of automatic purchases, if there are any, with one invoice and one line per tier."""
    if plan.unbilled_day is None:
        return plan
    closed = replace(plan, unbilled_day=None)
    bill_of_day = purchase(plan.contract, Order(seats.unbilled(write)), plan.unbilled_day)
    event = SeatsBilled(day=plan.unbilled_day.isoformat(), added=seats.unbilled(write))
    invoices.record(write, closed, bill_of_day, "automatic", event)
    seats.count_billed(write)
    plans.keep(write, closed)
    return closed
