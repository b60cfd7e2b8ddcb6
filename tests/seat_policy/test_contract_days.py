"""The day in the contract's time zone, and the beginning of a day there (SEATS 39)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_policy.contract import Contract

INSTANT = timedelta(microseconds=1)
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/Los_Angeles",
    "America/Sao_Paulo",  # clocks were put forward at midnight, and back into the day before
    "America/Havana",
    "America/Asuncion",
    "America/Santiago",
    "America/Nuuk",
    "America/St_Johns",  # put back at a minute past midnight: two midnights
    "Asia/Beirut",
    "Asia/Amman",
    "Asia/Gaza",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Antarctica/Casey",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
]


def contract_in(zone: str) -> Contract:
    return Contract(date(2026, 1, 1), 12, "USD", time_zone=zone)


@pytest.mark.parametrize("zone", ZONES)
def test_every_day_begins_at_its_first_instant(zone: str) -> None:
    contract = contract_in(zone)
    days = [date(1999, 1, 1) + timedelta(days=number) for number in range(366 * 40)]

    begins = {day: contract.begins(day) for day in days}

    assert [day for day, moment in begins.items() if contract.day(moment) != day] == []
    assert [day for day, moment in begins.items() if contract.day(moment - INSTANT) >= day] == []
    assert {moment.tzinfo for moment in begins.values()} == {UTC}


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        # There is no midnight: the day begins at 01:00.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00Z"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00Z"),
        ("America/Havana", "2026-03-08", "2026-03-08T05:00Z"),
        ("America/Santiago", "2024-09-08", "2024-09-08T04:00Z"),
        ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00Z"),
        # There are two: the first begins it.
        ("America/Havana", "2025-11-02", "2025-11-02T04:00Z"),
        ("Atlantic/Azores", "2025-10-26", "2025-10-26T00:00Z"),
        # An hour of the day before comes twice.
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00Z"),
        # The furthest from UTC.
        ("Pacific/Kiritimati", "2026-03-01", "2026-02-28T10:00Z"),
        ("Pacific/Pago_Pago", "2026-03-01", "2026-03-01T11:00Z"),
    ],
)
def test_a_day_without_an_ordinary_midnight_begins_at_its_first_instant(
    zone: str, day: str, begins: str
) -> None:
    moment = contract_in(zone).begins(date.fromisoformat(day))

    assert moment == datetime.fromisoformat(begins)


def test_a_day_that_a_zone_skipped_begins_with_the_next_day() -> None:
    samoa = contract_in("Pacific/Apia")

    begins = [samoa.begins(date(2011, 12, day)) for day in (30, 31)]

    assert begins[0] == begins[1] == datetime(2011, 12, 30, 10, tzinfo=UTC)


@given(st.datetimes(datetime(1999, 1, 1), datetime(2100, 12, 31)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_the_day_of_a_moment_does_not_depend_on_the_zone_of_its_notation(moment: datetime, zone: str) -> None:
    contract, elsewhere = contract_in(zone), moment.replace(tzinfo=UTC)

    days = {contract.day(elsewhere.astimezone(ZoneInfo(other))) for other in ("UTC", "Asia/Tokyo", zone)}

    assert days == {elsewhere.astimezone(ZoneInfo(zone)).date()}
