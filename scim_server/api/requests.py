"""Functions that handlers use to read their request."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from flask import Response, current_app, g, request

from scim_server.api.auth import Caller
from scim_server.api.respond import answer
from scim_server.config import Config
from scim_server.protocol.attributes import JSON, ResourceType
from scim_server.protocol.cursors import seal, unseal
from scim_server.protocol.dialects import Tolerance, Tolerances, plus_is_literal, tolerances
from scim_server.protocol.directory import Directory
from scim_server.protocol.discovery import DEFAULT_PAGE, MAX_PAGE, list_response
from scim_server.protocol.errors import (
    InvalidCount,
    InvalidPath,
    InvalidValue,
    PreconditionRequired,
    VersionMismatch,
)
from scim_server.protocol.etag import matches
from scim_server.protocol.filter_tree import AttributePath
from scim_server.protocol.filters import parse
from scim_server.protocol.messages import SEARCH_URN, names_schema
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.services.context import Context
from scim_server.services.scim import queries
from scim_server.services.scim.queries import Page, Query
from scim_server.store.database.session import Actor, Database
from seat_policy.ways_in import WayIn

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,100}")


@dataclass(frozen=True, slots=True)
class Call:
    """The caller of a request, and values computed from it once.

    Attributes:
        base_url: the caller's SCIM base URL, from the settings and never from the request (DESIGN, wire 1).
        directory: the resource types of the caller's organization.
        allowed: the active tolerances of the organization.
        context: the context of services: the organization, and the actor of its events.
    """

    caller: Caller
    base_url: str
    directory: Directory
    allowed: Tolerances
    context: Context


def call() -> Call:
    """The caller of this request, and values computed from it once."""
    found: Call | None = g.get("call")
    if found is None:
        found = g.call = _call(g.caller)
    return found


def _call(who: Caller) -> Call:
    config: Config = current_app.extensions["config"]
    organization = who.organization
    context_ = Context(database(), organization.id, Actor(who.token_name, WayIn.SCIM, g.request_id))
    return Call(
        caller=who,
        base_url=config.scim_url(organization.slug),
        directory=queries.directory(context_, organization),
        allowed=tolerances(strict=organization.strict),
        context=context_,
    )


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions["database"]
    return found


def base_url() -> str:
    """The caller's SCIM base URL."""
    return call().base_url


def caller() -> Caller:
    """The caller of the request."""
    found: Caller = g.caller
    return found


def directory() -> Directory:
    """The resource types of the caller's organization."""
    return call().directory


def allowed() -> Tolerances:
    """The active tolerances of the caller's organization."""
    return call().allowed


def context() -> Context:
    """The context of services: the caller's organization, and the actor of its events."""
    return call().context


def unless_stale(version: int) -> None:
    """Report a changed resource before any fault in the body (DESIGN, wire 2).

    Raises:
        VersionMismatch: If-Match does not contain the present version.
    """
    header = if_match()
    if header is not None and not matches(header, version):
        raise VersionMismatch("The resource has changed. Read it again.")


def if_match() -> str | None:
    """The If-Match header.

    Raises:
        PreconditionRequired: the header is missing, and the organization requires it.
    """
    header = request.headers.get("If-Match")
    if header is None and caller().organization.require_if_match:
        raise PreconditionRequired(
            "Send If-Match with the version that you read. This organization requires it."
        )
    return header


