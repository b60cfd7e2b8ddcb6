"""/Groups (RFC 7644 section 3)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, request

from scim_server import bodies
from scim_server.api import requests
from scim_server.api.respond import answer, located
from scim_server.protocol import etag
from scim_server.protocol.attributes import JSON, ResourceType
from scim_server.protocol.errors import BadRequest
from scim_server.protocol.group import ShownGroup, parse_group, parse_group_patch, render_group
from scim_server.protocol.messages import parse_object
from scim_server.protocol.projection import Projection
from scim_server.protocol.resources import GROUP
from scim_server.protocol.schemas import ResourceSchema
from scim_server.services.groups import commands, queries
from scim_server.services.groups.commands import SavedGroup

groups = Blueprint("groups", __name__)


def _reader() -> ResourceSchema:
    return requests.directory().group_reader(strict=requests.caller().organization.strict)


def resource_type() -> ResourceType:
    """The Group type of the caller's organization."""
    return requests.directory().group


def _read(group: str, projection: Projection) -> ShownGroup:
    return queries.get(requests.context(), group, projection)


def render(shown: ShownGroup, projection: Projection) -> dict[str, object]:
    """A group with the attributes that the client requested."""
    return rendering(projection)(shown)


def rendering(projection: Projection) -> Callable[[ShownGroup], dict[str, object]]:
    """Renders groups with the attributes that the client requested."""
    base_url, type_ = requests.base_url(), resource_type()
    return lambda shown: dict(projection.apply(type_, render_group(shown, base_url)))


def _location(group: str) -> str:
    return f"{requests.base_url()}/Groups/{group}"


def _one(shown: ShownGroup, projection: Projection, status: int = HTTPStatus.OK) -> Response:
    version = etag.etag(shown.version)
    return located(render(shown, projection), status, location=_location(shown.id), version=version)


@groups.get("/Groups")
def list_groups() -> Response:
    """A page of groups, filtered and sorted."""
    return _listed(None)


@groups.post("/Groups/.search")
def search_groups() -> Response:
    """Answer a search that a client sends as a POST to /Groups/.search (RFC 7644 section 3.4.3)."""
    return _listed(bodies.json_body())


def _listed(parameters: dict[str, JSON] | None) -> Response:
    asked = requests.asked((resource_type(),), parameters)
    page = queries.find(requests.context(), asked.query, resource_type())
    return requests.listed(asked, page, list(map(rendering(asked.query.projection), page.resources)))


@groups.post("/Groups")
def create_group() -> Response:
    """Create a group, with or without members."""
    body = bodies.json_body()
    projection = requests.projection(resource_type)
    group, members = parse_group(body, _reader())
    saved = commands.create(requests.context(), group, members, projection)
    return _saved(saved, projection, HTTPStatus.CREATED)


@groups.get("/Groups/<group>")
def get_group(group: str) -> Response:
    """Answer with one group; if the members are excluded, they are not read."""
    projection = requests.projection(resource_type)
    shown = _read(group, projection)
    unless = request.headers.get("If-None-Match")
    if unless is not None and etag.matches(unless, shown.version):
        return answer(None, HTTPStatus.NOT_MODIFIED, {"ETag": etag.etag(shown.version)})
    return _one(shown, projection)


@groups.put("/Groups/<group>")
def replace_group(group: str) -> Response:
    """Replace a group's values and members."""
    content = bodies.body()
    try:
        projection = requests.projection(resource_type)
        values, members = parse_group(parse_object(content), _reader())
    except BadRequest:
        # An unknown id and an old version are reported before an invalid body (DESIGN, wire 2).
        requests.unless_stale(_read(group, _WITHOUT_MEMBERS).version)
        raise
    saved = commands.replace(
        requests.context(), group, values, members, if_match=requests.if_match(), projection=projection
    )
    return _saved(saved, projection)


@groups.patch("/Groups/<group>")
def patch_group(group: str) -> Response:
    """Change a group's values and members."""
    content = bodies.body()
    try:
        projection = requests.projection(resource_type)
        own, members = parse_group_patch(parse_object(content), _reader())
    except BadRequest:
        requests.unless_stale(_read(group, _WITHOUT_MEMBERS).version)
        raise
    saved = commands.patch(
        requests.context(),
        group,
        own,
        members,
        _reader(),
        if_match=requests.if_match(),
        projection=projection,
    )
    return _saved(saved, projection)


_WITHOUT_MEMBERS: Final = Projection.read((GROUP,), None, "members")


def _saved(saved: SavedGroup, projection: Projection, status: int = HTTPStatus.OK) -> Response:
    if saved.shown is not None:
        return _one(saved.shown, projection, status)
    headers = {"Location": _location(saved.group.id), "ETag": etag.etag(saved.group.version)}
    return answer(None, HTTPStatus.NO_CONTENT, headers)


@groups.delete("/Groups/<group>")
def delete_group(group: str) -> Response:
    """Delete a group; its members stay in the organization."""
    commands.delete(requests.context(), group, if_match=requests.if_match())
    return answer(None, HTTPStatus.NO_CONTENT)
