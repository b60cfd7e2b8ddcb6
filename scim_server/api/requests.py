"""What a handler reads of its request."""

from typing import Final

from flask import current_app, g, request

from scim_server.api.auth import Caller
from scim_server.config import Config
from scim_server.protocol.attributes import JSON, ResourceType
from scim_server.protocol.discovery import DEFAULT_PAGE, MAX_BODY, MAX_PAGE
from scim_server.protocol.errors import InvalidValue, TooLarge, UnsupportedMediaType
from scim_server.protocol.filters import parse
from scim_server.protocol.messages import parse_object
from scim_server.protocol.projection import Projection
from scim_server.services.search import Query
from scim_server.store.session import Actor, Database

_JSON_TYPES: Final = frozenset({"application/scim+json", "application/json", "text/json", ""})


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions["database"]
    return found


def base_url() -> str:
    """The caller's SCIM base URL, from the settings and never from the request (DESIGN, wire 1)."""
    config: Config = current_app.extensions["config"]
    return config.scim_url(caller().organization.slug)


def caller() -> Caller:
    """Who calls."""
    found: Caller = g.caller
    return found


def organization() -> str:
    """The id of the caller's organization."""
    return caller().organization.id


def actor() -> Actor:
    """On whose behalf events are written."""
    return Actor(caller().token_name, "scim", g.request_id)


def if_match() -> str | None:
    """The If-Match header."""
    return request.headers.get("If-Match")


def body() -> bytes:
    """The body, read to its limit.

    Raises:
        UnsupportedMediaType: it is not JSON by its own account, or compressed.
        TooLarge: it is over the limit, also when its length was not announced.
    """
    if request.mimetype not in _JSON_TYPES:
        raise UnsupportedMediaType(
            f"The body must be application/scim+json or application/json, not {request.mimetype[:100]}."
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("The body must not be compressed: send it without Content-Encoding.")
    too_large = TooLarge(f"The body is over {MAX_BODY} bytes; send less at a time.")
    if (request.content_length or 0) > MAX_BODY:
        raise too_large
    # Not request.data: Werkzeug cuts a chunked body at its limit and says nothing.
    content: bytes = request.environ["wsgi.input"].read(MAX_BODY + 1)
    if len(content) > MAX_BODY:
        raise too_large
    return content


def json_body() -> dict[str, JSON]:
    """The body as a JSON object; raises what `body` and `parse_object` raise."""
    return parse_object(body())


def projection(resource_type: ResourceType) -> Projection:
    """Which attributes the client wants to see."""
    return Projection.read(
        resource_type, request.args.get("attributes"), request.args.get("excludedAttributes")
    )


def query(resource_type: ResourceType) -> Query:
    """What a list request asks for (RFC 7644 section 3.4.2).

    Raises:
        InvalidFilter, InvalidValue: a parameter cannot be understood.
    """
    text = request.args.get("filter")
    return Query(
        filter=parse(text) if text is not None else None,
        start_index=max(1, _integer("startIndex", 1)),
        count=min(MAX_PAGE, max(0, _integer("count", DEFAULT_PAGE))),
        projection=projection(resource_type),
    )


def _integer(name: str, default: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    try:
        # Bounded to what a database's integers hold: beyond it is just as far beyond the last page.
        return max(-(2**31), min(2**31, int(text[:20])))
    except ValueError:
        raise InvalidValue(f"{name} must be an integer, not '{text[:40]}'.") from None
