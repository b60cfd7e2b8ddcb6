"""The rows of one organization, read at once in plain SQL, and their content in the form of tests.model."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

ANY = "any"
ALERTS = ("seats.threshold", "seats.refusals_began", "seats.forecast_short")
"""Events that follow from other events; tests.support.oracles.recount checks them."""
Row = Any
"""A row has its columns as attributes."""
_POOL = ("purchased", "assigned", "held", "waiting", "overflow", "ceiling", "automatic", "unbilled")
_READ = {
    "clocks": """sequence, people, "groups", waiting_any, asking, opens, closes, suspended
        FROM organization_clock""",
    "tiers": f"tier, rank, alerted, {', '.join(_POOL)} FROM seat_pool",
    "people": """id, user_name_key, user_name, active, role, role_mapped, tier, wants, unseated, priority,
        arrival, version, unconfirmed FROM people""",
    "refusals": "sequence, user_name_key, wants, attempts, closed FROM refusals",
    "groups": """id, display_name, members, version FROM "groups" """,
    "members": "group_id, person FROM group_members",
    "subgroups": "group_id FROM group_subgroups",
    "invitations": "sequence, email_key, role, wants, held, state, expires, person FROM invitations",
    "departures": "sequence, held FROM departures",
    "requests": "number, person, user_name_key, wants, state FROM seat_requests",
    "invoices": "number, sequence, reason, net, tax, total FROM invoices",
    "lines": "invoice, kind, tier, quantity, net, tax FROM invoice_lines",
    "events": """sequence, type, reason, person, CAST(seats AS TEXT) AS seats,
        CAST(personal AS TEXT) AS personal, CAST(payload AS TEXT) AS payload FROM events""",
}
_JSON = ("seats", "personal", "payload")
_ORDERED = {
    "requests": "number",
    "refusals": "sequence",
    "invitations": "sequence",
    "invoices": "number",
    "events": "sequence",
}


@dataclass(frozen=True)
class Rows:
    clocks: list[Row]
    tiers: list[Row]
    people: list[Row]
    refusals: list[Row]
    groups: list[Row]
    members: list[Row]
    subgroups: list[Row]
    invitations: list[Row]
    departures: list[Row]
    requests: list[Row]
    invoices: list[Row]
    lines: list[Row]
    events: list[Row] = field(repr=False)


def read(connection: Connection, organization: str, known: Sequence[Row] = ()) -> Rows:
    """All rows in one snapshot, and in one round trip if the database can.

    Args:
        known: events that were read before, which are not read again.
    """
    queries = [f"SELECT {columns} WHERE organization = '{organization}'" for columns in _READ.values()]
    queries[-1] += f" AND sequence > {len(known)}"
    cursor = _cursor(connection)
    found = (
        _one_by_one(cursor, queries) if connection.dialect.name == "sqlite" else _together(cursor, queries)
    )
    rows = dict(zip(_READ, found, strict=True))
    for name, column in _ORDERED.items():
        rows[name].sort(key=attrgetter(column))
    for event in rows["events"]:
        for name in _JSON:
            setattr(event, name, json.loads(getattr(event, name)))
    rows["events"] = [*known, *rows["events"]]
    return Rows(**rows)


def _cursor(connection: Connection) -> Any:  # noqa: ANN401 - the driver's
    connection.exec_driver_sql("SELECT 1")  # begins the transaction
    return connection.connection.cursor()


def _one_by_one(cursor: Any, queries: Iterable[str]) -> list[list[Row]]:  # noqa: ANN401 - the driver's
    return [_rows(cursor.execute(query)) for query in queries]


def _together(cursor: Any, queries: Iterable[str]) -> list[list[Row]]:  # noqa: ANN401 - the driver's
    cursor.execute("; ".join(queries))
    found = [_rows(cursor)]
    while cursor.nextset():
        found.append(_rows(cursor))
    return found


def _rows(cursor: Any) -> list[Row]:  # noqa: ANN401 - the driver's
    names = [column[0] for column in cursor.description]
    return [SimpleNamespace(**dict(zip(names, values, strict=True))) for values in cursor.fetchall()]


def observed(rows: Rows) -> dict[str, object]:
    """The rows of the organization, in the form of tests.model."""
    keys = {person.id: person.user_name_key for person in rows.people}
    waiting = [person for person in rows.people if person.wants is not None]
    return {
        "people": {person.user_name_key: _person(person) for person in rows.people},
        "queue": [p.user_name_key for p in sorted(waiting, key=lambda p: (p.priority, p.arrival))],
        "tiers": {pool.tier: {name: getattr(pool, name) for name in _POOL} for pool in rows.tiers},
        "waiting_any": len([person for person in rows.people if person.wants == ANY]),
        "refusals": [
            (row.user_name_key, row.wants, row.attempts, row.closed is None) for row in rows.refusals
        ],
        "groups": {
            group.display_name: (
                sorted(keys[member.person] for member in rows.members if member.group_id == group.id),
                group.version,
            )
            for group in rows.groups
        },
        "invoices": [
            (
                invoice.reason,
                {line.tier: line.quantity for line in rows.lines if line.invoice == invoice.number},
            )
            for invoice in rows.invoices
        ],
        "invitations": [_invitation(row, keys) for row in rows.invitations],
        "events": [(event.type, _about(event)) for event in rows.events if event.type not in ALERTS],
    }


def _person(person: Row) -> tuple[object, ...]:
    return (
        person.user_name,
        _status(person),
        person.wants,
        person.unseated,
        person.role,
        bool(person.role_mapped),
        person.priority,
        person.version,
        person.unconfirmed is not None,
    )


def _status(person: Row) -> str:
    if not person.active:
        return "inactive"
    return f"seated on {person.tier}" if person.tier else "waiting" if person.wants else "none"


def _invitation(row: Row, keys: dict[str, str]) -> tuple[object, ...]:
    expires, arrived = datetime.fromisoformat(row.expires), row.person and keys.get(row.person, "gone")
    return (row.email_key, row.role, row.wants, row.held, row.state, expires, arrived)


def _about(event: Row) -> str:
    kind = event.type.partition(".")[0]
    names = {"group": "displayName", "invitation": "email", "person": "userName"}
    said = event.payload if kind == "group" else event.personal
    return str(said[names[kind]]) if kind in names else ""
