"""Seats and billing: the contract, the seats of each tier, the next term, automatic purchases, invoices."""

from typing import Final

from flask import Response, request

from scim_server.console import filters, pages
from scim_server.console.billing_words import (
    end_words,
    overflow_choices,
    price_words,
    proration_words,
    reasons,
    refusal_words,
    status_words,
    tax_words,
)
from scim_server.console.pages import Undo
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, gettext
from scim_server.services.billing import commands, queries
from scim_server.services.billing.commands import Renewed
from scim_server.services.errors import ServiceError
from scim_server.services.invoicing import queries as invoicing
from scim_server.services.organizations import queries as organizations

billing = Pages("billing")

_LAST_INVOICES: Final = 5
_MOST_DIGITS: Final = 9


@billing.show("/billing", Permission.BILLING)
def show() -> Response:
    """The contract and everything that costs money."""
    signed, settings = queries.contract(context()), organizations.show(context())
    following = queries.next_term(context())
    return pages.page(
        "billing.html",
        signed=signed,
        seats=settings.seats if signed is None else signed.seats,
        following=following if isinstance(following, Renewed) else None,
        settings=settings,
        choices=overflow_choices(),
        invoices=invoicing.sheet(context(), size=_LAST_INVOICES),
        reasons=reasons(),
        paused="" if signed is None else status_words(signed),
        end_words=end_words,
        price_words=price_words,
        proration_words=proration_words,
        tax_words=tax_words,
    )


def whole_number(text: str) -> int | None:
    """A number that a person typed; None if it is not a whole number from 0."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


@billing.do("/billing/schedule", Permission.BILLING)
def schedule() -> Response:
    """Set how many seats of a tier the next term has, or cancel this setting."""
    tier, typed = request.form.get("tier", ""), request.form.get("seats", "").strip()
    number = whole_number(typed)
    if typed and number is None:
        return pages.not_done(gettext("Enter a whole number, such as 40."), "/billing")
    signed = queries.contract(context())
    before = None if signed is None else signed.plan.scheduled.get(tier)
    try:
        commands.schedule(context(), {tier: number})
    except ServiceError as error:
        return pages.not_done(refusal_words(error), "/billing")
    if number is None:
        said = gettext("The number of %(tier)s seats of the next term is no longer set.", tier=tier)
    else:
        said = gettext(
            "The next term has %(seats)s, or more if more are in use.", seats=filters.seats(number, tier)
        )
    undo = Undo("/billing/schedule", {"tier": tier, "seats": "" if before is None else str(before)})
    return pages.done(said, "/billing", undo=undo)
