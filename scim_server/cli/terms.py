"""The options that describe a contract, shared by the commands that need one."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

import click

from scim_server.services.billing.commands import Terms
from seat_policy.contract import Per, Renewal
from seat_policy.proration import Proration

Command = TypeVar("Command", bound=Callable[..., Any])
_PERCENT: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def parse_day(_context: object, _parameter: object, value: str | None) -> date | None:
    """Read a calendar day (ISO 8601).

    Raises:
        BadParameter: the text is not a day.
    """
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a day such as 2026-03-01") from None


def parse_moment(_context: object, _parameter: object, value: str) -> date | datetime:
    """Read a calendar day or a time; a time without a zone is in UTC.

    Raises:
        BadParameter: the text is neither a day nor a time.
    """
    try:
        return date.fromisoformat(value)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"'{value}' is not a day or time such as 2026-03-01 or 2026-03-01T07:30Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _amounts(_context: object, _parameter: object, values: Sequence[str]) -> dict[str, str]:
    amounts: dict[str, str] = {}
    for value in values:
        tier, sign, amount = value.partition("=")
        if not sign or not tier or not amount:
            raise click.BadParameter(f"'{value}' is not of the form TIER=AMOUNT, such as standard=20.00")
        if tier in amounts:
            raise click.BadParameter(f"the tier '{tier}' is given twice")
        amounts[tier] = amount
    return amounts


def _percent(_context: object, _parameter: object, value: str | None) -> Decimal | None:
    if value is None:
        return None
    digits = value.removesuffix("%")
    if _PERCENT.fullmatch(digits) is None:
        raise click.BadParameter(f"'{value}' is not a percentage such as 19 or 8.875")
    return Decimal(digits)


_PRICING: Final = (
    click.option(
        "--start", metavar="DATE", callback=parse_day, help="First day of the first term [default: today]."
    ),
    click.option("--months", type=click.IntRange(1, 120), help="Number of months in a term [default: 12]."),
    click.option("--currency", metavar="CODE", help="ISO 4217 code of the currency [default: USD]."),
    click.option(
        "--price",
        "prices",
        metavar="TIER=AMOUNT",
        multiple=True,
        callback=_amounts,
        help="Price of one seat of a tier for one month; repeatable.",
    ),
    click.option(
        "--term-price",
        "term_prices",
        metavar="TIER=AMOUNT",
        multiple=True,
        callback=_amounts,
        help="Price of one seat of a tier for the whole term, instead of --price; repeatable.",
    ),
    click.option(
        "--time-zone",
        metavar="ZONE",
        help="Time zone of the calendar days, such as Europe/Berlin [default: UTC].",
    ),
    click.option(
        "--method",
        "proration",
        type=click.Choice([method.value for method in Proration]),
        help="How a part of a month is billed [default: monthly_exact].",
    ),
    click.option(
        "--tax", metavar="PERCENT", callback=_percent, help="Tax on every line, in percent; 0 means no tax."
    ),
    click.option(
        "--inclusive/--exclusive", "tax_inclusive", default=None, help="Whether the prices include the tax."
    ),
)
_RENEWAL: Final = (
    click.option(
        "--minimum", type=click.IntRange(0), help="Minimum number of seats after a renewal [default: 0]."
    ),
    click.option(
        "--auto-renew/--no-auto-renew",
        default=None,
        help="Whether another term follows automatically [default: auto-renew].",
    ),
    click.option(
        "--renewal",
        type=click.Choice([rule.value for rule in Renewal]),
        help="Seats of the next term: the seats in use, or the purchased seats [default: in_use].",
    ),
    click.option(
        "--term",
        type=click.IntRange(1),
        help="Number of the current term, if another system invoiced the earlier terms [default: 1].",
    ),
    click.option(
        "--seller",
        metavar="TEXT",
        help="Name and address of the seller on invoices; several lines are possible.",
    ),
    click.option(
        "--bill-to", metavar="TEXT", help="The customer on invoices [default: the organization's name]."
    ),
    click.option(
        "--bill-opening", is_flag=True, help="Invoice the opening seats at once, for the whole term."
    ),
)


def _with(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def pricing_options(command: Command) -> Command:
    """Add the options that determine a price, for quotes."""
    return _with(_PRICING, command)


def contract_options(command: Command) -> Command:
    """Add all options of a contract."""
    return _with((*_PRICING, *_RENEWAL), command)


def terms_of(said: dict[str, Any]) -> Terms:
    """The terms that the options give. `said` must not have other entries.

    Raises:
        UsageError: a tier has both kinds of price.
    """
    monthly, whole = said.pop("prices"), said.pop("term_prices")
    twice = sorted({*monthly} & {*whole})
    if twice:
        raise click.UsageError(
            f"{twice[0]} has a price per month and a price per term; give only one of them"
        )
    prices = {tier: (amount, Per.MONTH) for tier, amount in monthly.items()}
    prices |= {tier: (amount, Per.TERM) for tier, amount in whole.items()}
    for name, kind in (("proration", Proration), ("renewal", Renewal)):
        if said.get(name) is not None:
            said[name] = kind(said[name])
    if said.get("currency") is not None:
        said["currency"] = said["currency"].upper()
    return Terms(prices=prices, **said)
