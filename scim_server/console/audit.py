"""The audit: every event of the organization in plain words, with filters, in pages and as files."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Response, request

from scim_server.console import downloads, listing, pages
from scim_server.console.audit_words import KINDS, sentence
from scim_server.console.listing import Listing
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, gettext, visit
from scim_server.services.audit import queries
from scim_server.services.audit.queries import Reference
from scim_server.store.rows.audit import Recorded, Wanted

audit = Pages("audit")

_FILTERS: Final = ("person", "actor", "type", "since", "until")
_MOST_DIGITS: Final = 18
_DAY_DIGITS: Final = len("2026-03-15")
_YEARS: Final = range(1970, 3000)
_COLUMNS: Final = (
    "id",
    "at",
    "type",
    "what",
    "person",
    "person_id",
    "actor",
    "way_in",
    "reason",
    "status",
    "request_id",
    "detail",
)


@audit.show("/audit", Permission.MEMBERS)
def show() -> Response:
    """A page of the events that the filters admit."""
    chosen = listing.of_request(*_FILTERS)
    wanted, faults = _wanted(chosen)
    cursor = request.args.get("before", "")
    before = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) <= _MOST_DIGITS else None
    return pages.page(
        "audit.html",
        chosen=chosen,
        faults=faults,
        found=queries.page(context(), wanted, before=before),
        before=before,
        types=_types(),
        sentence=sentence,
        shown=queries.shown,
    )


@audit.show("/audit.csv", Permission.MEMBERS)
def as_csv() -> Response:
    """The events that the filters admit, as a table."""
    rows = (
        [str(value) if value is not None else None for value in _facts(*one).values()] for one in _chosen()
    )
    return downloads.csv_file(f"{visit().slug}-audit", _COLUMNS, rows)


@audit.show("/audit.jsonl", Permission.MEMBERS)
def as_jsonl() -> Response:
    """The events that the filters admit, with all their values."""
    objects = (
        {**_facts(*one), "seats": one[1].seats, "details": queries.shown(one[1].payload)} for one in _chosen()
    )
    return downloads.jsonl_file(f"{visit().slug}-audit", objects)


def _chosen() -> Iterator[tuple[Reference, Recorded]]:
    wanted, _faults = _wanted(listing.of_request(*_FILTERS))
    return queries.every(context(), wanted)


def _facts(reference: Reference, one: Recorded) -> dict[str, object]:
    """The values of an event, by the names of the columns."""
    values = (
        str(reference),
        one.at,
        one.type,
        sentence(one),
        one.name,
        one.person,
        one.actor,
        one.way_in,
        one.reason,
        one.status,
        one.request_id,
        one.detail,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _wanted(chosen: Listing) -> tuple[Wanted, list[str]]:
    """The filters of the query, and what is wrong with those that cannot be read."""
    faults = []
    since, until = (_day(chosen.get(name)) for name in ("since", "until"))
    for name, day in (("since", since), ("until", until)):
        if chosen.get(name) and day is None:
            faults.append(gettext("%(day)s is not a day such as 2026-03-15.", day=chosen.get(name)))
    type_ = chosen.get("type")
    wanted = Wanted(
        person=chosen.get("person") or None,
        actor=chosen.get("actor") or None,
        type=type_ if type_ in queries.TYPES else None,
        since=since,
        # The last day counts as a whole.
        until=None if until is None else until + timedelta(days=1),
    )
    return wanted, faults


def _day(text: str) -> datetime | None:
    """The beginning of a day in UTC; None for other text, and for years in which nothing was recorded."""
    try:
        found = datetime.fromisoformat(text[:_DAY_DIGITS]).replace(tzinfo=UTC)
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def _types() -> dict[str, list[str]]:
    """The types of events by the name of their family."""
    families: dict[str, list[str]] = {}
    for type_ in queries.TYPES:
        family = type_.partition(".")[0]
        name = gettext(KINDS[family]) if family in KINDS else family
        families.setdefault(name, []).append(type_)
    return families
