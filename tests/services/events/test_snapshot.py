"""A snapshot shows one state, and the events after it continue this state."""

from collections import Counter
from typing import Any

import pytest

from scim_server.representations.snapshots import lines
from scim_server.services.events import queries
from scim_server.services.events import snapshot as snapshots
from scim_server.store.database.session import Database
from scim_server.store.rows import snapshot as pages
from tests.support.builders.organization import ANN, BOB, CY, DEE, Organization, described
from tests.support.builders.removing import LeftInGroups, RemovalCustomer, names
from tests.support.oracles.app import App, check


@pytest.fixture
def acme(database: Database) -> Organization:
    organization = Organization(database, {"standard": 2, "premium": 1}, "queue")
    for name in (ANN, BOB, CY, DEE):
        organization.create(described(name, "Artist"))
    organization.create_group("Artists", [ANN, BOB, CY])
    organization.create_group("Painters", [DEE])
    return organization


def taken(organization: Organization) -> list[dict[str, Any]]:
    return list(lines(queries.snapshot(organization.context())))


def test_a_snapshot_has_seats_people_groups_members_and_their_numbers(acme: Organization) -> None:
    opening, *content, closing = taken(acme)

    assert opening == {
        "kind": "snapshot",
        "organization": acme.row.slug,
        "number": 10,
        "cursor": queries.end(acme.context()),
        "at": opening["at"],
    }
    assert [one["kind"] for one in content] == [
        *["seats"] * 2,
        *["person"] * 4,
        *["group"] * 2,
        *["members"] * 2,
    ]
    assert content[0] == {
        "kind": "seats",
        "tier": "standard",
        "purchased": 2,
        "assigned": 2,
        "held": 0,
        "free": 0,
        "waiting": 0,
    }
    assert [(one["user_name"], one["status"], one["tier"]) for one in content[2:6]] == [
        (ANN, "seated", "premium"),
        (BOB, "seated", "standard"),
        (CY, "seated", "standard"),
        (DEE, "waiting", None),
    ]
    assert closing == {"kind": "end", "total_people": 4, "total_groups": 2, "total_members": 4}


def test_a_snapshot_is_complete_if_it_is_longer_than_a_page(
    acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Counter(map(str, taken(acme)))
    acme_of_one = [one for one in taken(acme) if one["kind"] == "members"]
    monkeypatch.setattr(pages, "PAGE", 2)
    monkeypatch.setattr(snapshots, "LISTED", 2)

    in_pages = taken(acme)

    listed = [one for one in in_pages if one["kind"] == "members"]
    others = [str(one) for one in in_pages if one["kind"] != "members"]
    assert [len(one["people"]) for one in listed] in ([2, 1, 1], [1, 2, 1])
    assert sorted(id_ for one in listed for id_ in one["people"]) == sorted(
        id_ for one in acme_of_one for id_ in one["people"]
    )
    assert {one.replace(others[0], "") for one in others[1:]} < set(whole)


def test_a_snapshot_does_not_show_what_happens_while_it_is_read(acme: Organization) -> None:
    parts = queries.snapshot(acme.context())
    opening = next(parts)
    acme.delete(DEE)
    acme.create_group("Late", [ANN])

    rest = list(parts)

    assert isinstance(opening, queries.Opening)
    assert rest[-1] == queries.Closing(4, 2, 4)
    later = queries.after(acme.context(), opening.cursor)
    assert [one.type for one in later.data] == ["person.deleted", "group.created"]


def test_an_app_follows_a_mass_removal_and_its_restoration(database: Database) -> None:
    acme = LeftInGroups(database, {"standard": 60}, overflow="queue")
    acme.provision(*names(1, 70))
    acme.group("Artists", *names(1, 30))
    app = App.begin(acme.context())
    acme.deactivate(names(1, 12))
    acme.delete(names(13, 25))
    again = App.begin(acme.context())
    acme.restore()

    for one in (app, again):
        check(one, acme.context())


def test_an_app_follows_people_who_get_held_seats(held: RemovalCustomer) -> None:
    app = App.begin(held.context())

    held.activate(names(1, 5))
    held.confirm()

    check(app, held.context())
