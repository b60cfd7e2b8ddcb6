"""Filters of the templates: money, numbers, days and times in the language of the request."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import orjson
from babel.dates import format_date, format_timedelta
from flask import g
from markupsafe import Markup

from scim_server.console.browser_words import browser
from scim_server.console.visit import database, gettext, language_of_request
from scim_server.documents import formats
from scim_server.documents import invoice as document
from scim_server.store.rows.invoices import Invoice, InvoiceLine
from scim_server.store.rows.people import Person
from seat_policy.bill import Kind, Line
from seat_policy.contract import ANY
from seat_policy.money import Money
from seat_policy.proration import Remaining
from seat_policy.ways_in import WayIn

_NOW: Final = timedelta(minutes=1)


def money(value: Money) -> str:
    """`1,000.00 USD`."""
    return formats.money(value, language_of_request())


def number(value: float) -> str:
    """`1,000`."""
    return formats.number(value, language_of_request())


def day(value: date) -> str:
    """A day in the form of the language."""
    return formats.day(value, language_of_request())


def short_day(value: date) -> str:
    """A day without its year, such as `15 Mar`."""
    return format_date(value, "d MMM", locale=language_of_request())


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
    since: timedelta = at - g.now
    if abs(since) < _NOW:
        words = gettext("just now")
    else:
        words = format_timedelta(since, add_direction=True, locale=language_of_request())
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


ROLES: Final = ("user", "admin", "owner", "primary_owner")


def role_name(role: str) -> str:
    """A role in words."""
    return {
        "user": gettext("User"),
        "admin": gettext("Admin"),
        "owner": gettext("Owner"),
        "primary_owner": gettext("Primary Owner"),
    }.get(role, role)


def way_in(way: WayIn) -> str:
    """How a person became a member, in words."""
    known: dict[str, str] = {
        WayIn.SCIM: gettext("their provider"),
        WayIn.JIT: gettext("a sign-in"),
        WayIn.INVITATION: gettext("an invitation"),
        WayIn.CLI: gettext("the operator"),
        WayIn.API: gettext("the vendor's app"),
        WayIn.IMPORT: gettext("an import"),
        WayIn.CONSOLE: gettext("the console"),
        WayIn.WORKER: gettext("the calendar"),
    }
    return known.get(way, way)


def state_name(name: str) -> str:
    """The seat status of a member in words."""
    return {
        "seated": gettext("with a seat"),
        "waiting": gettext("waiting"),
        "none": gettext("without a seat"),
        "inactive": gettext("inactive"),
    }.get(name, name)


def removal_state(name: str) -> str:
    """The state of a mass removal in words."""
    return {
        "open": gettext("to be decided"),
        "confirmed": gettext("confirmed"),
        "restored": gettext("restored"),
    }.get(name, name)


def restored_state(name: str) -> str:
    """What a restored person has, in words."""
    return {
        "seated": gettext("People who get their seat back"),
        "waiting": gettext("People who wait for a seat"),
        "none": gettext("People without a seat, as before"),
        "refused": gettext("People who are refused, because no seat is free"),
    }.get(name, name)


def person_name(person: Person) -> str:
    """The name of a person as the provider sent it, or else the userName."""
    values = orjson.loads(person.document)
    parts = values.get("name") or {}
    whole = " ".join(part for part in (parts.get("givenName"), parts.get("familyName")) if part)
    return str(values.get("displayName") or parts.get("formatted") or whole or person.user_name)


def person_address(person: Person) -> str:
    """`Ada Lovelace <ada@example.com>`; only the userName if there is no name."""
    name = person_name(person)
    return person.user_name if name == person.user_name else f"{name} <{person.user_name}>"


def bill_line(line: Line | InvoiceLine) -> str:
    """The seats of a line of a bill, in words."""
    counted = seats(line.quantity, line.tier)
    if line.kind == Kind.UPGRADED_FROM:
        return gettext("Credit for %(seats)s turned into a better tier", seats=counted)
    if line.kind == Kind.UPGRADED:
        return gettext("%(seats)s from a lower tier", seats=counted)
    return counted


def part_of_term(left: Remaining) -> Markup:
    """`9 months and 17 days of 12 months`, with the exact fraction after it; `the whole term`."""
    words = formats.part_of_term(left, language_of_request())
    if left.fraction == 1:
        return Markup("{}").format(words)
    return Markup("{} ({})").format(words, left.fraction)


def iso_day(text: str) -> str:
    """A stored day in the form of the language."""
    return day(date.fromisoformat(text))


def issued_on(invoice: Invoice) -> str:
    """The day of an invoice, in the time zone of its contract."""
    return day(document.day_of_issue(invoice))


def total_of(invoice: Invoice) -> str:
    """The total of an invoice."""
    return money(Money(invoice.total, invoice.currency))


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "money": money,
    "number": number,
    "day": day,
    "short_day": short_day,
    "moment": moment,
    "ago": ago,
    "browser": browser,
    "seats": seats,
    "tiers": tiers,
    "tier_name": tier_name,
    "role_name": role_name,
    "way_in": way_in,
    "person_name": person_name,
    "state_name": state_name,
    "removal_state": removal_state,
    "restored_state": restored_state,
    "bill_line": bill_line,
    "part_of_term": part_of_term,
    "iso_day": iso_day,
    "issued_on": issued_on,
    "total_of": total_of,
}
