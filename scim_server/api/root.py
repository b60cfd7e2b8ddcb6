"""Endpoints that do not belong to a single resource type: a search over all types, and /Me."""

from flask import Blueprint, Response

from scim_server import bodies
from scim_server.api import groups, requests, resources, users
from scim_server.protocol.errors import NotImplementedHere
from scim_server.services.scim import queries
from scim_server.services.scim.queries import FoundResource

root = Blueprint("root", __name__)


@root.post("/.search")
def search_everything() -> Response:
    """Answer with resources of every type that match a filter (RFC 7644 section 3.4.3)."""
    organization = requests.caller().organization
    asked = requests.asked(requests.directory().types(seats=organization.shows_seats), bodies.json_body())
    page = queries.search_all(
        requests.context(), asked.query, requests.directory(), seats=organization.shows_seats
    )

    def render(one: FoundResource) -> dict[str, object]:
        if one.person is not None:
            return users.render(one.person, asked.query.projection)
        if one.group is not None:
            return groups.render(one.group, asked.query.projection)
        if one.own is not None:
            return resources.render(one.own, asked.query.projection)
        raise AssertionError("a result is of one of the types")

    return requests.listed(asked, page, [render(one) for one in page.resources])


@root.route("/Me", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def me() -> Response:
    """Refuse /Me, because a token belongs to a provider, not to a person (RFC 7644 section 3.11)."""
    raise NotImplementedHere(
        "A token belongs to a provider, not to a person. Use /Users/<id> instead of /Me."
    )
