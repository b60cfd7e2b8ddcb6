"""Events and snapshots over HTTP."""

import json
from collections.abc import Iterator
from copy import copy
from datetime import timedelta

import httpx
import pytest

from scim_server.admin import events
from scim_server.protocol.user import parse_user
from scim_server.representations.public_events import EXAMPLES
from scim_server.services.context import Context
from scim_server.services.people import commands as people
from scim_server.services.people import queries as directory
from scim_server.services.people.queries import Chosen
from scim_server.store.database.session import Database
from tests.admin.calling import OWNER, Place, Vendor, problem, succeeded
from tests.support.builders.organization import USERS


def add(acme: Place, name: str) -> None:
    people.create(acme.context, parse_user({"userName": name}, USERS))


def test_events_after_a_snapshot_continue_it(acme: Place) -> None:
    answer = acme.call("GET", "/snapshot")
    add(acme, "ann@example.com")

    lines = [json.loads(line) for line in answer.text.splitlines()]
    later = acme.get(f"/events?cursor={lines[0]['cursor']}")

    assert answer.headers["Content-Type"] == "application/jsonl"
    assert [one["user_name"] for one in lines if one["kind"] == "person"] == [OWNER]
    assert lines[-1] == {"kind": "end", "total_people": 1, "total_groups": 0, "total_members": 0}
    assert [(one["type"], one["about"]["name"]) for one in later["data"]] == [
        ("person.provisioned", "ann@example.com")
    ]
    assert acme.get(f"/events?cursor={later['next_cursor']}")["data"] == []


def test_the_events_of_all_organizations_are_one_list(vendor: Vendor, acme: Place) -> None:
    other = vendor.organization()
    begin = succeeded(vendor.client.get("/events?begin=now"))
    for place in (acme, other, acme):
        add(place, f"p{place is other}{len(place.get('/events')['data'])}@example.com")

    found = succeeded(vendor.client.get(f"/events?cursor={begin['next_cursor']}&types=person.provisioned"))

    assert begin["data"] == []
    numbers = [(one["organization"], one["number"]) for one in found["data"]]
    assert sorted(slug for slug, _ in numbers) == sorted([acme.slug, acme.slug, other.slug])
    of_acme = [number for slug, number in numbers if slug == acme.slug]
    assert of_acme == sorted(of_acme)


@pytest.fixture
def bound(vendor: Vendor, acme: Place) -> Iterator[httpx.Client]:
    with vendor.with_key(organization=acme.slug) as client:
        yield client


def test_a_key_for_one_organization_gets_its_events_only(
    vendor: Vendor, acme: Place, bound: httpx.Client
) -> None:
    other = vendor.organization()

    found = succeeded(bound.get("/events"))

    assert {one["organization"] for one in found["data"]} == {acme.slug}
    assert found == acme.get("/events")
    assert problem(bound.get(f"/organizations/{other.slug}/events")) == (404, "unknown_organization")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("cursor=x", "invalid_cursor"),
        ("cursor=%00", "invalid_query"),
        ("cursor=", "invalid_query"),
        ("types=person.flown", "invalid_query"),
        ("types=domain.added", "invalid_query"),
        ("limit=201", "invalid_query"),
        ("limit=0", "invalid_query"),
        ("wait=31", "invalid_query"),
        ("begin=then", "invalid_query"),
    ],
)
def test_wrong_parameters_are_refused(vendor: Vendor, acme: Place, query: str, code: str) -> None:
    assert acme.refused("GET", f"/events?{query}") == (400, code)
    assert problem(vendor.client.get(f"/events?{query}")) == (400, code)


def test_a_cursor_of_another_organization_is_refused(vendor: Vendor, acme: Place) -> None:
    cursor = vendor.organization().get("/events?begin=now")["next_cursor"]

    assert acme.refused("GET", f"/events?cursor={cursor}") == (400, "invalid_cursor")


def test_if_too_many_requests_wait_another_one_is_answered_at_once(
    acme: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = acme.get("/events?begin=now")["next_cursor"]
    monkeypatch.setattr(events, "_now_waiting", 100)

    answer = acme.get(f"/events?cursor={cursor}&wait=30")

    assert answer == {"data": [], "next_cursor": cursor, "has_more": False}
    assert events._now_waiting == 100


def test_every_type_is_listed_with_its_schema_and_its_example(vendor: Vendor) -> None:
    listed = succeeded(vendor.client.get("/event-types"))["data"]

    assert {one["type"]: one["example"] for one in listed} == json.loads(EXAMPLES.read_text())


def test_the_console_shows_ended_access_that_the_app_has_not_confirmed_if_it_ever_did(acme: Place) -> None:
    context = acme.context
    for name in ("ann", "bob", "cy"):
        add(acme, f"{name}@example.com")
        people.deactivate(context, f"{name}@example.com")
    later = Context(replaced(context.database), context.organization, context.actor)
    ids = {one.person.user_name: one.person.id for one in directory.everyone(context, Chosen())}
    unused = directory.access_open_count(later)

    first = acme.post(f"/people/{ids['ann@example.com']}/access-ended")
    again = acme.post(f"/people/{ids['ann@example.com']}/access-ended")

    listed = directory.everyone(later, Chosen(access_open=True))
    assert first == again
    assert unused == 0
    assert directory.access_open_count(later) == 2
    assert sorted(one.person.user_name for one in listed) == ["bob@example.com", "cy@example.com"]
    assert directory.access_open_count(context) == 0  # five minutes have not passed
    people.activate(context, "bob@example.com")
    assert directory.access_open_count(later) == 1


def replaced(database: Database) -> Database:
    """The same database six minutes later."""
    later = copy(database)
    later.now = lambda: database.now() + timedelta(minutes=6)
    return later


def test_only_the_end_of_an_access_is_acknowledged(vendor: Vendor, acme: Place) -> None:
    active = next(iter(directory.everyone(acme.context, Chosen()))).person.id
    foreign = next(iter(directory.everyone(vendor.organization().context, Chosen()))).person.id

    assert acme.refused("POST", f"/people/{active}/access-ended") == (409, "access_not_ended")
    assert acme.refused("POST", f"/people/{foreign}/access-ended") == (404, "unknown_person")
