"""/Users (RFC 7644 section 3)."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, request

from scim_server import bodies
from scim_server.api import requests
from scim_server.api.respond import answer, located
from scim_server.protocol import etag, patch
from scim_server.protocol.attributes import JSON, ResourceType
from scim_server.protocol.errors import BadRequest, Forbidden
from scim_server.protocol.messages import parse_object
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import Shown, parse_user, render_user
from scim_server.services.people import commands, queries
from scim_server.services.people.commands import Outcome, Refused

users = Blueprint("users", __name__)


def _reader() -> ResourceSchema:
    organization = requests.caller().organization
    return requests.directory().user_reader(seats=organization.shows_seats, strict=organization.strict)


def resource_type() -> ResourceType:
    """The User type of the caller's organization."""
    return _reader().resource_type


def _read(person: str, projection: Projection) -> Shown:
    return queries.get(
        requests.context(), person, projection, seats=requests.caller().organization.shows_seats
    )


def render(shown: Shown, projection: Projection) -> dict[str, object]:
    """A person with the attributes that the client requested."""
    return rendering(projection)(shown)


def rendering(projection: Projection) -> Callable[[Shown], dict[str, object]]:
    """Renders people with the attributes that the client requested."""
    base_url, type_ = requests.base_url(), resource_type()
    return lambda shown: dict(projection.apply(type_, render_user(shown, base_url)))


def _one(shown: Shown, projection: Projection, status: int = HTTPStatus.OK) -> Response:
    location = f"{requests.base_url()}/Users/{shown.id}"
    return located(render(shown, projection), status, location=location, version=etag.etag(shown.version))


def _saved(outcome: Outcome, projection: Projection, status: int = HTTPStatus.OK) -> Response:
    if isinstance(outcome, Refused):
        raise Forbidden(outcome.detail)
    if outcome.shown is None:
        raise AssertionError("services.people always returns a view")
    return _one(outcome.shown, projection, status)


@users.get("/Users")
def list_users() -> Response:
    """A page of people, filtered and sorted."""
    return _listed(None)


@users.post("/Users/.search")
def search_users() -> Response:
    """Answer a search that a client sends as a POST to /Users/.search (RFC 7644 section 3.4.3)."""
    return _listed(bodies.json_body())


def _listed(parameters: dict[str, JSON] | None) -> Response:
    type_ = resource_type()
    asked = requests.asked((type_,), parameters)
    seats = requests.caller().organization.shows_seats
    page = queries.find(requests.context(), asked.query, type_, seats=seats)
    return requests.listed(asked, page, list(map(rendering(asked.query.projection), page.resources)))


@users.post("/Users")
def create_user() -> Response:
    """Create a person."""
    body = bodies.json_body()
    projection = requests.projection(resource_type)
    outcome = commands.create(requests.context(), parse_user(body, _reader()), projection)
    return _saved(outcome, projection, HTTPStatus.CREATED)


@users.get("/Users/<person>")
def get_user(person: str) -> Response:
    """One person."""
    projection = requests.projection(resource_type)
    shown = _read(person, projection)
    unless = request.headers.get("If-None-Match")
    if unless is not None and etag.matches(unless, shown.version):
        return answer(None, HTTPStatus.NOT_MODIFIED, {"ETag": etag.etag(shown.version)})
    return _one(shown, projection)


@users.put("/Users/<person>")
def replace_user(person: str) -> Response:
    """Replace a person's values."""
    content = bodies.body()
    try:
        projection = requests.projection(resource_type)
        user = parse_user(parse_object(content), _reader())
    except BadRequest:
        # An unknown id and an old version are reported before an invalid body (DESIGN, wire 2).
        requests.unless_stale(_read(person, EVERYTHING).version)
        raise
    outcome = commands.replace(
        requests.context(), person, user, if_match=requests.if_match(), projection=projection
    )
    return _saved(outcome, projection)


@users.patch("/Users/<person>")
def patch_user(person: str) -> Response:
    """Change some of a person's values."""
    content = bodies.body()
    try:
        projection = requests.projection(resource_type)
        changes = patch.changes(parse_object(content), _reader())
    except BadRequest:
        requests.unless_stale(_read(person, EVERYTHING).version)
        raise
    outcome = commands.patch(
        requests.context(), person, changes, _reader(), if_match=requests.if_match(), projection=projection
    )
    return _saved(outcome, projection)


@users.delete("/Users/<person>")
def delete_user(person: str) -> Response:
    """Delete a person; their seat is freed at once."""
    commands.delete(requests.context(), person, if_match=requests.if_match())
    return answer(None, HTTPStatus.NO_CONTENT)
