"""The audit: every event in plain words, found by filters, page by page, and as files."""

import csv
import io
from collections.abc import Callable

import orjson
import pytest

from scim_server.console.audit_words import KINDS, SENTENCES
from scim_server.history import CATALOGUE
from scim_server.services.audit import queries
from scim_server.services.people import commands as people
from scim_server.store.database.session import Database
from scim_server.store.rows import audit as rows
from scim_server.store.rows.audit import Wanted
from seat_policy.roles import Role
from tests.console.conftest import Found
from tests.console.visiting import OWNER, Place, counted


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization with three seats, of which one is the owner's."""
    return new_place({"standard": 3})


def _table(place: Place, query: str = "") -> list[dict[str, str]]:
    text = place.enter().get(f"/audit.csv{query}").page
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_each_type_of_event_has_a_sentence_and_a_family() -> None:
    assert set(SENTENCES) == set(CATALOGUE)
    assert {type_.partition(".")[0] for type_ in CATALOGUE} == set(KINDS)


def test_the_page_says_in_words_what_happened_newest_first(place: Place) -> None:
    assert place.create("ada@example.com", "grace@example.com", "alan@example.com") == [201, 201, 403]
    people.set_role(place.context, "ada@example.com", Role.ADMIN)
    people.deactivate(place.context, "grace@example.com")

    words = place.enter().get("/audit").words.partition("What happened")[2]

    said = (
        "grace@example.com lost access.",
        "ada@example.com has the role Admin now, not User.",
        "alan@example.com was refused, because no seat was free (attempts: 1).",
        "ada@example.com got a standard seat.",
        "The token first was created.",
        "The organization was created.",
    )
    places = [words.find(sentence) for sentence in said]
    assert -1 not in places
    assert places == sorted(places)


def test_the_filters_find_a_person_an_actor_a_type_and_a_time(
    place: Place, clock: Callable[[str], None]
) -> None:
    place.create("ada@example.com", "grace@example.com", "alan@example.com")
    clock("2026-03-17T09:00:00Z")
    people.deactivate(place.context, "ada@example.com")

    def found(query: str) -> list[tuple[str, str]]:
        return [(one["type"], one["person"]) for one in _table(place, query)]

    gone, came = ("person.deprovisioned", "ada@example.com"), ("person.provisioned", "ada@example.com")
    assert found("?person=Ada@Example.com") == [gone, came]
    assert found("?person=alan@example.com") == [("person.rejected", "alan@example.com")]
    assert found("?type=person.provisioned&actor=first") == [
        ("person.provisioned", "grace@example.com"),
        came,
    ]
    assert found("?since=2026-03-16&until=2026-03-17&person=ada@example.com") == [gone]
    assert found("?until=2026-03-16&person=ada@example.com") == [came]
    assert found("?person=ada@example.com&type=person.provisioned") == [came]
    assert found("?person=nobody@example.com") == []


def test_a_part_of_a_name_finds_the_events_of_members_of_deleted_and_of_refused_people(place: Place) -> None:
    with place.provider() as provider:
        ada = {"userName": "ada@example.com", "displayName": "Ada Lovelace"}
        assert provider.post("/Users", json=ada).status_code == 201
        gone = provider.post("/Users", json={"userName": "lovelace.b@example.com"}).json()["id"]
        assert provider.delete(f"/Users/{gone}").status_code == 204
    assert place.create("grace@example.com", "alan.lovelace@example.com") == [201, 403]

    words = place.enter().get("/audit?person=Lovelace").words

    found = (
        "ada@example.com got",
        "lovelace.b@example.com was deleted",
        "alan.lovelace@example.com was refused",
    )
    assert [one for one in found if one not in words] == []
    assert "grace@example.com got" not in words


def test_a_part_that_matches_too_many_people_says_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_PEOPLE", 1)
    place.create("ada@example.com", "alan@example.com")

    owner = place.enter().get("/audit?person=example.com")

    assert "So many people match that only some of them were searched." in owner.words


