"""Output of the commands about forecasts, idle seats and drift."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from scim_server.services.billing import due
from tests.api.wire import command, create, founded
from tests.cli.test_commands import run
from tests.cli.test_tables import printed
from tests.support.builders.customer import Customer
from tests.support.servers.running import Server

NO_DATES: dict[str, Any] = dict.fromkeys(("earliest", "expected", "latest"))
TOO_SHORT = "No forecast: 14 days of history are needed."


@contextmanager
def customer_since(server: Server, days: int, seats: int) -> Iterator[Customer]:
    """An organization on the server's database that was created this many days ago."""
    database = due.opened(server.environment["SCIM_SEATS_DATABASE_URL"])
    yield Customer(
        database, (datetime.now(UTC) - timedelta(days=days)).isoformat(), None, {"standard": seats}
    )
    database.close()


def test_a_new_organization_has_no_forecast_yet(server: Server) -> None:
    organization = founded(server, standard=4)
    with organization.client() as client:
        create(client)

    found = command(server, "seats", "forecast", organization.slug)
    lines = printed(server, "seats", "forecast", organization.slug)

    assert found == {
        "organization": organization.slug,
        "days_known": 0,
        "tiers": [
            {
                "tier": "standard",
                "purchased": 4,
                "in_use": 1,
                "per_day": 0.0,
                **NO_DATES,
                "enough_history": False,
                "method": TOO_SHORT,
            }
        ],
    }
    assert [line.split() for line in lines[:2]] == [
        ["tier", "seats", "in", "use", "a", "day", "earliest", "expected", "latest"],
        ["standard", "4", "1", "unknown", "unknown", "unknown"],
    ]
    assert lines[2] == "The history (0 days) is too short for a forecast. At least 14 days are needed."


def test_a_forecast_is_printed_as_a_table_and_its_alert_is_sent_once(server: Server) -> None:
    with customer_since(server, 30, seats=10) as acme:
        acme.today = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        acme.provision(*"abcdefg")

    lines = printed(server, "seats", "forecast", acme.slug)
    alert, again = (
        [one for one in command(server, "housekeeping")["forecast_short"] if one["organization"] == acme.slug]
        for _ in range(2)
    )

    # 7 in 28 days; 3 free seats last 12 days, or 3 at the pace of the last week.
    today = datetime.now(UTC).date()
    expected, earliest = ((today + timedelta(days=days)).isoformat() for days in (12, 3))
    assert lines[1].split() == [
        "standard", "10", "7", "0.25", earliest, expected, "not", "at", "this", "pace",
    ]  # fmt: skip
    assert lines[2].startswith("The expected date uses the mean net growth of the last 28 days.")
    assert [(one["tier"], one["expected"], one["latest"]) for one in alert] == [("standard", expected, None)]
    assert again == []


def test_idle_people_and_drift_are_listed(server: Server) -> None:
    names = ["ann@example.com", "bob@example.com"]
    with customer_since(server, 40, seats=3) as acme:
        acme.provision("ann", "bob")
    today = datetime.now(UTC).date().isoformat()

    idle = command(server, "people", "idle", acme.slug, "--limit", "1")
    rest = command(server, "people", "idle", acme.slug, "--after", idle["next_cursor"])
    drift = command(server, "people", "drift", acme.slug, "--since", today)
    none = printed(server, "people", "idle", acme.slug, "--days", "41")
    table = printed(server, "people", "drift", acme.slug, "--since", today)

    listed = [*idle["data"], *rest["data"]]
    assert [(one["user_name"], one["tier"], one["signed_in"]) for one in listed] == [
        (name, "standard", None) for name in names
    ]
    assert [(one["user_name"], one["way_in"]) for one in drift["data"]] == [(name, "scim") for name in names]
    assert none == [
        "No person with a seat is idle. Everyone has signed in or got the seat within the last 41 days."
    ]
    assert [line.split()[0] for line in table] == ["userName", *names]


def test_unconfirmed_people_are_listed_separately(server: Server) -> None:
    organization = founded(server, standard=3)
    with organization.client() as client:
        create(client)

    assert command(server, "people", "list", organization.slug, "--unconfirmed") == {
        "data": [],
        "next_cursor": None,
    }


def test_drift_requires_a_day(server: Server) -> None:
    organization = founded(server, standard=1)

    missing = run(server, "people", "drift", organization.slug)
    wrong = run(server, "people", "drift", organization.slug, "--since", "yesterday")

    assert (missing.exit_code, wrong.exit_code) == (2, 2)
    assert "'yesterday' is not a day such as 2026-03-01" in wrong.stderr
