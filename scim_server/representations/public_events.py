"""Events in the form for programs: in /v1, in webhooks and with `--json`.

One function makes the representations of any number of events, from rows that one statement has read. They
contain no more than the person as they are now, what the event changed, and the event's own values.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from scim_server.history import CATALOGUE, Event
from scim_server.history import schemas as payloads
from scim_server.representations.base import dump
from scim_server.representations.people import PERSON
from scim_server.services.events.queries import Appended, reference

Dumped = dict[str, object]

_COUNTS: Final = ("purchased", "assigned", "held")
SCHEMA: Final[Mapping[str, dict[str, Any]]] = {
    "id": {"type": "string", "description": "Identifies the event among all organizations, such as acme-12."},
    "type": {"type": "string"},
    "version": {"type": "integer", "description": "The version of `details`."},
    "organization": {"type": "string", "description": "The slug of the organization."},
    "number": {
        "type": "integer",
        "description": "The number in the organization. The numbers of all events, with those that are not "
        "public, have no gaps.",
    },
    "at": {"type": "string", "format": "date-time"},
    "actor": {"type": "string", "description": "The token, key, person or job that caused the event."},
    "way_in": {"type": "string", "description": "How the actor caused it, such as scim or console."},
    "reason": {"type": ["string", "null"], "description": "The reason, as a code."},
    "request_id": {"type": ["string", "null"], "description": "The id of the request in answers and logs."},
    "about": {
        "type": "object",
        "description": "What the event is about.",
        "required": ["type", "id", "name"],
        "properties": {
            "type": {"type": "string", "description": "The kind, such as person."},
            "id": {
                "type": ["string", "null"],
                "description": "Null if there is none, as of a refused create.",
            },
            "name": {
                "type": ["string", "null"],
                "description": "The userName, address or name at the time of the event; null after it was "
                "erased.",
            },
        },
    },
    "person": {
        "type": ["object", "null"],
        "description": "The person as they are now, which may be later than the event; null if the event is "
        "about no person, or the person does not exist any more.",
    },
    "changes": {
        "type": "object",
        "description": "What the event changed, each with `from` (left out if the history does not have it) "
        "and `to`. The members of a group have `added` and `removed` instead, which are null if more members "
        "changed than an event lists.",
        "additionalProperties": {"type": "object"},
    },
    "seats": {
        "type": "object",
        "description": "The changes of the numbers of seats, by tier.",
        "additionalProperties": {
            "type": "object",
            "required": list(_COUNTS),
            "properties": {name: {"type": "integer"} for name in _COUNTS},
        },
    },
    "details": {"type": "object", "description": "The event's own values."},
}
"""The JSON Schema of each key."""


def published(events: Iterable[Appended]) -> list[Dumped]:
    """The representations of events, in their order."""
    return [_published(one) for one in events]


def _published(one: Appended) -> Dumped:
    event = one.event
    id_, name = event.subject
    return {
        "id": str(reference(one)),
        "type": one.type,
        "version": event.version,
        "organization": one.slug,
        "number": one.sequence,
        "at": one.at,
        "actor": one.actor,
        "way_in": one.way_in,
        "reason": one.reason,
        "request_id": one.request_id,
        "about": {"type": one.type.partition(".")[0], "id": id_, "name": name},
        "person": None if one.member is None else dump(PERSON, one.member),
        "changes": event.differences,
        "seats": {tier: dict(zip(_COUNTS, delta, strict=True)) for tier, delta in one.seats.items()},
        "details": {key: value for key, value in one.payload.items() if key not in event.in_differences},
    }


def json_schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of events of a type."""
    own: dict[str, dict[str, Any]] = {
        "type": {"const": event.type},
        "version": {"const": event.version},
        "details": payloads.payload(event),
    }
    return {
        "type": "object",
        "description": payloads.appended(event),
        "required": list(SCHEMA),
        "properties": {name: {**one, **own.get(name, {})} for name, one in SCHEMA.items()},
    }


def every_type() -> list[type[Event]]:
    """The public types, in the order of the catalogue."""
    return [event for event in CATALOGUE.values() if event.public]
