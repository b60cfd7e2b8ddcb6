"""People who do not use their seat, and people that no provider sends any more (SEATS 32, 35)."""

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
    """A sign-in or a confirmation, for which there is no use yet."""
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


def test_a_person_who_never_signed_in_is_idle_thirty_days_after_their_creation(acme: Customer) -> None:
    acme.provision("ann")

    acme.today = "2026-03-31T11:59:59"
    before = idle(acme)
    acme.today = "2026-03-31T12:00:00"

    assert (before, idle(acme), idle(acme, days=31)) == ([], [("ann", None)], [])


def test_a_sign_in_counts_from_its_day(acme: Customer) -> None:
    acme.provision("ann", "bob")
    stamp(acme, "ann", "signed_in", "2026-03-10")

    acme.today = "2026-04-08"
    after_29_days = idle(acme)
    acme.today = "2026-04-09"

    assert (after_29_days, idle(acme)) == ([("bob", None)], [("ann", "2026-03-10"), ("bob", None)])


def test_nobody_is_idle_who_has_no_seat_or_got_it_lately(acme: Customer) -> None:
    acme.provision("ann", "bob", "cy", "dee", "eve")  # dee and eve wait

    acme.today = "2026-05-01"
    acme.remove("ann")

    assert acme.whereabouts("dee", "eve") == ["standard", "waiting"]
    assert idle(acme) == [("bob", None), ("cy", None)]


def test_drift_lists_active_people_that_no_provider_has_sent_since(acme: Customer) -> None:
    acme.provision("ann", "bob", "cy")
    acme.today = "2026-03-10"
    rename(acme, "ann", "Artist")
    deactivate(acme, "cy")

    assert drift(acme, "2026-03-05") == ["bob"]
    assert drift(acme, "2026-03-01") == []


def test_drift_names_nobody_who_may_have_been_named_since(acme: Customer) -> None:
    """Repeats of the same values are noted once a day only."""
    acme.provision("ann")
    acme.today = "2026-03-02T11:00"
    rename(acme, "ann", None)

    assert acme.person("ann").touched[:10] == "2026-03-01"
    assert (drift(acme, "2026-03-02"), drift(acme, "2026-03-03")) == ([], ["ann"])


def test_drift_lists_people_whom_no_provider_ever_named_and_shows_how_they_came(acme: Customer) -> None:
    user = parse_user({"userName": "by-hand@example.com"}, USERS)
    organization = organization_queries.find(acme.database, acme.slug)
    acme.database.write(acme.id, OPERATOR, lambda write: provision.create(write, organization, user))

    found = queries.drift(Context(acme.database, acme.id, OPERATOR), at("2026-01-01").date()).data

    assert [(one.user_name, one.way_in, one.touched) for one in found] == [
        ("by-hand@example.com", "cli", None)
    ]


def test_a_person_who_came_by_a_provider_before_it_was_noted_counts_from_then(acme: Customer) -> None:
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


def test_the_unconfirmed_are_listed_until_their_provider_names_them(acme: Customer) -> None:
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
