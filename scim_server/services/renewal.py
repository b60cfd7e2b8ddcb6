"""The end of a term: the next one begins, or the contract ends; nobody loses a seat (SEATS 6, 10)."""

from dataclasses import dataclass, replace
from datetime import date

from scim_server.services import automatic, invoices, plans
from scim_server.services import seats as gate
from scim_server.services.errors import OperatorError
from scim_server.store import contracts, events, seats
from scim_server.store.contracts import Plan
from scim_server.store.events import Event
from scim_server.store.invoices import Invoice
from scim_server.store.session import Actor, Database, Write
from seat_policy.contract import Contract
from seat_policy.invoices import Bill, Kind, whole_term
from seat_policy.proration import Term
from seat_policy.renewal import TierRenewal, renewed_seats


@dataclass(frozen=True, slots=True)
class Renewed:
    """A term that followed another.

    Attributes:
        number: of the new term.
        bill: what it costs.
        bill_in_use, bill_purchased: what it would cost by each rule alone, side by side.
        invoice: None where nothing is owed.
    """

    number: int
    term: Term
    tiers: tuple[TierRenewal, ...]
    bill: Bill
    bill_in_use: Bill
    bill_purchased: Bill
    invoice: Invoice | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A contract that was not to be renewed has ended with this term."""

    number: int
    term: Term


class _Undo(Exception):
    def __init__(self, steps: tuple[Renewed | Ended, ...]) -> None:
        super().__init__()
        self.steps = steps


def renew(
    database: Database, organization: str, actor: Actor, as_of: date | None = None, *, preview: bool = False
) -> tuple[Renewed | Ended, ...]:
    """Do what is due by a day: nothing, one renewal, several where the server was away, or the end.

    Args:
        as_of: today where the contract counts, if None. A day to come renews ahead of time, by one term.
        preview: do it, read the outcome, and undo it.

    Raises:
        OperatorError: there is no contract, or the day lies beyond the term that follows.
    """

    def work(write: Write) -> tuple[Renewed | Ended, ...]:
        plan = contracts.get(write)
        if plan is None:
            raise OperatorError("there is no contract to renew: the seats are granted")
        today = plan.contract.day(write.moment)
        steps = advance(write, plan, as_of or today, today)
        if preview:
            raise _Undo(steps)
        return steps

    try:
        # What is due is this very work, so it does not come before it.
        return database.write(organization, actor, work, due_first=False)
    except _Undo as undo:
        return undo.steps


def advance(write: Write, plan: Plan, day: date, today: date) -> tuple[Renewed | Ended, ...]:
    """Bring a plan to the term in which a day lies, in an open transaction."""
    steps: list[Renewed | Ended] = []
    if plan.unbilled_day is not None and plan.unbilled_day < day:
        plan = automatic.bill(write, plan)
    while plan.ended is None and plan.contract.running.end <= day:
        if plan.contract.running.start > today:
            raise OperatorError(
                f"the term from {plan.contract.running.start} is already renewed ahead of time; "
                f"{day} lies beyond it"
            )
        plan, step = _renewed(write, plan) if plan.contract.auto_renew else _ended(write, plan)
        steps.append(step)
    gate.move_queue(write)
    return tuple(steps)


def _renewed(write: Write, plan: Plan) -> tuple[Plan, Renewed]:
    availability = seats.availability(write)
    tiers = renewed_seats(availability, plan.contract, plan.scheduled)
    contract = replace(plan.contract, term=plan.contract.term + 1)
    after = replace(plan, contract=contract, scheduled={})
    plans.keep(write, after)
    seats.begin_term(write)
    deltas = {}
    for tier in tiers:
        change = tier.renewed - tier.purchased
        if change:
            seats.move(write, tier.tier, purchased=change)
            deltas[tier.tier] = (change, 0, 0)
    bill = _bill(contract, {tier.tier: tier.renewed for tier in tiers})
    event = Event("contract.renewed", seats=deltas, payload=_told(contract, tiers))
    _, invoice = invoices.record(write, after, bill, "renewal", event)
    return after, Renewed(
        number=contract.term,
        term=contract.running,
        tiers=tiers,
        bill=bill,
        bill_in_use=_bill(contract, {tier.tier: tier.in_use for tier in tiers}),
        bill_purchased=_bill(contract, {tier.tier: tier.purchased for tier in tiers}),
        invoice=invoice,
    )


def _bill(contract: Contract, quantities: dict[str, int]) -> Bill:
    return whole_term(contract, Kind.RENEWED, quantities)


def _told(contract: Contract, tiers: tuple[TierRenewal, ...]) -> dict[str, object]:
    return {
        "term": contract.term,
        "tiers": {
            tier.tier: {
                "purchased": tier.purchased,
                "in_use": tier.in_use,
                "scheduled": tier.scheduled,
                "renewed": tier.renewed,
                "clamped": tier.clamped,
                "padding": tier.padding,
            }
            for tier in tiers
        },
    }


def _ended(write: Write, plan: Plan) -> tuple[Plan, Ended]:
    after = replace(plan, ended=write.at, scheduled={})
    plans.keep(write, after)
    events.append(write, Event("contract.ended", payload={"term": plan.contract.term}))
    return after, Ended(plan.contract.term, plan.contract.running)
