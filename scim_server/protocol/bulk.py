"""Bulk: many operations in one request. Operations may refer to each other (RFC 7644 section 3.7)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

from scim_server.protocol.attributes import JSON
from scim_server.protocol.dialects import TOLERANT, Tolerance, Tolerances
from scim_server.protocol.errors import (
    InvalidSyntax,
    InvalidValue,
    MethodNotAllowed,
    NotFound,
    ScimError,
    TooLarge,
)
from scim_server.protocol.messages import get_any_case, names_schema

REQUEST_URN: Final = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE_URN: Final = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
MAX_OPERATIONS: Final = 1_000
MAX_PAYLOAD: Final = 1024 * 1024
"""Largest body of a bulk request, in bytes."""

_METHODS: Final = ("POST", "PUT", "PATCH", "DELETE")
_LONGEST_METHOD: Final = 20
"""If a method is unknown, the answer repeats at most this number of its characters."""
_REFERENCE: Final = "bulkid:"
# A reference in the filter of a path, such as members[value eq "bulkId:ada"].
_QUOTED: Final = re.compile(r'"bulkId:([^"\\]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a bulk request.

    Attributes:
        method: POST, PUT, PATCH or DELETE; if `error` is set, the text that was sent.
        endpoint: `/Users`, `/Groups`, or the endpoint of a custom type; empty if `error` is set.
        target: the id in the path, or a reference; None for POST.
        bulk_id: the name by which other operations refer to the resource that a POST creates.
        version: the entity tag that the resource must have, like If-Match.
        data: the body.
        error: why the operation cannot be carried out; None if it is valid.
    """

    method: str
    endpoint: str
    target: str | None
    bulk_id: str | None
    version: str | None
    data: dict[str, JSON]
    error: ScimError | None = None

    def references(self) -> set[str]:
        """The bulkIds to which the operation refers, in its data and its path."""
        found = set(_references(self.data))
        if self.method == "PATCH":
            found |= {one[1] for text in _paths(self.data) for one in _QUOTED.finditer(text)}
        if self.target is not None and (name := reference(self.target)) is not None:
            found.add(name)
        return found

    def resolved(self, ids: Mapping[str, str]) -> "Operation":
        """A copy of the operation with ids instead of references.

        Raises:
            InvalidValue: no POST of the request has the bulkId.
        """
        data = {key: _resolved(content, ids) for key, content in self.data.items()}
        if self.method == "PATCH":
            data = _with_paths(data, ids)
        target = None if self.target is None else str(_resolved(self.target, ids))
        return replace(self, target=target, data=data)


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """A bulk request.

    Attributes:
        fail_on_errors: the number of errors after which processing stops; None for no limit.
    """

    operations: tuple[Operation, ...]
    fail_on_errors: int | None


def parse_bulk(
    body: dict[str, JSON], endpoints: Mapping[str, str], allowed: Tolerances = TOLERANT
) -> BulkRequest:
    """Read a bulk request.

    Args:
        endpoints: the endpoints of resource types, by path in lower case without the leading slash.
        allowed: the active tolerances.

    Raises:
        InvalidSyntax, InvalidValue: the whole message is invalid. If only one operation is invalid, its
            `error` is set instead, and becomes its answer (RFC 7644 section 3.7.3).
        TooLarge: the message has too many operations.
    """
    if Tolerance.UNNAMED_SCHEMAS not in allowed:
        names_schema(body, REQUEST_URN)
    operations = get_any_case(body, "Operations")
    if not isinstance(operations, list):
        raise InvalidSyntax("A bulk request must have a list of Operations.")
    if len(operations) > MAX_OPERATIONS:
        raise TooLarge(f"A bulk request may have at most {MAX_OPERATIONS} operations.")
    limit = get_any_case(body, "failOnErrors")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise InvalidValue("failOnErrors must be a whole number of at least 1.")
    given: set[str] = set()
    return BulkRequest(tuple(_read(operation, endpoints, given) for operation in operations), limit)


def _read(operation: JSON, endpoints: Mapping[str, str], given: set[str]) -> Operation:
    """Read one operation, or return its error.

    Args:
        given: the bulkIds of earlier operations; the bulkId of this operation is added.
    """
    fields = operation if isinstance(operation, dict) else {}
    method, bulk_id = get_any_case(fields, "method"), get_any_case(fields, "bulkId")
    name = bulk_id if isinstance(bulk_id, str) else None
    try:
        if not isinstance(operation, dict):
            raise InvalidSyntax("An operation must be an object.")
        if name in given:
            raise InvalidValue(f"The bulkId '{str(name)[:100]}' is already used by an earlier operation.")
        read = _operation(operation, endpoints)
    except ScimError as error:
        sent = method[:_LONGEST_METHOD] if isinstance(method, str) else ""
        read = Operation(sent, "", None, name, None, {}, error)
    if name is not None:
        given.add(name)
    return read


