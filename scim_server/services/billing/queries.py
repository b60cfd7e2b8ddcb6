"""Queries of contracts, and quotes."""

from datetime import UTC, date, datetime

from scim_server.services.billing import contracts, renewal
from scim_server.services.billing.contracts import Signed, Terms
from scim_server.services.billing.due import organizations_due
from scim_server.services.billing.renewal import Ended, Renewed
from scim_server.services.context import Context
from scim_server.services.errors import InvalidOrder, NoContract
from scim_server.store.rows import contracts as contract_rows
from seat_policy.bill import Bill, Order, purchase
from seat_policy.contract import Contract
from seat_policy.errors import PolicyError

__all__ = [
    "contract",
    "next_term",
    "organizations_due",
    "quote",
    "quote_for",
]


def contract(context: Context) -> Signed | None:
    """The present plan; None if seats are granted."""
    with context.read() as read:
        return contracts.show(read, context.database.now())


def next_term(context: Context) -> Renewed | Ended | None:
    """The next term as it would begin with the present seats, or the end of the contract.

    Returns:
        None if there is no contract, or it has ended.
    """
    with context.read() as read:
        plan = contract_rows.get(read)
        return None if plan is None or plan.ended is not None else renewal.foreseen(read, plan)


def quote_for(
    context: Context, order: Order, on: date | datetime | None = None, terms: Terms | None = None
) -> Bill:
    """The price of an order by the contract of an organization. Nothing is stored.

    Args:
        on: the day or the time at which the order takes effect; None for now.
        terms: other terms; then the contract is not used.

    Raises:
        NoContract: there is no contract, and no terms are given.
        InvalidTerms, InvalidOrder: a term or the order is invalid.
    """
    moment = context.database.now() if on is None else on
    if terms is not None:
        return quote(terms, order, moment)
    with context.read() as read:
        plan = contract_rows.get(read)
    if plan is None or plan.ended is not None:
        raise NoContract("the organization has no current contract, so give the terms that set the price")
    return _priced(plan.contract, order, moment)


def quote(terms: Terms, order: Order, on: date | datetime) -> Bill:
    """The price of an order, computed from the terms alone, on a day or at a time.

    Raises:
        InvalidTerms, InvalidOrder: a term or the order is invalid.
    """
    built = contracts.built(terms, None, datetime.now(UTC).date())
    return _priced(built, order, on)


def _priced(contract: Contract, order: Order, on: date | datetime) -> Bill:
    try:
        return purchase(contract, order, contract.day(on) if isinstance(on, datetime) else on)
    except PolicyError as error:
        raise InvalidOrder(str(error)) from None
