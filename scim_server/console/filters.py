"""Filters of the templates: money, numbers, days and times in the language of the request."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson
from babel.dates import format_timedelta
from flask import g
from markupsafe import Markup

from scim_server.console.visit import database, gettext, language_of_request
from scim_server.documents import formats
from scim_server.store.rows.people import Person
from seat_policy.bill import Kind, Line
from seat_policy.contract import ANY
from seat_policy.money import Money
from seat_policy.ways_in import WayIn


def money(value: Money) -> str:
    """`1,000.00 USD`."""
    return formats.money(value, language_of_request())


def number(value: float) -> str:
    """`1,000`."""
    return formats.number(value, language_of_request())


def day(value: date) -> str:
    """A day in the form of the language."""
    return formats.day(value, language_of_request())


def moment(value: datetime | str) -> str:
    """A time in the form of the language, in UTC."""
    return formats.moment(value, language_of_request())


def ago(value: datetime | str | None) -> Markup:
    """How long ago a time is, with the exact time as its title; empty for None."""
    if value is None:
        return Markup("")
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if "now" not in g:
        g.now = database().now()
    words = format_timedelta(at - g.now, add_direction=True, locale=language_of_request())
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.astimezone(UTC).isoformat(timespec="seconds"), moment(at), words
    )


def seats(count: int, tier: str) -> str:
    """`5 standard seats`."""
    return formats.seats(count, tier, language_of_request())


def tiers(quantities: Mapping[str, int]) -> str:
    """`5 standard seats and 1 premium seat`."""
    return formats.tiers(quantities, language_of_request())


def tier_name(name: str) -> str:
    """The name of a tier; `any` in words."""
    return gettext("any tier") if name == ANY else name


def way_in(way: WayIn) -> str:
    """How a person became a member, in words."""
    known: dict[str, str] = {
        WayIn.SCIM: gettext("their provider"),
        WayIn.JIT: gettext("a sign-in"),
        WayIn.INVITATION: gettext("an invitation"),
        WayIn.CLI: gettext("the operator"),
        WayIn.CONSOLE: gettext("the console"),
    }
    return known.get(way, way)


def person_name(person: Person) -> str:
    """The name of a person as the provider sent it, or else the userName."""
    values = orjson.loads(person.document)
    parts = values.get("name") or {}
    whole = " ".join(part for part in (parts.get("givenName"), parts.get("familyName")) if part)
    return str(values.get("displayName") or parts.get("formatted") or whole or person.user_name)


def bill_line(line: Line) -> str:
    """The seats of a line of a bill, in words."""
    counted = seats(line.quantity, line.tier)
    if line.kind is Kind.UPGRADED_FROM:
        return gettext("Credit for %(seats)s turned into a better tier", seats=counted)
    if line.kind is Kind.UPGRADED:
        return gettext("%(seats)s from a lower tier", seats=counted)
    return counted


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "money": money,
    "number": number,
    "day": day,
    "moment": moment,
    "ago": ago,
    "seats": seats,
    "tiers": tiers,
    "tier_name": tier_name,
    "way_in": way_in,
    "person_name": person_name,
    "bill_line": bill_line,
}
