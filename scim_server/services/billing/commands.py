"""Buys seats, and signs and renews contracts.

Each function is one transaction and has a preview if it costs money.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scim_server.services import confirmations
from scim_server.services.billing import contracts, purchases, renewal
from scim_server.services.billing.contracts import Signed, Terms
from scim_server.services.billing.due import catch_up, opened
from scim_server.services.billing.purchases import Purchase, Request
from scim_server.services.billing.renewal import Ended, Renewed
from scim_server.services.confirmations import Done, Part, Stale, names
from scim_server.services.context import Context
from scim_server.store.database.session import Write
from scim_server.store.rows import events
from scim_server.store.rows.events import Promoted

__all__ = [
    "Done",
    "Ended",
    "Purchase",
    "Renewal",
    "Renewed",
    "Request",
    "Signed",
    "Stale",
    "Terms",
    "buy",
    "catch_up",
    "opened",
    "renew",
    "schedule",
    "set_contract",
]


def buy(
    context: Context, request: Request, *, preview: bool = False, confirmation: str | None = None
) -> Done[Purchase] | Stale:
    """Buy an order. The seats, the bill and the people who get a seat change together, or nothing changes.

    Args:
        preview: do it, read the result with its invoice, and roll it back.
        confirmation: of the buyer's preview; None if the caller needs none.

    Raises:
        KeyReused: the idempotency key was used for another order.
        ServiceError: no seats are assigned now, or the order cannot be carried out.
    """

    def shows(purchase: Purchase) -> tuple[Part, ...] | None:
        order = Part("the order is", request.digest, request.order.words)
        return None if purchase.repeated else (order, *purchase.parts)

    return confirmations.carry_out(
        context,
        "seats.buy",
        lambda write: purchases.place(write, request),
        shows,
        preview=preview,
        confirmation=confirmation,
    )


def set_contract(context: Context, terms: Terms, *, bill_opening: bool = False) -> Signed:
    """Sign a contract, with the existing seats as its opening quantity, or change the current contract.

    Args:
        bill_opening: whether the opening quantity is invoiced for the whole term.

    Raises:
        ServiceError: a value is invalid, or cannot change any more in the current contract.
    """
    return context.database.write(
        context.organization,
        context.actor,
        lambda write: contracts.set_terms(write, terms, bill_opening=bill_opening),
        due_first=False,
    )


def schedule(context: Context, quantities: Mapping[str, int | None]) -> Signed:
    """Set how many seats of a tier the next term has; None cancels the setting (SEATS 3, 6).

    Raises:
        ServiceError: the contract or tier does not exist, or the number is not a reduction.
    """
    return context.write(lambda write: contracts.schedule(write, quantities))


@dataclass(frozen=True, slots=True)
class Renewal:
    """The changes that were due by a day, applied or previewed.

    Attributes:
        steps: the renewals or the end; empty if nothing is due; several renewals if the server was stopped
            for long.
        let_in: waiting people who got a seat, in the order of the queue.
    """

    steps: tuple[Renewed | Ended, ...]
    let_in: tuple[Promoted, ...]


def renew(
    context: Context, as_of: date | None = None, *, preview: bool = False, confirmation: str | None = None
) -> Done[Renewal] | Stale:
    """Apply the changes that are due by a day.

    Args:
        as_of: the day; None for today in the contract's time zone. A day of the next term bills that term in
            advance, and its seats change on its first day.
        preview: do it, read the result, and roll it back.
        confirmation: of a preview; None if the caller needs none.

    Raises:
        ServiceError: there is no contract to renew, or the day is after the next term.
    """

    def work(write: Write) -> Renewal:
        mark = write.last_number
        steps = renewal.renew(write, as_of)
        return Renewal(steps, events.promoted_since(write, mark))

    # This work itself applies the due changes, so they must not be applied before.
    return confirmations.carry_out(
        context,
        "contract.renew",
        work,
        _renewal_shows,
        preview=preview,
        confirmation=confirmation,
        due_first=False,
    )


def _renewal_shows(done: Renewal) -> Sequence[Part]:
    let_in = purchases.names_of(done.let_in)
    bills = [step.bill for step in done.steps if isinstance(step, Renewed)]
    prices = ", ".join(map(purchases.price_in_words, bills)) or "nothing"
    return (
        Part(
            "the terms are", [step.shown for step in done.steps], ", ".join(step.words for step in done.steps)
        ),
        Part("the price is", [purchases.priced(bill) for bill in bills], prices),
        Part("the people who get a seat are", let_in, names(let_in)),
    )
