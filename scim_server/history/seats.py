"""Events about the seats of an organization: purchases, grants, and alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from scim_server.history.contracts import Billed
from scim_server.history.event import Event


@dataclass(frozen=True, kw_only=True)
class Ordered(Billed):
    """An event about seats that were ordered.

    Attributes:
        added: how many seats were ordered, by tier; None for a seat bought automatically.
        upgraded: quantity, source and target of each upgrade; None for a seat bought automatically.
    """

    added: Mapping[str, int] | None = None
    upgraded: Sequence[Sequence[object]] | None = None


@dataclass(frozen=True, kw_only=True)
class SeatsAdded(Ordered):
    """Appended when seats are bought or granted, or when a seat is bought automatically for a new person."""

    type: ClassVar[str] = "seats.added"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class SeatsUpgraded(Ordered):
    """Appended when seats are upgraded to a higher tier and no seats are added."""

    type: ClassVar[str] = "seats.upgraded"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class SeatsBilled(Billed):
    """Appended when a day's automatic purchases are billed.

    Attributes:
        day: the day of the purchases.
        added: how many seats were bought, by tier.
    """

    type: ClassVar[str] = "seats.billed"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    day: str
    added: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class SeatsGranted(Event):
    """Appended when the operator sets the number of granted seats."""

    type: ClassVar[str] = "seats.granted"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class SeatsThreshold(Event):
    """Appended when the seats in use of a tier reach 80, 90 or 100 percent, once per crossing.

    Attributes:
        tier: its name.
        percent: the threshold.
        in_use: seats assigned or held.
        purchased: all seats of the tier.
    """

    type: ClassVar[str] = "seats.threshold"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    tier: str
    percent: int
    in_use: int
    purchased: int


@dataclass(frozen=True, kw_only=True)
class SeatsRefusalsBegan(Event):
    """Appended when a person is refused after 24 hours without a refusal.

    Attributes:
        wants: the tier, or `any`, that the person needs.
    """

    type: ClassVar[str] = "seats.refusals_began"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    wants: str


@dataclass(frozen=True, kw_only=True)
class SeatsForecastShort(Event):
    """Appended when a tier is expected to be full within 30 days. Repeated only after a longer forecast.

    Attributes:
        tier: its name.
        purchased: all seats of the tier.
        in_use: seats assigned or held.
        per_day: seats taken per day.
        earliest: the earliest day on which the last seat may be taken; None if there is none.
        expected: the day on which the last seat is expected to be taken; None if there is none.
        latest: the latest day on which the last seat may be taken; None if there is none.
        enough_history: whether the history is long enough for a forecast.
        method: how the forecast is computed.
    """

    type: ClassVar[str] = "seats.forecast_short"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    tier: str
    purchased: int
    in_use: int
    per_day: float
    earliest: str | None
    expected: str | None
    latest: str | None
    enough_history: bool
    method: str
