"""Events of one organization and of all, snapshots, and the catalogue of types."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

import orjson
from flask import Response
from marshmallow import ValidationError, fields, validate, validates

from scim_server.admin import auth
from scim_server.admin.parsing import Input, choice, text
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.lifetime import ENDING
from scim_server.representations.base import Representation, dump
from scim_server.representations.public_events import EventType, PublicEvent, published, types
from scim_server.representations.snapshots import SnapshotLine, lines
from scim_server.services.access.commands import Scope
from scim_server.services.errors import AccessNotEnded, CursorLost, InvalidCursor, UnknownPerson
from scim_server.services.events import queries
from scim_server.services.events.queries import AT_ONCE, MOST_SECONDS, PUBLIC, Events
from scim_server.services.people import commands as people

events = Noun("events", "What happened in organizations, in order, for apps that keep their own tables.")

_NOW: Final = "now"
_IN_MEMORY: Final = 1_000_000
"""How many bytes of a snapshot are in memory; longer ones are in a temporary file."""
_BLOCK: Final = 64 * 1024


class EventsQuery(Input):
    """The part of the events that is wanted."""

    cursor = text(
        load_default=None,
        longest=500,
        about="Continues after an earlier answer or a snapshot. Usually the list begins at the first event.",
    )
    begin = choice(
        [_NOW], load_default=None, about="`now` without a cursor: no event, and the cursor after all events."
    )
    types = text(
        load_default=None, longest=4_000, about="Only these types, separated by commas; usually all."
    )
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, AT_ONCE),
        metadata={"description": f"The greatest number of events, from 1 to {AT_ONCE}."},
    )
    wait = fields.Integer(
        load_default=0,
        validate=validate.Range(0, MOST_SECONDS),
        metadata={
            "description": f"How many seconds to wait if there is no event, up to {MOST_SECONDS}. The answer "
            "may come earlier without an event, if too many requests wait."
        },
    )

    @validates("types")
    def check_types(self, value: str | None, data_key: str) -> None:
        """Refuse types that do not exist, because they may be mistyped."""
        del data_key
        unknown = [one for one in _split(value) if one not in PUBLIC]
        if unknown:
            raise ValidationError(f"Unknown type '{unknown[0][:100]}'. See /v1/event-types.")


class EventsAnswer(Representation):
    """The next events."""

    data = fields.List(fields.Nested(PublicEvent))
    next_cursor = fields.String(
        metadata={"description": "Continues after these events. It is there even if there are none."}
    )
    has_more = fields.Boolean(metadata={"description": "Whether further events exist now."})


class EventTypes(Representation):
    """All types of public events."""

    data = fields.List(fields.Nested(EventType))


class AccessEndedAnswer(Representation):
    """What the app has said about the access of a person."""

    person = fields.String()
    number = fields.Integer(metadata={"description": "The number of the event that ended the access."})
    at = fields.String(metadata={"description": "When the app said so first.", "format": "date-time"})


@events.show(
    f"{OF_ORGANIZATION}/events",
    Scope.EVENTS_READ,
    EventsAnswer,
    EventsQuery,
    raises=(InvalidCursor, CursorLost),
)
def list_events(query: dict[str, Any]) -> dict[str, object]:
    """The events of an organization after a cursor, in order. Each event comes once."""
    return _of_organization(query)


@events.show(
    "/events", Scope.EVENTS_READ, EventsAnswer, EventsQuery, bound=True, raises=(InvalidCursor, CursorLost)
)
def list_all(query: dict[str, Any]) -> dict[str, object]:
    """The events of all organizations after a cursor. Each event comes once.

    The events of one organization are in order. A key for one organization gets its events.
    """
    slug = auth.bound_to()
    if slug is not None:
        auth.enter(slug)
        return _of_organization(query)
    database = auth.database()
    if _begins_now(query):
        return _answered(Events((), queries.end_of_all(database), more=False))
    with _waiting(query["wait"]) as wait:
        return _answered(
            queries.after_of_all(
                database,
                query["cursor"],
                types=_types(query),
                limit=query["limit"],
                wait=wait,
                pause=ENDING.wait,
            )
        )


def _of_organization(query: dict[str, Any]) -> dict[str, object]:
    context = auth.context()
    if _begins_now(query):
        return _answered(Events((), queries.end(context), more=False))
    with _waiting(query["wait"]) as wait:
        return _answered(
            queries.after(
                context,
                query["cursor"],
                types=_types(query),
                limit=query["limit"],
                wait=wait,
                pause=ENDING.wait,
            )
        )


def _answered(found: Events) -> dict[str, object]:
    return {"data": published(found.data), "next_cursor": found.cursor, "has_more": found.more}


def _begins_now(query: dict[str, Any]) -> bool:
    return query["cursor"] is None and query["begin"] == _NOW


def _types(query: dict[str, Any]) -> list[str]:
    return _split(query["types"]) or list(PUBLIC)


def _split(value: str | None) -> list[str]:
    return [one.strip() for one in (value or "").split(",") if one.strip()]


_mutex: Final = threading.Lock()
_now_waiting = 0


@contextmanager
def _waiting(seconds: int) -> Iterator[int]:
    """Count a request that waits; yield how long it may wait.

    Each waiting request holds a thread, so at most half of the threads of a process wait.
    """
    global _now_waiting  # noqa: PLW0603 - one number for the process
    if seconds == 0:
        yield 0
        return
    with _mutex:
        waits = _now_waiting < auth.config().threads // 2
        _now_waiting += waits
    try:
        yield seconds if waits else 0
    finally:
        with _mutex:
            _now_waiting -= waits


@events.show(f"{OF_ORGANIZATION}/snapshot", Scope.EVENTS_READ, SnapshotLine, lines=True)
def snapshot() -> Response:
    """Seats, people, groups and members as of one event, as JSON lines. Events after its cursor continue it.

    The first line has the cursor. The last line has the kind `end`; without it, the snapshot is not complete.
    """
    # The file is written as fast as the database reads, so a slow client does not hold a transaction.
    written = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the answer
    try:
        for line in lines(queries.snapshot(auth.context())):
            written.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        size = written.tell()
        written.seek(0)
    except BaseException:
        written.close()
        raise
    answer = Response(_blocks(written), mimetype="application/jsonl")
    answer.content_length = size
    answer.call_on_close(written.close)
    return answer


def _blocks(written: IO[bytes]) -> Iterator[bytes]:
    while block := written.read(_BLOCK):
        yield block


@events.show("/event-types", Scope.EVENTS_READ, EventTypes, bound=True)
def list_types() -> dict[str, object]:
    """All types of public events, each with its JSON Schema and an example."""
    return {"data": types()}


@events.do(
    f"{OF_ORGANIZATION}/people/<person>/access-ended",
    Scope.PEOPLE_WRITE,
    AccessEndedAnswer,
    raises=(UnknownPerson, AccessNotEnded),
)
def access_ended(person: str) -> dict[str, object]:
    """Say that the app has ended the access of a person after `person.deprovisioned`.

    Once the app has said this for the first time, the console shows whose access is still open after five
    minutes.
    """
    return dump(AccessEndedAnswer(), people.acknowledge_access_ended(auth.context(), person))
