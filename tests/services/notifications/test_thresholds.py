"""Alerts after seats move: once each, at the end of the unit of work that moved the seats (SEATS 33)."""

import json
from collections.abc import Callable, Iterator

import pytest

from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.notifications import commands as notifications
from scim_server.services.notifications import queries as notification_queries
from scim_server.services.notifications.daily import HOUSEKEEPING
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations import queries as organization_queries
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import commands as members
from scim_server.services.people import provision
from scim_server.services.seats import commands as seats
from scim_server.store.database.session import OPERATOR, Database, Write
from scim_server.store.rows import seats as seat_store
from scim_server.store.rows import standings
from seat_policy.thresholds import Notified
from tests.support.builders.customer import OKTA, USERS, Customer, moved, terms

ALERTS = ("seats.threshold", "seats.refusals_began", "seats.forecast_short")


@pytest.fixture(autouse=True)
def real_time_afterwards(database: Database) -> Iterator[None]:
    with moved(database):
        yield


def customer(database: Database, overflow: str = "queue", **purchased: int) -> Customer:
    return Customer(database, "2026-03-02", None, purchased, overflow=overflow)


def people_called(count: int, first: int = 1) -> list[str]:
    return [f"person-{number}" for number in range(first, first + count)]


def alerts(one: Customer) -> list[object]:
    """The alerts, oldest first: tier, percent, in use and purchased, or the type of another alert."""
    rows = one.rows("SELECT sequence, type, CAST(payload AS TEXT) AS payload FROM events")
    found: list[object] = []
    for row in sorted(rows, key=lambda row: int(row.sequence)):
        payload = json.loads(row.payload)
        if row.type == "seats.threshold":
            found.append((payload["tier"], payload["percent"], payload["in_use"], payload["purchased"]))
        elif row.type in ALERTS:
            found.append((row.type, payload.get("tier")))
    return found


def test_a_tier_is_reported_at_eighty_ninety_and_a_hundred_percent(database: Database) -> None:
    acme = customer(database, standard=20)

    acme.provision(*people_called(20))

    assert alerts(acme) == [("standard", 80, 16, 20), ("standard", 90, 18, 20), ("standard", 100, 20, 20)]
    acme.recount()


def test_a_threshold_is_reported_again_only_after_a_fall_of_five_points(database: Database) -> None:
    acme = customer(database, standard=20)
    acme.provision(*people_called(16))

    acme.remove("person-1")  # 75 %: armed again
    acme.provision("again")
    acme.provision("more")  # 85 %
    acme.remove("more")  # 80 %
    acme.provision("more")

    assert alerts(acme) == [("standard", 80, 16, 20), ("standard", 80, 16, 20)]
    acme.recount()


WAYS_IN: dict[str, Callable[[Customer], object]] = {
    "assigned by hand": lambda acme: members.assign(
        Context(acme.database, acme.id, OPERATOR), "away@example.com", None
    ),
    "reactivated": lambda acme: acme.database.write(acme.id, OKTA, lambda write: reactivate(write, acme)),
    "seats taken back": lambda acme: seats.grant(acme.context(), {"standard": 8}),
    "seats upgraded": lambda acme: acme.buy((2, "standard", "premium")),
}


def reactivate(write: Write, acme: Customer) -> object:
    user = parse_user({"userName": "out@example.com", "active": True}, USERS)
    return provision.save(
        write, organization_queries.find(acme.database, acme.slug), acme.person("out"), user
    )


@pytest.mark.parametrize("way", WAYS_IN.values(), ids=WAYS_IN.keys())
def test_every_operation_that_moves_the_counters_reports_thresholds(
    database: Database, way: Callable[[Customer], object]
) -> None:
    acme = customer(database, standard=10)
    acme.provision(*people_called(7), "away", "out")
    members.unassign(Context(database, acme.id, OPERATOR), "away@example.com")
    user = parse_user({"userName": "out@example.com", "active": False}, USERS)
    database.write(
        acme.id,
        OKTA,
        lambda write: provision.save(
            write, organization_queries.find(database, acme.slug), acme.person("out"), user
        ),
    )
    before = alerts(acme)

    way(acme)

    (last,) = alerts(acme)[len(before) :]
    assert isinstance(last, tuple)
    assert (before, last[:2]) == ([("standard", 80, 8, 10), ("standard", 90, 9, 10)], ("standard", 80))
    acme.recount()


def test_a_renewal_that_reduces_seats_reports_thresholds(database: Database) -> None:
    acme = Customer(database, "2026-01-01", terms(), {"standard": 10})
    acme.provision(*people_called(2))

    acme.today = "2027-01-01"
    acme.renew()

    assert alerts(acme) == [("standard", 100, 2, 2)]
    acme.recount()


def test_added_seats_arm_a_threshold_without_an_alert(database: Database) -> None:
    acme = customer(database, standard=1)
    acme.provision("ann")

    acme.buy(standard=1)
    acme.provision("bob")

    assert alerts(acme) == [("standard", 100, 1, 1), ("standard", 100, 2, 2)]


def test_creating_a_full_organization_crosses_all_thresholds(database: Database) -> None:
    founded = organizations.create(
        database, OPERATOR, NewOrganization("founded-full", {"premium": 1}, owner="owner@example.com")
    )

    with database.read(founded.organization.id) as read:
        assert (
            standings.by_tier(read)["premium"].notified == Notified.AT_80 | Notified.AT_90 | Notified.AT_100
        )


