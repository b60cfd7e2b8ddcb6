"""The invoices and the events that explain them, read by separate SQL of the tests."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.campaigns import books

EVENTS: Final = "sequence, at, type, actor, reason, person, seats, payload"
INVOICES: Final = "number, sequence, reason, issued, since, until, currency, net, tax, total, inputs"
LINES: Final = "kind, tier, quantity, unit, fraction, net, tax"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event; `seats` is [purchased, assigned, held] by tier."""

    sequence: int
    at: str
    type: str
    actor: str
    reason: str | None
    person: str | None
    seats: Mapping[str, Sequence[int]]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A line; amounts in minor units, the fraction as text."""

    kind: str
    tier: str
    quantity: int
    unit: int
    fraction: str
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class Bill:
    """The data of a preview and of an invoice."""

    since: str
    until: str
    currency: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice; `contract` is in its inputs."""

    number: int
    sequence: int
    reason: str
    issued: str
    bill: Bill
    net: int
    tax: int
    total: int
    contract: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Key:
    """The purchase of an idempotency key."""

    key: str
    sequence: int
    invoice: int | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """All of it, in one snapshot; `term` and `ended` are of the contract, `purchased` of the tiers."""

    term: int | None
    ended: str | None
    purchased: Mapping[str, int]
    invoices: Sequence[Invoice]
    entries: Sequence[Entry]
    keys: Sequence[Key]


def read(database_url: str, slug: str) -> Ledger:
    """The ledger of one organization."""
    with books.cursor(database_url) as one:

        def rows(columns: str, table: str, order: str) -> list[Any]:
            one.execute(f"SELECT {columns} FROM {table} WHERE {here} ORDER BY {order}")
            return list(one.fetchall())

        here = f"slug = '{slug}'"
        here = f"organization = '{rows('id', 'organizations', 'id')[0][0]}'"
        term, ended = (rows("term, ended", "contracts", "organization") or [(None, None)])[0]
        lines: dict[int, list[Line]] = defaultdict(list)
        for number, *line in rows(f"invoice, {LINES}", "invoice_lines", "invoice, position"):
            lines[number].append(Line(*line))
        return Ledger(
            term,
            ended,
            dict(rows("tier, purchased", "seat_pool", "tier")),
            [_invoice(row, tuple(lines[row[0]])) for row in rows(INVOICES, "invoices", "number")],
            [Entry(*row[:6], *map(parsed, row[6:])) for row in rows(EVENTS, "events", "sequence")],
            [Key(*row) for row in rows("key, sequence, invoice", "purchases", "key")],
        )


def _invoice(row: Any, lines: tuple[Line, ...]) -> Invoice:  # noqa: ANN401 - a row of either driver
    number, sequence, reason, issued, since, until, currency, net, tax, total, inputs = row
    bill = Bill(since, until, currency, lines)
    return Invoice(number, sequence, reason, issued, bill, net, tax, total, parsed(inputs)["contract"])


def parsed(value: Any) -> dict[str, Any]:  # noqa: ANN401 - text on SQLite, parsed on PostgreSQL
    """A document."""
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def deadlocks(database_url: str) -> int:
    """The number of deadlocks that PostgreSQL has ended in this database."""
    if database_url.startswith("sqlite"):
        return 0
    with books.cursor(database_url) as one:
        one.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(one.fetchone()[0])
