"""The page People: the list and its file, one member with the story, and reviewed changes by role."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from scim_server.services.errors import RoleTooLow
from scim_server.services.left_out import queries as left_out
from scim_server.services.mappings import commands as mappings
from scim_server.services.people import commands as people
from scim_server.services.people import queries
from scim_server.store.database.session import Actor, Database
from seat_policy.mapping import GroupMapping
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn
from tests.console.conftest import Found
from tests.console.visiting import OWNER, Place, Visit

ADA, GRACE, ALAN = "ada@example.com", "grace@example.com", "alan@example.com"


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization with three standard seats and one premium seat, which the Primary Owner has."""
    return new_place({"standard": 3, "premium": 1}, overflow="queue")


def id_of(place: Place, name: str) -> str:
    """The id of a member."""
    return queries.history(place.context, name).person.id


def of(place: Place, name: str, action: str = "") -> str:
    """The path of the page of a member, or of a change of the member."""
    return f"/people/{id_of(place, name)}" + (f"/{action}" if action else "")


def now(place: Place, name: str) -> tuple[str, str | None, str]:
    """The status, tier and role of a member."""
    person = queries.history(place.context, name).person
    return person.status.value, person.tier, person.role


def confirm(visit: Visit, path: str, **fields: str) -> Visit:
    """Open the review of a change and confirm it."""
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    visit.get(f"{path}?{query}")
    assert visit.status == 200, visit.words
    return visit.post(path, {"confirmation": visit.hidden("confirmation"), **fields})


def undo(visit: Visit) -> Visit:
    """Press Undo in the line after a change."""
    action = re.search(r'action="[^"]*?(/people/[^"]+)"', visit.page.partition('class="notice"')[2])
    assert action is not None, visit.words
    name = "role" if action[1].endswith("/role") else "tier"
    return visit.post(action[1], {name: visit.hidden(name)})


# The list.


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


def names(visit: Visit) -> list[str]:
    """The userNames of the list, in its order."""
    return re.findall(r'<br><span class="soft small">([^<@]+)@example.com</span></td>', visit.page)


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


# One member.


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


# Changes.


def test_a_deactivation_shows_its_effect_in_words_and_numbers_and_frees_the_seat(place: Place) -> None:
    place.create(ADA, GRACE, ALAN, "tim@example.com")
    owner = place.enter().get(of(place, ADA, "deactivate"))

    expected = [
        "Deactivate ada@example.com",
        "ada@example.com loses access at once.",
        "Remove the person there too.",
        "1 waiting person gets a seat: tim@example.com (standard).",
    ]
    assert owner.shows(expected) == expected
    assert now(place, ADA)[0] == "seated"

    owner.post(of(place, ADA, "deactivate"), {"confirmation": owner.hidden("confirmation")})

    assert "ada@example.com is inactive now. 1 waiting person gets a seat: tim@example.com" in owner.words
    assert (now(place, ADA)[0], now(place, "tim@example.com")[0]) == ("inactive", "seated")


def test_the_number_of_free_seats_is_shown_before_and_after(place: Place) -> None:
    place.create(ADA)

    owner = place.enter().get(of(place, ADA, "unassign"))

    assert "Free standard seats: 2 now, 3 afterwards." in owner.words
    confirm(owner, of(place, ADA, "unassign"))
    assert now(place, ADA) == ("none", None, "user")


def test_a_confirmation_that_no_longer_fits_does_nothing_and_shows_the_new_review(place: Place) -> None:
    place.create(ADA, GRACE, ALAN)
    first, second = place.enter(), place.enter()
    first.get(of(place, ADA, "deactivate"))
    second.get(of(place, ADA, "deactivate"))
    place.create("tim@example.com")

    first.post(of(place, ADA, "deactivate"), {"confirmation": first.hidden("confirmation")})

    assert first.status == 409
    assert first.shows(["nothing was done", "tim@example.com (standard)"]) == [
        "nothing was done",
        "tim@example.com (standard)",
    ]
    assert now(place, ADA)[0] == "seated"
    first.post(of(place, ADA, "deactivate"), {"confirmation": first.hidden("confirmation")})
    second.post(of(place, ADA, "deactivate"), {"confirmation": second.hidden("confirmation")})
    assert "already inactive" in second.words
    assert now(place, ADA)[0] == "inactive"


def test_a_move_to_another_tier_can_be_undone(new_place: Found) -> None:
    place = new_place({"standard": 2, "premium": 2})
    place.create(ADA)
    assert now(place, ADA) == ("seated", "premium", "user")
    owner = place.enter()

    confirm(owner, of(place, ADA, "seat"), tier="standard")
    assert "ada@example.com moved to standard." in owner.words
    assert now(place, ADA)[1] == "standard"

    undo(owner)
    assert now(place, ADA)[1] == "premium"


