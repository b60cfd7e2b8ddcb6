"""A User: from a request's body to the stored values, and from the stored values to an answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

import orjson

from scim_server.protocol.attributes import JSON, ResourceType
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.etag import etag
from scim_server.protocol.normalise import fold, search_document, user_name_key
from scim_server.protocol.resources import ENTERPRISE_SCHEMA, SEAT_SCHEMA, USER_SCHEMA
from scim_server.protocol.schemas import ResourceSchema

MAX_KEY_BYTES: Final = 2_000
"""Most bytes of an indexed value. PostgreSQL's indexes allow 2,704 bytes including the other keys."""

_SURELY_FITS: Final = MAX_KEY_BYTES // 36
"""The maximum in characters. Folding makes at most three characters of one, each with at most 12 bytes."""

MATCHED: Final = ("emails", "phoneNumbers")
"""Multi-valued attributes by which providers match people. Their values are indexed."""


@dataclass(frozen=True, slots=True)
class User:
    """A person as a provider describes the person.

    Attributes:
        user_name: the userName as it was sent.
        user_name_key: the key that must be unique in the organization.
        external_id: the provider's own id.
        display_name_key: the displayName in the form for comparison.
        active: whether the person is active; None if it was not sent.
        document: everything that was sent except `active`, as JSON text with canonical names.
        search: the same values in the form for comparison.
        matched: (attribute in lower case, normalised value) of e-mail addresses and telephone numbers.
    """

    user_name: str
    user_name_key: str
    external_id: str | None
    display_name_key: str | None
    active: bool | None
    document: str
    search: Mapping[str, JSON]
    matched: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, document: Mapping[str, JSON], resource_type: ResourceType) -> Self:
        """Make a user from a document with canonical names, which may contain `active`.

        Raises:
            InvalidValue: userName is missing.
        """
        values = dict(document)
        active = values.pop("active", None)
        _forget_reference(values)
        user_name, external_id = values.get("userName"), values.get("externalId")
        display_name = values.get("displayName")
        if not isinstance(user_name, str) or not user_name.strip():
            raise InvalidValue("userName is required.")
        search = search_document(resource_type, values)
        matched = tuple(_matched(search))
        key = user_name_key(user_name)
        must_fit({"userName": key, "externalId": external_id, "displayName": display_name})
        for name, value in matched:
            must_fit({f"{name}.value": value})
        return cls(
            user_name=user_name,
            user_name_key=key,
            external_id=external_id if isinstance(external_id, str) else None,
            display_name_key=fold(display_name) if isinstance(display_name, str) else None,
            active=active if isinstance(active, bool) else None,
            document=orjson.dumps(values).decode(),
            search=search,
            matched=matched,
        )


def must_fit(values: Mapping[str, JSON]) -> None:
    """Refuse values that are too long for an index of the database.

    Raises:
        InvalidValue: one of the values is too long; the message contains its attribute.
    """
    for name, value in values.items():
        if isinstance(value, str) and len(value) > _SURELY_FITS and len(fold(value).encode()) > MAX_KEY_BYTES:
            raise InvalidValue(f"{name} is too long. It may have at most {MAX_KEY_BYTES} bytes.")


def _forget_reference(values: dict[str, JSON]) -> None:
    """Remove `$ref` from the manager. Only the value is stored; `$ref` is computed for each answer."""
    enterprise = values.get(ENTERPRISE_SCHEMA.id)
    if (
        isinstance(enterprise, dict)
        and isinstance(manager := enterprise.get("manager"), dict)
        and "$ref" in manager
    ):
        kept = {name: value for name, value in manager.items() if name != "$ref"}
        values[ENTERPRISE_SCHEMA.id] = {**enterprise, "manager": kept}


def _matched(search: Mapping[str, JSON]) -> Iterable[tuple[str, str]]:
    for name in MATCHED:
        elements = search.get(name.lower())
        for element in elements if isinstance(elements, list) else ():
            value = element.get("value") if isinstance(element, dict) else None
            if isinstance(value, str):
                yield name.lower(), value


