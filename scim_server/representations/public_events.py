"""Events in the form for programs: in /v1, in webhooks and with `--json`.

One function makes the representations of any number of events, from rows that one statement has read. They
contain no more than the person as they are now, what the event changed, and the event's own values.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
from marshmallow import Schema, fields

from scim_server.history import CATALOGUE, Event
from scim_server.history import schemas as payloads
from scim_server.representations.base import Representation, dump
from scim_server.representations.people import PERSON, PersonRepresentation
from scim_server.services.events.queries import Appended, reference

Dumped = dict[str, object]
EXAMPLES: Final = Path(__file__).with_name("event_examples.json")
"""An event of each public type, as tests/services/events/examples.py causes it."""

_COUNTS: Final = ("purchased", "assigned", "held")


class AboutEvent(Representation):
    """What an event is about."""

    type = fields.String(metadata={"description": "The kind, such as person."})
    id = fields.String(
        allow_none=True, metadata={"description": "Null if there is none, as of a refused create."}
    )
    name = fields.String(
        allow_none=True,
        metadata={
            "description": "The userName, address or name at the time of the event; null after it was erased."
        },
    )


class SeatsMoved(Representation):
    """The changes of the numbers of seats of a tier."""

    purchased = fields.Integer()
    assigned = fields.Integer()
    held = fields.Integer()


class PublicEvent(Representation):
    """An event."""

    id = fields.String(
        metadata={"description": "Identifies the event among all organizations, such as acme-12."}
    )
    type = fields.String(metadata={"description": "One of the public types."})
    version = fields.Integer(metadata={"description": "The version of `details`."})
    organization = fields.String(metadata={"description": "The slug of the organization."})
    number = fields.Integer(
        metadata={
            "description": "The number in the organization. The numbers of all events, with those that are "
            "not public, have no gaps."
        }
    )
    at = fields.String(metadata={"description": "When the event was appended.", "format": "date-time"})
    actor = fields.String(metadata={"description": "The token, key, person or job that caused the event."})
    way_in = fields.String(metadata={"description": "How the actor caused it, such as scim or console."})
    reason = fields.String(allow_none=True, metadata={"description": "The reason, as a code."})
    request_id = fields.String(
        allow_none=True, metadata={"description": "The id of the request in answers and logs."}
    )
    about = fields.Nested(AboutEvent)
    person = fields.Nested(
        PersonRepresentation,
        allow_none=True,
        metadata={
            "description": "The person as they are now, which may be later than the event; null if the event "
            "is about no person, or the person does not exist any more."
        },
    )
    changes = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(),
        metadata={
            "description": "What the event changed, each with `from` (left out if the history does not have "
            "it) and `to`. The members of a group have `added` and `removed` instead, which are null if more "
            "members changed than an event lists."
        },
    )
    seats = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(SeatsMoved),
        metadata={"description": "The changes of the numbers of seats, by tier."},
    )
    details = fields.Dict(metadata={"description": "The values of the event. The type defines the keys."})


class EventType(Representation):
    """A type of public events."""

    type = fields.String()
    version = fields.Integer(metadata={"description": "Increased by changes that would break readers."})
    description = fields.String(metadata={"description": "When such an event is appended."})
    schema = fields.Dict(metadata={"description": "The JSON Schema of these events."})
    example = fields.Dict(metadata={"description": "Such an event."})


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
    schema = _object(PublicEvent())
    properties = {name: {**one, **own.get(name, {})} for name, one in schema["properties"].items()}
    return {**schema, "description": payloads.appended(event), "properties": properties}


_TYPES: Final = ((fields.String, "string"), (fields.Integer, "integer"), (fields.Dict, "object"))


def _object(schema: Schema) -> dict[str, Any]:
    properties = {name: _json(one) for name, one in schema.fields.items()}
    return {"type": "object", "required": list(properties), "properties": properties}


def _json(field: fields.Field[Any]) -> dict[str, Any]:
    """The JSON Schema of the values of a field."""
    about = {key: field.metadata[key] for key in ("description", "format") if key in field.metadata}
    if isinstance(field, fields.Nested):
        inner = _object(field.schema)
        return {**inner, **about, "type": ["object", "null"]} if field.allow_none else {**inner, **about}
    if isinstance(field, fields.Dict) and isinstance(field.value_field, fields.Field):
        return {"type": "object", **about, "additionalProperties": _json(field.value_field)}
    kind = next(name for class_, name in _TYPES if isinstance(field, class_))
    return {"type": [kind, "null"] if field.allow_none else kind, **about}


def every_type() -> list[type[Event]]:
    """The public types, in the order of the catalogue."""
    return [event for event in CATALOGUE.values() if event.public]


@cache
def example(type_: str) -> dict[str, Any]:
    """An event of a type. A test appends such an event and compares it."""
    found: dict[str, Any] = _examples()[type_]
    return found


@cache
def _examples() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(EXAMPLES.read_bytes())
    return found


def types() -> list[dict[str, object]]:
    """The representations of all public types."""
    return [
        {
            "type": one.type,
            "version": one.version,
            "description": payloads.appended(one),
            "schema": json_schema(one),
            "example": example(one.type),
        }
        for one in every_type()
    ]
