"""What is read of contracts, and what seats would cost."""

from datetime import UTC, date, datetime

from scim_server.services.billing import contracts
from scim_server.services.billing.contracts import Signed, Terms
from scim_server.services.context import Context
from scim_server.services.errors import InvalidOrder
from seat_policy.errors import PolicyError
from seat_policy.invoices import Bill, Order, purchase


def contract(context: Context) -> Signed | None:
    """The plan as it stands; None where seats are granted."""
    with context.read() as read:
        return contracts.show(read, context.database.now())


def quote(terms: Terms, order: Order, on: date | datetime) -> Bill:
    """What an order would cost by the terms alone, on a day, or at a moment that the time zone makes a day.

    Raises:
        InvalidTerms, InvalidOrder: a term or the order cannot be.
    """
    built = contracts.built(terms, None, datetime.now(UTC).date())
    try:
        return purchase(built, order, built.day(on) if isinstance(on, datetime) else on)
    except PolicyError as error:
        raise InvalidOrder(str(error)) from None