def test_a_move_after_which_another_person_got_the_seat_has_no_undo(new_place: Found) -> None:
    place = new_place({"standard": 2, "premium": 2}, overflow="queue")
    place.create(ADA, GRACE)
    mappings.save(place.context, "Leads", GroupMapping(tier="premium"))
    with place.provider() as provider:
        members = [{"value": id_of(place, GRACE)}]
        assert provider.post("/Groups", json={"displayName": "Leads", "members": members}).is_success

    owner = place.enter()
    confirm(owner, of(place, ADA, "seat"), tier="standard")

    assert (now(place, ADA)[1], now(place, GRACE)[1]) == ("standard", "premium")
    assert owner.shows(["moved to standard. 1 waiting person gets a seat", "Undo"]) == [
        "moved to standard. 1 waiting person gets a seat"
    ]


def test_a_full_tier_says_what_to_do_and_changes_nothing(place: Place) -> None:
    place.create(ADA)
    owner = place.enter().get(f"{of(place, ADA, 'seat')}?tier=premium")

    assert owner.shows(["No premium seat is free.", "Add seats", "Cancel"]) == [
        "No premium seat is free.",
        "Add seats",
    ]
    owner.get("/people").post(of(place, ADA, "seat"), {"tier": "premium"})
    assert "No premium seat is free." in owner.words
    assert now(place, ADA)[1] == "standard"


def test_a_seat_is_given_to_a_person_found_by_search_past_the_queue(place: Place) -> None:
    place.create(ADA, GRACE, ALAN, "tim@example.com", "uma@example.com")
    owner = place.enter().get(of(place, ADA, "reassign"))
    assert names(owner) == ["tim", "uma"]
    assert names(owner.get(f"{of(place, ADA, 'reassign')}?q=uma")) == ["uma"]

    review = owner.get(f"{of(place, ADA, 'reassign')}?other={id_of(place, 'uma@example.com')}")
    assert review.shows(["ada@example.com loses the standard seat", "passed over"]) == [
        "ada@example.com loses the standard seat",
        "passed over",
    ]
    confirm(owner, of(place, ADA, "reassign"), other=id_of(place, "uma@example.com"))

    found = [now(place, name)[0] for name in (ADA, "uma@example.com", "tim@example.com")]
    assert found == ["none", "seated", "waiting"]


def test_two_people_swap_their_tiers_without_a_free_seat(new_place: Found) -> None:
    place = new_place({"standard": 1, "premium": 2})
    place.create(ADA, GRACE)
    owner = place.enter().get(of(place, ADA, "swap"))
    assert names(owner) == ["grace"]

    confirm(owner, of(place, ADA, "swap"), other=id_of(place, GRACE))

    assert (now(place, ADA)[1], now(place, GRACE)[1]) == ("standard", "premium")
    assert "swapped their tiers" in owner.words


def test_an_inactive_person_is_activated_like_a_new_person(place: Place) -> None:
    place.create(ADA, GRACE, ALAN)
    people.deactivate(place.context, ADA)
    place.create("tim@example.com")
    owner = place.enter()

    assert "waits for any tier, at the end of the queue" in owner.get(of(place, ADA, "activate")).words
    owner.post(of(place, ADA, "activate"))

    assert now(place, ADA)[0] == "waiting"


def test_a_refused_activation_shows_the_sentence_of_the_refusal_and_its_story(new_place: Found) -> None:
    place = new_place({"standard": 2})
    place.create(ADA)
    people.deactivate(place.context, ADA)
    place.create(GRACE)
    owner = place.enter().get(of(place, ADA, "activate"))
    assert "No free seat: 2 of 2 standard seats are in use." in owner.words

    owner.get("/people").post(of(place, ADA, "activate"))
    assert "No free seat: 2 of 2 standard seats are in use." in owner.words
    assert "See why" in owner.words
    assert now(place, ADA)[0] == "inactive"


# Roles.


def test_a_role_is_given_and_taken_back_by_undo(place: Place) -> None:
    place.create(ADA)
    owner = place.enter()

    confirm(owner, of(place, ADA, "role"), role="owner")
    assert "ada@example.com has the role Owner now." in owner.words
    assert now(place, ADA)[2] == "owner"

    undo(owner)
    assert now(place, ADA)[2] == "user"


ADMIN_MAY: tuple[tuple[str, dict[str, str], str, bool], ...] = (
    ("role", {"role": "owner"}, GRACE, False),
    ("role", {"role": "admin"}, GRACE, True),
    ("role", {"role": "user"}, "boss@example.com", False),
    ("unassign", {}, "boss@example.com", False),
    ("deactivate", {}, "boss@example.com", False),
    ("deactivate", {}, GRACE, True),
    ("deactivate", {}, OWNER, False),
    ("transfer", {}, GRACE, False),
)


