"""/ServiceProviderConfig, /ResourceTypes and /Schemas (RFC 7644 section 4)."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, request

from scim_server.api import requests
from scim_server.api.respond import answer
from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.discovery import list_response, service_provider_config
from scim_server.protocol.errors import NotFound, SensitiveFilter
from scim_server.protocol.resources import DISCOVERY_SCHEMAS

discovery = Blueprint("discovery", __name__)


@discovery.before_request
def no_filter() -> None:
    """Refuse a filter. No other read is answered with 403."""
    if "filter" in request.args:
        raise SensitiveFilter("Discovery endpoints do not support filters. Read the whole list.")


def _types() -> tuple[ResourceType, ...]:
    return requests.directory().types(seats=requests.caller().organization.shows_seats)


@discovery.get("/ServiceProviderConfig")
def config() -> Response:
    """The features of the server."""
    return answer(service_provider_config(requests.base_url()))


@discovery.get("/ResourceTypes")
def resource_types() -> Response:
    """The resource types."""
    return _all([one.to_json(requests.base_url()) for one in _types()])


@discovery.get("/ResourceTypes/<name>")
def resource_type(name: str) -> Response:
    """One resource type."""
    for one in _types():
        if one.name.lower() == name.lower():
            return answer(one.to_json(requests.base_url()))
    raise NotFound(f"The resource type '{name[:100]}' does not exist; use User or Group.")


def _schemas() -> dict[str, Mapping[str, object]]:
    found = [schema for one in _types() for schema in (one.schema, *one.extensions)]
    return {schema.id.lower(): schema.to_json(requests.base_url()) for schema in (*found, *DISCOVERY_SCHEMAS)}


@discovery.get("/Schemas")
def schemas() -> Response:
    """Every schema, with every attribute and its characteristics."""
    return _all(list(_schemas().values()))


@discovery.get("/Schemas/<urn>")
def schema(urn: str) -> Response:
    """One schema."""
    found = _schemas().get(urn.lower())
    if found is None:
        raise NotFound(f"The schema '{urn[:200]}' does not exist; /Schemas lists all schemas.")
    return answer(found)


def _all(resources: Sequence[Mapping[str, object]]) -> Response:
    return answer(list_response(resources, total=len(resources)))
