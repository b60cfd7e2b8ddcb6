"""The story of a refusal: what the provider sent, what it was told, and what to do about it."""

from flask import Response, abort

from scim_server.console import pages
from scim_server.console.people_words import flat, happened
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, visit
from scim_server.services.errors import InvalidReference, UnknownRefusal
from scim_server.services.left_out import queries

people_refusals = Pages("people_refusals")


@people_refusals.show("/left-out/<reference>", Permission.MEMBERS)
def refusal(reference: str) -> Response:
    """One refusal, open or closed, with its events."""
    try:
        story = queries.story(context(), reference)
    except (InvalidReference, UnknownRefusal):
        abort(404)
    return pages.page(
        "refusal.html",
        story=story,
        refusal=story.rejected.refusal,
        happened=happened,
        flat=flat,
        may_buy=Permission.BILLING.admits(visit().role) and queries.summary(context()).has_contract,
    )