def projection(resource_type: Callable[[], ResourceType]) -> Projection:
    """The attributes that the client wants in the answer.

    Args:
        resource_type: the type of the answer, which is only needed if the client names attributes.
    """
    if not request.query_string:
        return EVERYTHING
    return Projection.read(
        (resource_type(),), request.args.get("attributes"), request.args.get("excludedAttributes")
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A list request, with the values from which its answer makes the next cursor.

    Attributes:
        by_cursor: whether the client reads pages by cursor instead of by index.
        question: the parts of the request that must be the same for every page.
    """

    query: Query
    by_cursor: bool
    question: str


def asked(types: Sequence[ResourceType], parameters: Mapping[str, JSON] | None = None) -> Asked:
    """Read a list request (RFC 7644 section 3.4.2, RFC 9865).

    Args:
        types: the resource types to list.
        parameters: the parameters of a search message; None to read those of the URL.

    Raises:
        BadRequest: a parameter is invalid.
    """
    if parameters is not None and Tolerance.UNNAMED_SCHEMAS not in allowed():
        names_schema(parameters, SEARCH_URN)
    sent = _parameters() if parameters is None else parameters
    given = {name.lower(): value for name, value in sent.items()}
    texts = {name: _text(given, name) for name in ("filter", "sortBy", "sortOrder", "cursor")}
    cursor = texts["cursor"]
    count = _count(_integer(given, "count", DEFAULT_PAGE), by_cursor=cursor is not None)
    question = "\n".join((request.path, *(texts[name] or "" for name in ("filter", "sortBy", "sortOrder"))))
    if cursor is not None and "startindex" in given:
        raise InvalidValue("Use either cursor or startIndex, not both.")
    after = None
    if cursor:
        after = unseal(cursor, caller().organization.cursor_key, question=question, count=count)
    query = Query(
        filter=parse(texts["filter"]) if texts["filter"] is not None else None,
        sort_by=_sort_by(texts["sortBy"]),
        descending=_descending(texts["sortOrder"]),
        start_index=max(1, _integer(given, "startIndex", 1)),
        after=after,
        count=count,
        base_url=base_url(),
        allowed=allowed(),
        projection=Projection.read(types, _names(given, "attributes"), _names(given, "excludedAttributes")),
    )
    return Asked(query, cursor is not None, question)


def _parameters() -> Mapping[str, JSON]:
    """The parameters of the URL. If the URL has a space written as %20, a + may be a plus sign."""
    query = request.query_string.decode("latin-1")
    if "+" not in query or not plus_is_literal(query, allowed()):
        return request.args.to_dict()
    return dict(reversed(parse_qsl(query.replace("+", "%2B"), keep_blank_values=True)))


def listed(asked_: Asked, page: Page[Any], resources: Sequence[Mapping[str, object]]) -> Response:
    """The answer to a list request."""
    if not asked_.by_cursor:
        return answer(list_response(resources, total=page.total, start_index=asked_.query.start_index))
    message = list_response(resources, total=page.total, start_index=None)
    if page.end is not None:
        key = caller().organization.cursor_key
        message["nextCursor"] = seal(page.end, key, question=asked_.question, count=asked_.query.count)
    return answer(message)


def _count(count: int, *, by_cursor: bool) -> int:
    if by_cursor and count > MAX_PAGE:
        raise InvalidCount(f"count must be at most {MAX_PAGE}.")
    return min(MAX_PAGE, max(0, count))


def _sort_by(text: str | None) -> AttributePath | None:
    if not text:
        return None
    path = AttributePath.read(text)
    if path is None:
        raise InvalidPath(f"sortBy: '{text[:100]}' is not the name of an attribute.")
    return path


def _descending(text: str | None) -> bool:
    if text is None or text.lower() in ("", "ascending"):
        return False
    if text.lower() == "descending":
        return True
    raise InvalidValue(f"sortOrder must be ascending or descending, not '{text[:40]}'.")


def _text(given: Mapping[str, JSON], name: str) -> str | None:
    value = given.get(name.lower())
    if value is None or isinstance(value, str):
        return value
    raise InvalidValue(f"{name} must be a string.")


def _names(given: Mapping[str, JSON], name: str) -> str | None:
    """A list of attribute names, separated by commas in a URL or as an array in a message."""
    value = given.get(name.lower())
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    return _text(given, name)


def _integer(given: Mapping[str, JSON], name: str, default: int) -> int:
    value = given.get(name.lower())
    if value is None:
        return default
    text = str(value)
    if isinstance(value, bool | float | list | dict) or _INTEGER.fullmatch(text) is None:
        raise InvalidValue(f"{name} must be an integer, not '{text[:40]}'.")
    # Limited to the integers of the databases. A larger number is beyond the last page anyway.
    return max(-(2**31), min(2**31, int(text)))
