"""Idle people, and people no longer sent by a provider (SEATS 32, 35)."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.organizations import queries as organization_queries
from scim_server.services.people import commands as people
from scim_server.services.people import provision, queries
from scim_server.store.database.session import OPERATOR, Database
from tests.support.builders.customer import OKTA, USERS, Customer, at, moved


@pytest.fixture(autouse=True)
def real_time_afterwards(database: Database) -> Iterator[None]:
    with moved(database):
        yield


@pytest.fixture
def acme(database: Database) -> Customer:
    return Customer(database, "2026-03-01", None, {"standard": 3}, overflow="queue")


def stamp(acme: Customer, name: str, column: str, moment: str) -> None:
    """Store the time of a sign-in or a confirmation."""
    statement = text(f"UPDATE people SET {column} = :at WHERE organization = :org AND user_name_key = :key")
    said = at(moment).isoformat(timespec="microseconds").replace("+00:00", "Z")
    values = {"at": said, "org": acme.id, "key": f"{name}@example.com"}
    acme.database.write(acme.id, OPERATOR, lambda write: write.connection.execute(statement, values).rowcount)


def idle(acme: Customer, days: int = queries.IDLE_DAYS) -> list[tuple[str, str | None]]:
    found = queries.idle(Context(acme.database, acme.id, OPERATOR), days=days).data
    return [(one.person.user_name.partition("@")[0], one.signed_in and one.signed_in[:10]) for one in found]


def drift(acme: Customer, since: str) -> list[str]:
    found = queries.drift(Context(acme.database, acme.id, OPERATOR), at(since).date()).data
    return [one.user_name.partition("@")[0] for one in found]


def test_a_person_without_a_sign_in_is_idle_thirty_days_after_creation(acme: Customer) -> None:
    acme.provision("ann")

    acme.today = "2026-03-31T11:59:59"
    before = idle(acme)
    acme.today = "2026-03-31T12:00:00"

    assert (before, idle(acme), idle(acme, days=31)) == ([], [("ann", None)], [])


def test_idleness_counts_from_the_day_of_the_last_sign_in(acme: Customer) -> None:
    acme.provision("ann", "bob")
    stamp(acme, "ann", "signed_in", "2026-03-10")

    acme.today = "2026-04-08"
    after_29_days = idle(acme)
    acme.today = "2026-04-09"

    assert (after_29_days, idle(acme)) == ([("bob", None)], [("ann", "2026-03-10"), ("bob", None)])


def test_people_without_a_seat_or_with_a_recent_one_are_not_idle(acme: Customer) -> None:
    acme.provision("ann", "bob", "cy", "dee", "eve")  # dee and eve wait

    acme.today = "2026-05-01"
    acme.remove("ann")

    assert acme.whereabouts("dee", "eve") == ["standard", "waiting"]
    assert idle(acme) == [("bob", None), ("cy", None)]


def test_drift_lists_active_people_not_sent_by_a_provider_since_the_day(acme: Customer) -> None:
    acme.provision("ann", "bob", "cy")
    acme.today = "2026-03-10"
    rename(acme, "ann", "Artist")
    deactivate(acme, "cy")

    assert drift(acme, "2026-03-05") == ["bob"]
    assert drift(acme, "2026-03-01") == []


def test_drift_omits_people_who_may_have_been_sent_since_the_day(acme: Customer) -> None:
    """Repeats of the same values are recorded only once a day."""
    acme.provision("ann")
    acme.today = "2026-03-02T11:00"
    rename(acme, "ann", None)

    assert acme.person("ann").touched[:10] == "2026-03-01"
    assert (drift(acme, "2026-03-02"), drift(acme, "2026-03-03")) == ([], ["ann"])


def test_drift_lists_people_never_sent_by_a_provider_with_their_way_in(acme: Customer) -> None:
    user = parse_user({"userName": "by-hand@example.com"}, USERS)
    organization = organization_queries.find(acme.database, acme.slug)
    acme.database.write(acme.id, OPERATOR, lambda write: provision.create(write, organization, user))

    found = queries.drift(Context(acme.database, acme.id, OPERATOR), at("2026-01-01").date()).data

    assert [(one.user_name, one.way_in, one.touched) for one in found] == [
        ("by-hand@example.com", "cli", None)
    ]


def test_without_a_recorded_confirmation_drift_counts_from_the_creation_by_the_provider(
    acme: Customer,
) -> None:
    acme.provision("ann")
    forget = text("UPDATE people SET touched = NULL WHERE organization = :org")
    acme.database.write(
        acme.id, OPERATOR, lambda write: write.connection.execute(forget, {"org": acme.id}).rowcount
    )

    assert (drift(acme, "2026-03-02"), drift(acme, "2026-03-03")) == ([], ["ann"])


def test_lists_are_paged_by_the_last_person(acme: Customer) -> None:
    acme.provision("ann", "bob", "cy")
    acme.today = "2026-06-01"

    (ann, bob) = queries.idle(Context(acme.database, acme.id, OPERATOR), limit=2).data
    (cy,) = queries.idle(Context(acme.database, acme.id, OPERATOR), limit=2, after=bob.person.id).data
    drifting = queries.drift(
        Context(acme.database, acme.id, OPERATOR), at("2026-05-01").date(), limit=2, after=ann.person.id
    ).data

    names = [one.user_name.partition("@")[0] for one in (ann.person, bob.person, cy.person, *drifting)]
    assert names == ["ann", "bob", "cy", "bob", "cy"]


def test_unconfirmed_people_are_listed_until_their_provider_sends_them(acme: Customer) -> None:
    acme.provision("ann", "bob")
    for name in ("ann", "bob"):
        stamp(acme, name, "unconfirmed", "2026-03-01")

    rename(acme, "bob", None)

    found = queries.page(Context(acme.database, acme.id, OPERATOR), unconfirmed=True).data
    assert [one.user_name for one in found] == ["ann@example.com"]


def rename(acme: Customer, name: str, title: str | None) -> None:
    user = parse_user({"userName": f"{name}@example.com", "title": title}, USERS)
    people.replace(Context(acme.database, acme.id, OKTA), acme.person(name).id, user)


def deactivate(acme: Customer, name: str) -> None:
    user = parse_user({"userName": f"{name}@example.com", "active": False}, USERS)
    people.replace(Context(acme.database, acme.id, OKTA), acme.person(name).id, user)