@pytest.mark.parametrize(("action", "fields", "person", "allowed"), ADMIN_MAY)
def test_an_admin_manages_users_and_admins_and_no_owners(
    new_place: Found,
    action: str,
    fields: dict[str, str],
    person: str,
    allowed: bool,  # noqa: FBT001 - a column
) -> None:
    place = new_place({"standard": 9})
    place.member(ADA, Role.ADMIN)
    place.member("boss@example.com", Role.OWNER)
    place.create(GRACE)
    before = now(place, person)
    admin = place.enter(ADA).get("/people")

    admin.post(of(place, person, action), fields)

    assert (now(place, person) != before) is allowed
    if not allowed:
        assert admin.shows(["an Admin cannot", "An Admin cannot", "Your role does not allow this"])


def test_an_admin_is_offered_only_what_an_admin_may_do(place: Place) -> None:
    place.member(ADA, Role.ADMIN)
    place.create(GRACE)
    admin = place.enter(ADA)

    user = admin.get(of(place, GRACE))
    assert 'value="owner"' not in user.page.partition('id="to"')[2].partition("</select>")[0]
    assert user.shows(["Deactivate", "Make Primary Owner"]) == ["Deactivate"]
    assert admin.get(of(place, OWNER)).shows(["Deactivate", "Take the seat", "Change the role"]) == []


def test_only_the_primary_owner_transfers_the_role(new_place: Found) -> None:
    place = new_place({"standard": 9})
    place.member(ADA, Role.OWNER)
    place.create(GRACE)

    other = place.enter(ADA).get("/people").post(of(place, GRACE, "transfer"))
    assert "Only the Primary Owner can transfer this role." in other.words
    assert now(place, GRACE)[2] == "user"

    primary = place.enter().get(of(place, GRACE, "transfer"))
    assert f"{OWNER} becomes Owner." in primary.words
    confirm(primary, of(place, GRACE, "transfer"))
    assert (now(place, GRACE)[2], now(place, OWNER)[2]) == ("primary_owner", "owner")


def test_people_who_end_their_own_access_are_told_before(place: Place) -> None:
    place.member(ADA, Role.ADMIN)
    admin = place.enter(ADA)

    assert "You lose your own access" in admin.get(of(place, ADA, "deactivate")).words
    assert "You lose the rights" in admin.get(f"{of(place, ADA, 'role')}?role=user").words
    assert "This is you" not in place.enter().get(of(place, ADA, "deactivate")).words

    confirm(admin, of(place, ADA, "deactivate"))
    assert admin.path.startswith("/sign-in")


def test_the_service_checks_the_present_role_of_the_actor_for_every_edge(place: Place) -> None:
    place.member(ADA, Role.ADMIN)
    place.create(GRACE)
    acting = Actor(ADA, WayIn.CONSOLE, None, id_of(place, ADA))
    context = type(place.context)(place.context.database, place.context.organization, acting)

    with pytest.raises(RoleTooLow, match="cannot make a person an Owner"):
        people.set_role(context, GRACE, Role.OWNER)
    people.set_role(context, GRACE, Role.ADMIN)
    people.set_role(place.context, ADA, Role.USER)
    with pytest.raises(RoleTooLow, match="no longer an Admin"):
        people.deactivate(context, GRACE)
    assert now(place, GRACE) == ("seated", "standard", "admin")


# Refusals.


def test_a_refusal_without_an_account_has_a_story_that_the_list_links_to(new_place: Found) -> None:
    place = new_place({"standard": 1})
    sent = {"userName": ADA, "name": {"givenName": "Ada"}, "password": "hunter2"}
    with place.provider() as provider:
        answers = [provider.post("/Users", json=sent) for _ in range(3)]
    told = answers[-1].json()["detail"]
    reference = str(left_out.refused(place.context).data[0].reference)
    owner = place.enter()

    assert f'/left-out/{reference}"' in owner.get("/left-out?kind=refused").page
    owner.get(f"/left-out/{reference}")

    expected = [told, "Refused 3 times.", "name.givenName Ada", "Retry", "Dismiss", f"{ADA} was refused"]
    assert owner.shows([*expected, "hunter2"]) == expected


def test_a_closed_refusal_still_has_its_story_and_links_to_the_member(new_place: Found) -> None:
    place = new_place({"standard": 2})
    place.create(GRACE)
    place.create(ADA)
    reference = str(left_out.refused(place.context).data[0].reference)
    people.deactivate(place.context, GRACE)
    owner = place.enter().get(f"/left-out/{reference}")

    owner.post("/left-out/retry", {"id": reference})
    owner.get(f"/left-out/{reference}")

    expected = ["This refusal is closed", "This person is a member.", f"{ADA} got a standard seat."]
    assert owner.shows([*expected, "Retry"]) == expected
    assert "not yet sent by the provider" in owner.get(of(place, ADA)).words
    assert names(owner.get("/people?only=unconfirmed")) == ["ada"]