def _operation(operation: dict[str, JSON], endpoints: Mapping[str, str]) -> Operation:
    method, path = get_any_case(operation, "method"), get_any_case(operation, "path")
    if not isinstance(method, str):
        raise InvalidSyntax(f"method must be one of {', '.join(_METHODS)}.")
    method = method.upper()
    if method not in _METHODS:
        raise MethodNotAllowed(
            f"method must be one of {', '.join(_METHODS)}, not {method[:_LONGEST_METHOD]}."
        )
    endpoint, target = _place(path, endpoints)
    if (method == "POST") is (target is not None):
        words = f"{endpoint}, without an id," if method == "POST" else f"{endpoint}/<id>"
        raise MethodNotAllowed(f"path must be {words} for {method}.")
    bulk_id, version = get_any_case(operation, "bulkId"), get_any_case(operation, "version")
    data = get_any_case(operation, "data")
    if method != "DELETE" and not isinstance(data, dict):
        raise InvalidSyntax(f"data is required for {method} and must be an object.")
    return Operation(
        method=method,
        endpoint=endpoint,
        target=target,
        bulk_id=bulk_id if isinstance(bulk_id, str) and method == "POST" else None,
        version=version if isinstance(version, str) and version else None,
        data=data if isinstance(data, dict) else {},
    )


def _place(path: JSON, endpoints: Mapping[str, str]) -> tuple[str, str | None]:
    """The endpoint and id in an operation's path."""
    known = ", ".join(endpoints.values())
    if not isinstance(path, str):
        raise InvalidSyntax(f"path must be one of {known}, or one of these with /<id>.")
    parts = path.strip("/").split("/")
    endpoint = endpoints.get(parts[0].lower())
    if endpoint is None or len(parts) > 2:  # noqa: PLR2004 - /Users/<id>
        raise NotFound(
            f"The path {path[:100]} does not exist. path must be one of {known}, or one of these with /<id>."
        )
    return endpoint, unquote(parts[1]) if len(parts) > 1 else None


def reference(text: str) -> str | None:
    """The bulkId in a reference; None if the text is not a reference."""
    return text[len(_REFERENCE) :] if text.lower().startswith(_REFERENCE) else None


def _references(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        if (name := reference(value)) is not None:
            yield name
    elif isinstance(value, list):
        for element in value:
            yield from _references(element)
    elif isinstance(value, dict):
        for content in value.values():
            yield from _references(content)


def _resolved(value: JSON, ids: Mapping[str, str]) -> JSON:
    if isinstance(value, str):
        name = reference(value)
        if name is None:
            return value
        if name not in ids:
            raise InvalidValue(f"No POST of this request has the bulkId '{name[:100]}'.")
        return ids[name]
    if isinstance(value, list):
        return [_resolved(element, ids) for element in value]
    if isinstance(value, dict):
        return {key: _resolved(content, ids) for key, content in value.items()}
    return value


def _operations(data: Mapping[str, JSON]) -> Iterator[dict[str, JSON]]:
    operations = get_any_case(dict(data), "Operations")
    for operation in operations if isinstance(operations, list) else []:
        if isinstance(operation, dict):
            yield operation


def _paths(data: Mapping[str, JSON]) -> Iterator[str]:
    """The paths in a PATCH message: the paths of its operations, and the keys of values without a path."""
    for operation in _operations(data):
        path, value = get_any_case(operation, "path"), get_any_case(operation, "value")
        if isinstance(path, str):
            yield path
        elif isinstance(value, dict):
            yield from value


def _with_paths(data: dict[str, JSON], ids: Mapping[str, str]) -> dict[str, JSON]:
    """A copy of a PATCH message with ids instead of references in its paths."""

    def known(text: str) -> str:
        return _QUOTED.sub(lambda one: f'"{_resolved(one[0][1:-1], ids)}"', text)

    def repaired(operation: JSON) -> JSON:
        if not isinstance(operation, dict):
            return operation
        return {
            key: known(content)
            if key.lower() == "path" and isinstance(content, str)
            else {known(name): inner for name, inner in content.items()}
            if key.lower() == "value" and isinstance(content, dict)
            else content
            for key, content in operation.items()
        }

    return {
        key: [repaired(one) for one in content]
        if key.lower() == "operations" and isinstance(content, list)
        else content
        for key, content in data.items()
    }


def in_order(operations: Sequence[Operation]) -> list[int]:
    """Positions of the operations, with referenced ones first. A cycle begins at its first operation."""
    makers: dict[str, int] = {}
    for index, one in enumerate(operations):
        if one.bulk_id is not None:
            makers.setdefault(one.bulk_id, index)
    order: list[int] = []
    entered: set[int] = set()
    for start in range(len(operations)):
        # Written without recursion, because a thousand operations may refer to each other in a chain.
        stack = [(start, False)]
        while stack:
            index, done = stack.pop()
            if done:
                order.append(index)
            elif index not in entered:
                entered.add(index)
                stack.append((index, True))
                needed = sorted(makers[name] for name in operations[index].references() if name in makers)
                stack.extend((need, False) for need in reversed(needed))
    return order