def test_a_clock_that_was_wrong_for_a_while_hides_no_other_event(
    place: Place, clock: Callable[[str], None]
) -> None:
    clock("2031-01-01T00:00:00Z")
    place.create("ada@example.com")
    clock("2026-03-18T09:00:00Z")
    place.create("grace@example.com")
    clock("2020-01-01T00:00:00Z")
    people.deactivate(place.context, "ada@example.com")
    clock("2026-03-18T10:00:00Z")
    people.deactivate(place.context, "grace@example.com")

    found = _table(place, "?since=2026-03-18&until=2026-03-18")

    assert [one["type"] for one in found if one["person"] == "grace@example.com"] == [
        "person.deprovisioned",
        "person.provisioned",
    ]
    assert "ada@example.com" not in {one["person"] for one in found}


def test_the_pages_show_each_event_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.create("ada@example.com", "grace@example.com")
    everything = [one["id"] for one in _table(place)]
    monkeypatch.setattr(queries, "SHEET", 2)

    seen, before = list[int](), None
    while True:
        page = queries.page(place.context, Wanted(), before=before)
        seen += [one.sequence for one in page.data]
        before = page.older
        if before is None:
            break

    assert seen == list(range(page.total, 0, -1))
    # The download came before the sign-in that it needed was repeated, so all its events are among these.
    assert everything == [f"{place.slug}-{number}" for number in seen]


def test_an_actor_is_searched_part_by_part_and_found_in_the_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.create("ada@example.com")
    place.enter()
    monkeypatch.setattr(rows, "WINDOW", 1)

    first = queries.page(place.context, Wanted(actor="first"))
    found = [one.type for _, one in queries.every(place.context, Wanted(actor="first"))]

    assert (first.data, first.searched, first.older is not None) == ((), False, True)
    assert found == ["person.provisioned"]


@pytest.mark.parametrize(
    "query", ["", "?actor=first", "?person=p99@example.com", "?person=P9", "?since=2026-03-15"]
)
def test_a_page_takes_the_same_number_of_statements_however_long_the_log_is(
    place: Place, database: Database, query: str
) -> None:
    place.create("p99@example.com")
    owner = place.enter()
    with counted(database) as few:
        owner.get(f"/audit{query}")
    place.create(*(f"p{number}@example.com" for number in range(60)))
    with counted(database) as many:
        owner.get(f"/audit{query}")

    assert (owner.status, len(few)) == (200, len(many))


def test_the_files_hold_what_the_filters_admit_without_formulas(place: Place) -> None:
    place.create("=1+1@example.com", "ada@example.com")

    table = _table(place, "?type=person.provisioned")
    lines = place.enter().get("/audit.jsonl?person=ada@example.com").page.splitlines()

    assert [one["person"] for one in table] == ["ada@example.com", "'=1+1@example.com", OWNER]
    (ada,) = map(orjson.loads, lines)
    assert (ada["type"], ada["way_in"], ada["actor"]) == ("person.provisioned", "scim", "first")
    assert (ada["seats"], len(ada["request_id"])) == ({"standard": [0, 1, 0]}, 32)


def test_no_secret_is_shown() -> None:
    payload = {"name": "okta", "client_secret": "s", "inner": {"Password": "p"}, "list": [{"nonce": "n"}]}

    assert queries.shown(payload) == {
        "name": "okta",
        "client_secret": "***",
        "inner": {"Password": "***"},
        "list": [{"nonce": "***"}],
    }


def test_markup_in_names_is_text(place: Place) -> None:
    place.create("<b>ada</b>@example.com")

    page = place.enter().get("/audit").page

    assert "<b>ada" not in page
    assert "&lt;b&gt;ada&lt;/b&gt;@example.com got a standard seat." in page


@pytest.mark.parametrize(
    "query",
    [
        "?since=yesterday",
        "?until=0001-01-01",
        "?before=99999999999999999999",
        "?before=-1",
        "?type=x",
        "?page=x",
    ],
)
def test_filters_that_make_no_sense_are_ignored_or_named(place: Place, query: str) -> None:
    owner = place.enter().get(f"/audit{query}")

    assert (owner.status, "The organization was created." in owner.words) == (200, True)
    assert ("is not a day such as" in owner.words) is ("since" in query or "until" in query)


def test_admins_see_the_audit_and_it_shows_nothing_of_another_organization(
    place: Place, new_place: Found
) -> None:
    other = new_place({"standard": 2})
    other.create("secret@example.com")
    admin = place.enter(place.member("ada@example.com", Role.ADMIN))

    shown = admin.get("/audit?person=secret@example.com")

    assert (shown.status, "No event matches." in shown.words) == (200, True)
    assert place.stranger().get("/audit.csv").path.startswith("/sign-in")
