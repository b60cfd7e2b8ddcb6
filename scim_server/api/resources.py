"""Resources of custom types, at the endpoints of the types."""

from http import HTTPStatus
from typing import NoReturn

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import BaseConverter

from scim_server import bodies
from scim_server.api import requests
from scim_server.api.respond import answer, located
from scim_server.protocol import etag, patch
from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import BadRequest, NotFound
from scim_server.protocol.messages import parse_object
from scim_server.protocol.projection import Projection
from scim_server.protocol.resource import Described, ShownResource, render_resource
from scim_server.protocol.schemas import ResourceSchema
from scim_server.services.scim import commands, queries
from scim_server.store.rows.resources import Resource

resources = Blueprint("resources", __name__)


class OwnEndpoint(BaseConverter):
    """The first part of a path. SCIM's own endpoints are excluded, because they have separate handlers."""

    regex = "(?!(?:Users|Groups|Schemas|ResourceTypes|ServiceProviderConfig|Bulk|Me)$)[^/]+"
    part_isolating = True


def _reader(endpoint: str) -> ResourceSchema:
    """The function that reads resources of an endpoint.

    Raises:
        NotFound: the organization has no such type.
    """
    reader = requests.directory().reader_at(endpoint, strict=requests.caller().organization.strict)
    if reader is None:
        raise NotFound(f"The path /{endpoint[:100]} does not exist.")
    return reader


def _read(reader: ResourceSchema, id_: str) -> Resource:
    return queries.get(requests.context(), reader.resource_type, id_)


def render(one: Resource, projection: Projection) -> dict[str, object]:
    """A resource with the attributes that the client requested."""
    resource_type = requests.directory().own(one.type)
    shown = ShownResource(one.id, one.created, one.modified, one.version, one.document)
    return dict(projection.apply(resource_type, render_resource(shown, resource_type, requests.base_url())))


def _one(
    reader: ResourceSchema, one: Resource, projection: Projection, status: int = HTTPStatus.OK
) -> Response:
    location = f"{requests.base_url()}{reader.resource_type.endpoint}/{one.id}"
    version = etag.etag(one.version)
    return located(render(one, projection), status, location=location, version=version)


@resources.route("/<own:endpoint>", methods=["PUT", "PATCH", "DELETE", "OPTIONS"])
def no_such_use_of_all(endpoint: str) -> NoReturn:
    """Refuse methods that exist only for a single resource."""
    _reader(endpoint)
    raise MethodNotAllowed(valid_methods=["GET", "HEAD", "POST"])


@resources.route("/<own:endpoint>/<id_>", methods=["POST", "OPTIONS"])
def no_such_use_of_one(endpoint: str, id_: str) -> NoReturn:
    """Refuse methods that exist only for the endpoint."""
    del id_
    _reader(endpoint)
    raise MethodNotAllowed(valid_methods=["GET", "HEAD", "PUT", "PATCH", "DELETE"])


@resources.get("/<own:endpoint>")
def list_resources(endpoint: str) -> Response:
    """A page of resources, filtered and sorted."""
    return _listed(endpoint, None)


@resources.post("/<own:endpoint>/.search")
def search_resources(endpoint: str) -> Response:
    """Answer a search that a client sends as a POST to the endpoint's /.search (RFC 7644 section 3.4.3)."""
    _reader(endpoint)
    return _listed(endpoint, bodies.json_body())


def _listed(endpoint: str, parameters: dict[str, JSON] | None) -> Response:
    reader = _reader(endpoint)
    asked = requests.asked((reader.resource_type,), parameters)
    page = queries.find(requests.context(), asked.query, reader.resource_type)
    shown = [render(one, asked.query.projection) for one in page.resources]
    return requests.listed(asked, page, shown)


@resources.post("/<own:endpoint>")
def create_resource(endpoint: str) -> Response:
    """Create a resource."""
    reader = _reader(endpoint)
    body = bodies.json_body()
    projection = requests.projection(lambda: reader.resource_type)
    described = Described.of(reader.load_named(body), reader.resource_type)
    made = commands.create(requests.context(), reader.resource_type, described)
    return _one(reader, made, projection, HTTPStatus.CREATED)


@resources.get("/<own:endpoint>/<id_>")
def get_resource(endpoint: str, id_: str) -> Response:
    """One resource."""
    reader = _reader(endpoint)
    projection = requests.projection(lambda: reader.resource_type)
    one = _read(reader, id_)
    unless = request.headers.get("If-None-Match")
    if unless is not None and etag.matches(unless, one.version):
        return answer(None, HTTPStatus.NOT_MODIFIED, {"ETag": etag.etag(one.version)})
    return _one(reader, one, projection)


@resources.put("/<own:endpoint>/<id_>")
def replace_resource(endpoint: str, id_: str) -> Response:
    """Replace a resource's values."""
    reader = _reader(endpoint)
    content = bodies.body()
    try:
        projection = requests.projection(lambda: reader.resource_type)
        described = Described.of(reader.load_named(parse_object(content)), reader.resource_type)
    except BadRequest:
        requests.unless_stale(_read(reader, id_).version)
        raise
    saved = commands.replace(
        requests.context(), reader.resource_type, id_, described, if_match=requests.if_match()
    )
    return _one(reader, saved, projection)


@resources.patch("/<own:endpoint>/<id_>")
def patch_resource(endpoint: str, id_: str) -> Response:
    """Change some of a resource's values."""
    reader = _reader(endpoint)
    content = bodies.body()
    try:
        projection = requests.projection(lambda: reader.resource_type)
        changes = patch.changes(parse_object(content), reader)
    except BadRequest:
        requests.unless_stale(_read(reader, id_).version)
        raise
    saved = commands.patch(requests.context(), reader, id_, changes, if_match=requests.if_match())
    return _one(reader, saved, projection)


@resources.delete("/<own:endpoint>/<id_>")
def delete_resource(endpoint: str, id_: str) -> Response:
    """Delete a resource."""
    commands.delete(requests.context(), _reader(endpoint).resource_type, id_, if_match=requests.if_match())
    return answer(None, HTTPStatus.NO_CONTENT)
