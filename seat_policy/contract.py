"""Tiers, and the contract that an organization signed for them (SEATS 1-10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from seat_policy.errors import PolicyError
from seat_policy.money import Money, exponent
from seat_policy.proration import Proration, Term

ANY: Final = "any"
"""The request for a seat of any tier; tiers are tried from the highest down. No tier can have this name."""

MOST_MONTHS: Final = 120
MOST_SEATS: Final = 10_000_000
"""The maximum number of seats of one tier. With the limit on prices, no invoice exceeds 64 bits."""
_MOST_MINOR: Final = 10**11
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 9000
_MOST_TAX: Final = 100
_MOST_TAX_DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class Tier:
    """A kind of seat. A higher rank includes everything of the lower ranks (SEATS 2).

    Attributes:
        name: a lower-case word that stands for the tier in requests, mappings and commands.
        rank: 1 for the lowest; unique within an organization.
    """

    name: str
    rank: int

    def __post_init__(self) -> None:
        if self.name == ANY:
            raise PolicyError("a tier cannot be called 'any', which means all tiers")


DEFAULT_TIERS: Final = (Tier("standard", 1), Tier("premium", 2))
"""The tiers with which every organization starts (SEATS 2)."""


class Per(StrEnum):
    """The period that a price covers."""

    MONTH = "month"
    TERM = "term"


class Renewal(StrEnum):
    """How many seats of a tier a renewal keeps if no other number is scheduled."""

    IN_USE = "in_use"
    PURCHASED = "purchased"


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one seat."""

    amount: Money
    per: Per

    def __str__(self) -> str:
        return f"{self.amount} {self.amount.currency} a {self.per}"


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax that is added to prices or included in them.

    Attributes:
        percent: the percentage, such as 19 for 19 %.
        inclusive: whether prices include the tax.
    """

    percent: Decimal
    inclusive: bool = False

    def __post_init__(self) -> None:
        decimals = -int(self.percent.as_tuple().exponent) if self.percent.is_finite() else 0
        within = self.percent.is_finite() and 0 < self.percent <= _MOST_TAX
        if not within or decimals > _MOST_TAX_DECIMALS:
            raise PolicyError(
                f"a tax of {self.percent} % is not possible; use a percentage such as 19 or 8.875"
            )

    def of(self, amount: Money) -> tuple[Money, Money]:
        """Split a line's amount into net and tax, rounded once (SEATS 45)."""
        rate = Fraction(self.percent) / 100
        if self.inclusive:
            tax = amount.times(rate / (1 + rate))
            return amount - tax, tax
        return amount, amount.times(rate)


@dataclass(frozen=True, slots=True)
class Contract:
    """A signed contract.

    Attributes:
        start: the first day of the first term.
        months: the number of months in every term.
        currency: the currency of all prices and invoices.
        prices: the prices by tier; seats of a tier without a price cannot be bought.
        time_zone: the time zone of the calendar days.
        proration: how a part of a month is billed.
        minimum: the fewest seats that a renewal keeps, over all tiers.
        auto_renew: whether another term follows; otherwise the contract ends.
        renewal: how many seats a renewal keeps.
        tax: the tax; None for no tax.
        term: the number of the current term; the first term is 1.
    """

    start: date
    months: int
    currency: str
    prices: Mapping[str, Price] = field(default_factory=dict)
    time_zone: str = "UTC"
    proration: Proration = Proration.MONTHLY_EXACT
    minimum: int = 0
    auto_renew: bool = True
    renewal: Renewal = Renewal.IN_USE
    tax: Tax | None = None
    term: int = 1

    def __post_init__(self) -> None:
        exponent(self.currency)
        if not 1 <= self.months <= MOST_MONTHS:
            raise PolicyError(
                f"a term of {self.months} months is not possible; the number must be from 1 to {MOST_MONTHS}"
            )
        if not 0 <= self.minimum <= MOST_SEATS:
            raise PolicyError(
                f"a minimum of {self.minimum} seats is not possible; the number must be from 0 to "
                f"{MOST_SEATS}"
            )
        if self.term < 1:
            raise PolicyError(f"term {self.term} does not exist; the first term is 1")
        self._check_zone()
        for tier, price in self.prices.items():
            if price.amount.currency != self.currency:
                raise PolicyError(f"the price of {tier} is in {price.amount.currency}, not {self.currency}")
            if self.term_price(tier).minor > _MOST_MINOR:
                raise PolicyError(f"the price of {tier} is too large to be invoiced")
        if self.start.year < _FIRST_YEAR or self.running.end.year > _LAST_YEAR:
            raise PolicyError(f"a contract that begins on {self.start} is not possible; check the year")

    def _check_zone(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise PolicyError(
                f"'{self.time_zone}' is not a time zone; use a name such as Europe/Berlin or UTC"
            ) from None

    @property
    def running(self) -> Term:
        """The current term."""
        return Term(self.start, (self.term - 1) * self.months, self.months)

    def price(self, tier: str) -> Price:
        """The agreed price of a tier.

        Raises:
            PolicyError: the contract has no price for the tier.
        """
        if tier not in self.prices:
            raise PolicyError(f"the contract has no price for {tier} seats; set a price first")
        return self.prices[tier]

    def term_price(self, tier: str) -> Money:
        """The price of one seat for a whole term."""
        price = self.price(tier)
        return price.amount.times(self.months) if price.per is Per.MONTH else price.amount

    def day(self, moment: datetime) -> date:
        """The calendar day of a time, in the contract's time zone (SEATS 39).

        Raises:
            PolicyError: that day is beyond the calendar.
        """
        try:
            return moment.astimezone(ZoneInfo(self.time_zone)).date()
        except OverflowError:
            raise PolicyError(f"{moment} is beyond the calendar in {self.time_zone}") from None

    def begins(self, day: date) -> datetime:
        """The time at which a day begins in the contract's time zone, in UTC."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)
