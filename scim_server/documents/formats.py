"""Formats money, numbers, dates, seats and people in each language. All other modules use this module.

The languages are those of mails and pages. English dates use ISO 8601, which readers of every country
understand in the same way.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal

from seat_policy.money import Money, exponent
from seat_policy.proration import Remaining

ENGLISH: Final = "en"
_DAYS: Final = {"en": "yyyy-MM-dd", "es": "d 'de' MMMM 'de' yyyy"}
_MOMENTS: Final = {"en": "yyyy-MM-dd HH:mm 'UTC'", "es": "d 'de' MMMM 'de' yyyy, HH:mm 'UTC'"}
_NOUNS: Final = {
    "en": {
        "seat": ("seat", "seats"),
        "person": ("person", "people"),
        "day": ("day", "days"),
        "line": ("line", "lines"),
        "month": ("month", "months"),
    },
    "es": {
        "seat": ("asiento", "asientos"),
        "person": ("persona", "personas"),
        "day": ("día", "días"),
        "line": ("línea", "líneas"),
        "month": ("mes", "meses"),
    },
}

_PARTS: Final = {
    "en": ("the whole term", "{part} of {whole}", "{days} of {counted}", " and "),
    "es": ("el periodo completo", "{part} de {whole}", "{days} de {counted}", " y "),
}
"""A part of a term: the whole, a part of months, a part of days, and the word between months and days."""


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def amount(money: Money, language: str = ENGLISH) -> str:
    """The digits in groups, with the currency's decimals but without its code: `12,000.00`."""
    decimals = exponent(money.currency)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(Decimal(str(money)), format=pattern, locale=_locale(language))


def money(value: Money, language: str = ENGLISH) -> str:
    """`12,000.00 USD`."""
    return f"{amount(value, language)} {value.currency}"


def number(value: float, language: str = ENGLISH) -> str:
    """`12,000`, `1.25`."""
    return format_decimal(value, locale=_locale(language))


def day(value: date, language: str = ENGLISH) -> str:
    """`2026-03-01`, `1 de marzo de 2026`."""
    return format_date(value, format=_DAYS[language], locale=_locale(language))


def moment(value: datetime | str, language: str = ENGLISH) -> str:
    """A time in UTC to the minute, such as `2026-03-01 07:30 UTC`."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return format_datetime(at.astimezone(UTC), format=_MOMENTS[language], locale=_locale(language))


def noun(word: str, count: int, language: str = ENGLISH) -> str:
    """The singular or plural of a word, such as `seat` or `seats`."""
    one, several = _NOUNS[language][word]
    return one if _locale(language).plural_form(count) == "one" else several


def counted(word: str, count: int, language: str = ENGLISH) -> str:
    """`1 person`, `1,200 people`."""
    return f"{number(count, language)} {noun(word, count, language)}"


def seats(count: int, tier: str, language: str = ENGLISH) -> str:
    """`1 standard seat`, `5 asientos standard`."""
    word = noun("seat", count, language)
    return f"{number(count, language)} " + (f"{word} {tier}" if language == "es" else f"{tier} {word}")


def tiers(quantities: Mapping[str, int], language: str = ENGLISH) -> str:
    """`5 standard seats and 1 premium seat`."""
    return listed((seats(count, tier, language) for tier, count in quantities.items()), language)


def listed(items: Iterable[str], language: str = ENGLISH) -> str:
    """`a`, `a and b`, `a, b and c`."""
    words = list(items)
    if language == ENGLISH and len(words) > 2:  # noqa: PLR2004 - no comma before the last
        return f"{', '.join(words[:-1])} and {words[-1]}"
    return format_list(words, locale=_locale(language)) if words else ""


def part_of_term(left: Remaining, language: str = ENGLISH) -> str:
    """`the whole term`, `9 months and 17 days of 12 months`, `292 of 365 days`."""
    whole, of_months, of_days, and_ = _PARTS[language]
    if left.fraction == 1:
        return whole
    if left.of_months is None:
        days_in = counted("day", left.days_in, language)
        return of_days.format(days=number(left.days, language), counted=days_in)
    months = [counted("month", left.months, language)] if left.months or not left.days else []
    days = [counted("day", left.days, language)] if left.days else []
    return of_months.format(part=and_.join(months + days), whole=counted("month", left.of_months, language))
