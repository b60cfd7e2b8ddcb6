"""The list of members and the page of a member: filters, what is locked, and the story."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from scim_server.services.mappings import commands as mappings
from scim_server.services.people import commands as people
from scim_server.store.database.session import Database
from seat_policy.mapping import GroupMapping
from seat_policy.roles import Role
from tests.console.conftest import Found
from tests.console.membership import ADA, ALAN, GRACE, id_of, names, now, of
from tests.console.visiting import Place


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization with three standard seats and one premium seat, which the Primary Owner has."""
    return new_place({"standard": 3, "premium": 1}, overflow="queue")


@pytest.fixture
def several(place: Place) -> Place:
    """An organization with members in every state."""
    with place.provider() as provider:
        for name, shown in ((ADA, "Ada Lovelace"), (GRACE, "Grace Hopper"), (ALAN, "Alan Turing")):
            sent = {"userName": name, "displayName": shown}
            assert provider.post("/Users", json=sent).status_code == 201
    place.create("barbara@example.com", "tim@example.com")
    people.set_role(place.context, GRACE, Role.ADMIN)
    people.deactivate(place.context, ALAN)
    people.unassign(place.context, "barbara@example.com")
    return place


LISTS: tuple[tuple[str, list[str]], ...] = (
    ("", ["tim", "barbara", "alan", "grace", "ada", "owner"]),
    ("?sort=name", ["ada", "alan", "grace", "barbara", "owner", "tim"]),
    ("?q=LOVE", ["ada"]),
    ("?q=grace@", ["grace"]),
    ("?q=nobody", []),
    ("?state=seated", ["tim", "grace", "ada", "owner"]),
    ("?state=none", ["barbara"]),
    ("?state=inactive", ["alan"]),
    ("?tier=premium", ["owner"]),
    ("?role=admin", ["grace"]),
    ("?way=cli", ["owner"]),
    ("?only=unconfirmed", []),
    ("?state=seated&tier=standard&q=ada", ["ada"]),
    ("?state=bogus&role=king&way=mail&page=x", ["tim", "barbara", "alan", "grace", "ada", "owner"]),
    ("?page=2", []),
)


@pytest.mark.parametrize(("query", "expected"), LISTS)
def test_the_list_shows_the_people_who_match_with_their_number(
    several: Place, query: str, expected: list[str]
) -> None:
    owner = several.enter().get(f"/people{query}")

    assert (owner.status, names(owner)) == (200, expected)
    number = len(expected)
    if expected:
        assert f"{number} {'person' if number == 1 else 'people'}" in owner.words
    else:
        assert owner.shows(["Nobody matches", "No members yet"])


def test_people_idle_for_30_days_and_people_whom_no_provider_sends_are_filters(
    several: Place, clock: Callable[[str], None]
) -> None:
    owner = several.enter()
    assert names(owner.get("/people?only=idle")) == []
    assert names(owner.get("/people?only=drift")) == ["owner"]

    clock("2026-04-20T09:00:00Z")
    owner = several.enter()

    assert names(owner.get("/people?only=idle")) == ["tim", "grace", "ada", "owner"]
    assert names(owner.get("/people?only=drift")) == ["tim", "barbara", "grace", "ada", "owner"]


