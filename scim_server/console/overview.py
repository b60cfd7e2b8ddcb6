"""The first page: who is left out, the seats of each tier and their use, the connections, and idle seats."""

from flask import Response

from scim_server.console import pages
from scim_server.console.left_out_words import banner, heading
from scim_server.console.overview_chart import chart
from scim_server.console.overview_words import provider_words, verdict
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, database, visit
from scim_server.services.access import queries as access
from scim_server.services.left_out import queries as left_out
from scim_server.services.notifications import queries as notifications
from scim_server.services.people import queries as people
from scim_server.services.seats import queries as seats

overview = Pages("overview")


@overview.show("", Permission.MEMBERS)
def show() -> Response:
    """The state of the organization at a glance."""
    missing, forecasts = left_out.summary(context()), notifications.forecasts(context())
    now = database().now()
    return pages.page(
        "overview.html",
        missing=missing,
        heading=heading(missing),
        said=banner(missing),
        can_buy=Permission.BILLING.admits(visit().role) and missing.has_contract,
        availability=seats.show(context()),
        charts=[chart(one, forecasts.days_known) for one in forecasts.tiers],
        connections=[
            (one, provider_words(one), verdict(one, now)) for one in access.every_connection(context())
        ],
        idle=people.idle_count(context()),
        access_open=people.access_open_count(context()),
        idle_days=people.IDLE_DAYS,
    )