def parse_user(body: dict[str, JSON], reader: ResourceSchema) -> User:
    """Read the body of a POST or PUT.

    Raises:
        InvalidValue: userName is missing, or a value has the wrong type.
    """
    return User.of(reader.load_named(body), reader.resource_type)


@dataclass(frozen=True, slots=True)
class Seat:
    """The values of the seat extension for a person.

    Attributes:
        tier: the tier of the person's seat, or the tier that the person waits for; None if the person waits
            for any tier or does not wait.
    """

    status: str
    tier: str | None
    waiting_since: str | None


@dataclass(frozen=True, slots=True)
class Manager:
    """A manager, who is a person of the organization."""

    id: str
    display_name: str | None


@dataclass(frozen=True, slots=True)
class Membership:
    """A group of which a person is a member.

    Attributes:
        type: `direct`, or `indirect` through a group in the group.
    """

    id: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A stored person, with the values that are computed for an answer.

    Attributes:
        id, active, created, modified, version, document: the stored values.
        groups: the groups of the person, direct and indirect.
        manager: the manager in the document, if the manager is a person of the organization.
        seat: the seat extension; None if the organization does not show it.
    """

    id: str
    active: bool
    created: str
    modified: str
    version: int
    document: str
    groups: tuple[Membership, ...]
    manager: Manager | None
    seat: Seat | None


def manager_id(document: str) -> str | None:
    """The value of `manager` in a stored document."""
    # Most documents have no manager, so this check avoids parsing most of them.
    if '"manager"' not in document:
        return None
    enterprise = orjson.loads(document).get(ENTERPRISE_SCHEMA.id) or {}
    value = (enterprise.get("manager") or {}).get("value")
    return value if isinstance(value, str) else None


def render_user(user: Shown, base_url: str) -> dict[str, JSON]:
    """The person in the form of a SCIM answer (RFC 7643 section 4.1).

    Args:
        base_url: the organization's SCIM base URL, without a trailing slash.
    """
    document: dict[str, JSON] = orjson.loads(user.document)
    extensions = [urn for urn in document if urn.lower().startswith("urn:")]
    location = f"{base_url}/Users/{user.id}"
    resource: dict[str, JSON] = {"schemas": [USER_SCHEMA.id, *extensions], "id": user.id, **document}
    resource["active"] = user.active
    if user.manager is not None:
        _describe_manager(resource, user.manager, base_url)
    if user.groups:
        resource["groups"] = [
            {"value": one.id, "$ref": f"{base_url}/Groups/{one.id}", "display": one.name, "type": one.type}
            for one in user.groups
        ]
    if user.seat is not None:
        resource["schemas"] = [USER_SCHEMA.id, *extensions, SEAT_SCHEMA.id]
        resource[SEAT_SCHEMA.id] = _seat(user.seat)
    resource["meta"] = meta("User", location, user.created, user.modified, user.version)
    return resource


def meta(resource_type: str, location: str, created: str, modified: str, version: int) -> JSON:
    """The common `meta` of a stored resource (RFC 7643 section 3.1)."""
    return {
        "resourceType": resource_type,
        "created": created,
        "lastModified": modified,
        "version": etag(version),
        "location": location,
    }


def _describe_manager(resource: dict[str, JSON], manager: Manager, base_url: str) -> None:
    enterprise = resource[ENTERPRISE_SCHEMA.id]
    if isinstance(enterprise, dict) and isinstance(enterprise.get("manager"), dict):
        described: dict[str, JSON] = {"value": manager.id, "$ref": f"{base_url}/Users/{manager.id}"}
        if manager.display_name is not None:
            described["displayName"] = manager.display_name
        enterprise["manager"] = described


def _seat(seat: Seat) -> dict[str, JSON]:
    shown: dict[str, JSON] = {"status": seat.status}
    if seat.tier is not None:
        shown["tier"] = seat.tier
    if seat.waiting_since is not None:
        shown["waitingSince"] = seat.waiting_since
    return shown
