"""The first page: who is left out and what letting them in costs, and the seats of each tier."""

from flask import Response

from scim_server.console import pages
from scim_server.console.left_out_words import banner
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, visit
from scim_server.services.left_out import queries as left_out
from scim_server.services.seats import queries as seats

overview = Pages("overview")


@overview.show("", Permission.MEMBERS)
def show() -> Response:
    """The state of the organization at a glance."""
    missing = left_out.summary(context())
    return pages.page(
        "overview.html",
        missing=missing,
        said=banner(missing),
        can_buy=Permission.BILLING.admits(visit().role) and missing.has_contract,
        availability=seats.show(context()),
    )