def test_many_seats_moved_in_one_write_are_reported_once_after_all_events(database: Database) -> None:
    acme = customer(database)
    acme.provision(*people_called(9))

    acme.buy(standard=10)
    acme.provision("last")

    assert acme.events()[-13:] == [
        "seats.added",
        *["person.promoted"] * 9,
        "seats.threshold",
        "person.provisioned",
        "seats.threshold",
    ]
    assert alerts(acme) == [("standard", 90, 9, 10), ("standard", 100, 10, 10)]
    acme.recount()


def test_the_queue_place_of_a_person_is_the_number_of_their_own_event(database: Database) -> None:
    acme = customer(database, standard=1)

    acme.provision("ann", "bob", "cy")

    rows = acme.rows("SELECT sequence, type, person FROM events")
    queued = {row.person: row.sequence for row in rows if row.type == "person.queued"}
    assert {acme.person(name).id: acme.person(name).arrival for name in ("bob", "cy")} == queued
    acme.recount()


def test_a_preview_and_an_undone_part_send_no_alert(database: Database) -> None:
    acme = customer(database, standard=10)
    acme.provision(*people_called(7))

    acme.buy((2, "standard", "premium"), preview=True)

    def work(write: Write) -> None:
        def part() -> None:
            seat_store.move(write, "standard", assigned=3)
            raise ValueError("undone")

        with pytest.raises(ValueError, match="undone"):
            write.attempt(part)

    database.write(acme.id, OKTA, work)

    assert alerts(acme) == []
    acme.recount()


def test_the_first_refusal_of_a_burst_is_reported(database: Database) -> None:
    acme = customer(database, "reject")
    began = ("seats.refusals_began", None)

    acme.provision("ann", "bob", "ann")
    acme.today = "2026-03-03T11:00"
    acme.provision("ann")
    first = alerts(acme)
    acme.today = "2026-03-04T10:59:59"  # a second less than a day after the last
    acme.provision("cy")
    within = alerts(acme)
    acme.today = "2026-03-05T10:59:59"
    acme.provision("ann")

    assert (first, within, alerts(acme)) == ([began], [began], [began, began])
    acme.recount()


def grow(acme: Customer, days: int, first_day: int = 2) -> None:
    """One more person on each day of March."""
    for number in range(days):
        acme.today = f"2026-03-{first_day + number:02}"
        acme.provision(f"day-{number}")


def short(acme: Customer) -> list[str]:
    """The alerts of the daily job for this organization."""
    return [
        one.tier.tier for one in notifications.do_daily_work(acme.database) if one.organization == acme.slug
    ]


def test_a_short_forecast_is_reported_once_until_it_is_longer_again(database: Database) -> None:
    acme = customer(database, standard=50)
    grow(acme, 21)  # 21 in use, 1 a day: 29 days are left

    first, second = short(acme), short(acme)
    acme.buy(standard=10)
    longer = short(acme)
    seats.grant(acme.context(), {"standard": 50})
    again = short(acme)

    assert (first, second, longer, again) == (["standard"], [], [], ["standard"])
    assert alerts(acme) == [("seats.forecast_short", "standard")] * 2
    acme.recount()


def test_a_forecast_is_short_at_thirty_days_but_not_at_thirty_one(database: Database) -> None:
    acme = customer(database, standard=52)
    grow(acme, 21)

    at_31 = short(acme)
    seats.grant(acme.context(), {"standard": 51})

    assert (at_31, short(acme)) == ([], ["standard"])


def test_a_full_tier_and_a_suspended_organization_get_no_forecast_alert(database: Database) -> None:
    full, suspended = customer(database, standard=21), customer(database, standard=30)
    grow(full, 21)
    grow(suspended, 21)
    organizations.suspend(Context(database, suspended.id, OPERATOR))

    assert (short(full), short(suspended)) == ([], [])


def test_the_daily_job_applies_due_changes(database: Database) -> None:
    acme = Customer(database, "2026-01-01", terms(), {"standard": 10})

    acme.today = "2027-01-01"
    notifications.do_daily_work(database)

    assert "contract.renewed" in acme.events()
    assert HOUSEKEEPING.way_in == "worker"


def test_a_forecast_counts_the_seats_in_use_at_the_end_of_each_day(database: Database) -> None:
    acme = customer(database, standard=9, premium=1)
    acme.provision("ann", "bob")  # premium, standard
    acme.today = "2026-03-03T23:59:59"
    acme.provision("cy")
    acme.today = "2026-03-04T00:00:00"
    acme.remove("bob")
    acme.today = "2026-03-06"
    acme.provision("dee", "eve")

    found = notification_queries.forecasts(Context(database, acme.id, OPERATOR))

    counted = {one.tier: [in_use for _, in_use in one.daily] for one in found.tiers}
    assert counted == {"standard": [1, 2, 1, 1, 3], "premium": [1, 1, 1, 1, 1]}
    assert [str(found.tiers[0].daily[place][0]) for place in (0, -1)] == ["2026-03-02", "2026-03-06"]
    assert [(one.purchased, one.in_use, one.forecast.enough_history) for one in found.tiers] == [
        (9, 3, False),
        (1, 1, False),
    ]


def test_a_forecast_reads_ninety_days_at_most(database: Database) -> None:
    acme = customer(database, standard=10)
    acme.provision("ann")
    acme.today = "2026-12-24"
    acme.provision("bob")

    (standard,) = notification_queries.forecasts(Context(database, acme.id, OPERATOR)).tiers

    assert (str(standard.daily[0][0]), len(standard.daily)) == ("2026-09-25", 91)
    assert [in_use for _, in_use in standard.daily] == [1] * 90 + [2]
