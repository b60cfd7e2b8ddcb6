"""The due dates of an organization, from its plan and its invitations."""

from datetime import date, timedelta

from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import contracts, invitations
from scim_server.store.rows.contracts import Plan


def keep(write: Write, plan: Plan) -> None:
    """Write the plan, the period in which seats are assigned, and the next due date."""
    contracts.put(write, plan)
    contract = plan.contract
    write.clock.opens = timestamp(contract.begins(contract.start))
    write.clock.closes = timestamp(contract.begins(contract.running.end))
    _await_next(write, plan)


def look_ahead(write: Write) -> None:
    """Write the next due date. Called after invitations were sent or closed."""
    _await_next(write, contracts.get(write))


def _await_next(write: Write, plan: Plan | None) -> None:
    next_dates = [] if plan is None else _dates(write, plan)
    expiry = invitations.next_expiry(write)
    if expiry is not None:
        next_dates.append(expiry)
    write.clock.due = min(next_dates, default=None)


def _dates(write: Write, plan: Plan) -> list[str]:
    """The dates on which the contract next changes something."""
    contract = plan.contract
    opens = timestamp(contract.begins(contract.start))
    next_dates = [opens] if write.at < opens else []
    if plan.ended is None:
        next_dates.append(timestamp(contract.begins(contract.running.end)))
    if plan.unbilled_day is not None:
        next_dates.append(timestamp(contract.begins(_day_after(plan.unbilled_day))))
    return next_dates


def _day_after(day: date) -> date:
    return day + timedelta(days=1)
