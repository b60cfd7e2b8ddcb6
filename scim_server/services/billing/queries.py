"""Queries of contracts, and quotes."""

from datetime import UTC, date, datetime

from scim_server.services.billing import contracts, renewal
from scim_server.services.billing.contracts import Signed, Terms
from scim_server.services.billing.due import organizations_due
from scim_server.services.billing.renewal import Ended, Renewed
from scim_server.services.context import Context
from scim_server.services.errors import InvalidOrder
from scim_server.store.rows import contracts as contract_rows
from seat_policy.bill import Bill, Order, purchase
from seat_policy.errors import PolicyError

__all__ = [
    "contract",
    "next_term",
    "organizations_due",
    "quote",
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


def quote(terms: Terms, order: Order, on: date | datetime) -> Bill:
    """The price of an order, computed from the terms alone, on a day or at a time.

    Raises:
        InvalidTerms, InvalidOrder: a term or the order is invalid.
    """
    built = contracts.built(terms, None, datetime.now(UTC).date())
    try:
        return purchase(built, order, built.day(on) if isinstance(on, datetime) else on)
    except PolicyError as error:
        raise InvalidOrder(str(error)) from None