def test_the_file_has_everybody_who_matches_and_no_formulas(several: Place) -> None:
    with several.provider() as provider:
        sent = {"userName": "=cmd@example.com", "displayName": "+1 Mallory", "active": False}
        assert provider.post("/Users", json=sent).status_code == 201
    owner = several.enter()

    answer = owner.get("/people.csv?state=inactive").answer

    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [(row["userName"], row["name"], row["state"]) for row in rows] == [
        (ALAN, "Alan Turing", "inactive"),
        ("'=cmd@example.com", "'+1 Mallory", "inactive"),
    ]
    assert len(owner.get("/people.csv").answer.text.splitlines()) == 8


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that the pages send meanwhile."""
    sent: list[str] = []

    def count(_c: object, _u: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engines = {database.reader, database.single}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", count)


def test_the_number_of_statements_does_not_depend_on_the_number_of_people(
    place: Place, database: Database
) -> None:
    owner, path = place.enter(), ""

    def statements() -> list[int]:
        found = []
        for page in ("/people", "/people?q=person&state=waiting", path):
            with counted(database) as sent:
                assert owner.get(page).status == 200
            found.append(len(sent))
        return found

    place.create(ADA)
    path = of(place, ADA)
    few = statements()
    place.create(*(f"person{number}@example.com" for number in range(60)))

    assert statements() == few
    assert min(few) > 0


def test_markup_in_a_name_is_text(place: Place) -> None:
    with place.provider() as provider:
        sent = {"userName": "<b>x</b>", "displayName": "<script>alert(1)</script>"}
        provider.post("/Users", json=sent)
    owner = place.enter()

    assert "<script>alert" not in owner.get("/people").page
    assert "<script>alert" not in owner.get(of(place, "<b>x</b>")).page
    assert "<script>alert(1)</script>" in owner.words


def test_what_groups_give_is_shown_locked_with_the_place_to_change_it(new_place: Found) -> None:
    place = new_place({"standard": 3, "premium": 3})
    place.create(ADA)
    mappings.save(place.context, "Engineering", GroupMapping(tier="premium", role=Role.ADMIN))
    with place.provider() as provider:
        members = [{"value": id_of(place, ADA)}]
        assert provider.post("/Groups", json={"displayName": "Engineering", "members": members}).is_success

    owner = place.enter().get(of(place, ADA))

    assert owner.shows(
        [
            "Engineering gives the tier premium. Change it in Provisioning, or change the person's groups",
            "Engineering gives the role Admin. Change it in Provisioning",
            "1 group",
            "the tier premium and the role Admin",
            "Your identity provider owns these values. Change them there.",
            "Move to this tier",
            "Change the role",
        ]
    ) == [
        "Engineering gives the tier premium. Change it in Provisioning, or change the person's groups",
        "Engineering gives the role Admin. Change it in Provisioning",
        "1 group",
        "the tier premium and the role Admin",
        "Your identity provider owns these values. Change them there.",
    ]
    refused = owner.get(f"{of(place, ADA)}/seat?tier=standard")
    assert "is in a group that gives premium" in refused.words
    assert now(place, ADA) == ("seated", "premium", "admin")


def test_the_story_has_every_event_with_actor_way_and_request_and_the_time_before_a_deletion(
    place: Place,
) -> None:
    place.create(ADA)
    with place.provider() as provider:
        provider.delete(f"/Users/{id_of(place, ADA)}", headers={"X-Request-ID": "removal-7"})
    place.create(ADA)
    owner = place.enter().get(of(place, ADA))

    sentences = [f"{ADA} got a standard seat.", f"{ADA} was deleted."]
    assert owner.shows(sentences) == sentences
    assert owner.page.count(f"{ADA} got a standard seat.") == 2
    assert owner.words.index("got a standard") < owner.words.index("was deleted")
    assert "their provider" in owner.words


def test_a_long_story_has_pages(place: Place) -> None:
    place.create(ADA)
    for _ in range(26):
        people.deactivate(place.context, ADA)
        people.activate(place.context, ADA)

    owner = place.enter().get(of(place, ADA))
    assert "1 to 50 of 53" in owner.words
    assert "51 to 53 of 53" in owner.get(f"{of(place, ADA)}?page=2").words


@pytest.mark.parametrize(
    "path",
    [
        "/people/{foreign}",
        "/people/{foreign}/deactivate",
        "/people/{own}/reassign?other={foreign}",
        "/people/nobody",
        "/people/{own}/seat?tier=gold",
        "/people/{own}/role?role=primary_owner",
        "/people/{own}/role?role=king",
        "/people/{own}/explode",
        "/people/removals/nothing",
        "/left-out/nothing",
        "/left-out/{slug}-999999",
    ],
)
def test_what_does_not_exist_here_is_not_found(place: Place, new_place: Found, path: str) -> None:
    other = new_place({"standard": 2})
    other.create(ADA)
    place.create(GRACE)
    here = path.format(foreign=id_of(other, ADA), own=id_of(place, GRACE), slug=place.slug)

    assert place.enter().get(here).status == 404


def test_a_change_of_a_person_of_another_organization_is_not_found_and_changes_nothing(
    place: Place, new_place: Found
) -> None:
    other = new_place({"standard": 2})
    other.create(ADA)
    owner = place.enter()

    for action in ("unassign", "deactivate", "activate", "transfer"):
        owner.get("/people").post(f"/people/{id_of(other, ADA)}/{action}")
        assert owner.status == 404
    assert now(other, ADA) == ("seated", "standard", "user")
