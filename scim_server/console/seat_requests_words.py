"""Sentences about requests for seats."""

from scim_server.console import filters
from scim_server.console.people_effects import let_in
from scim_server.console.visit import gettext
from scim_server.services.seat_requests.commands import Approved
from scim_server.services.seat_requests.queries import Listed
from seat_policy.contract import ANY


def title(one: Listed) -> str:
    """What approving a request does."""
    if one.request.wants == ANY:
        return gettext("Give %(person)s a seat", person=one.request.user_name)
    return gettext("Give %(person)s a %(tier)s seat", person=one.request.user_name, tier=one.request.wants)


def said_approved(done: Approved) -> str:
    """What was done, in one line."""
    line = gettext(
        "%(person)s has a %(tier)s seat now.", person=done.listed.request.user_name, tier=done.listed.tier
    )
    lines = [line, *let_in(done.let_in)]
    invoice = None if done.purchase is None else done.purchase.invoice
    if invoice is not None:
        lines.append(
            gettext(
                "Invoice %(number)s: %(price)s.", number=invoice.reference, price=filters.total_of(invoice)
            )
        )
    return " ".join(lines)
