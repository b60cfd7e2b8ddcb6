"""Roles of members: who may give them, and what is refused."""

import pytest

from scim_server.services.errors import RoleTooLow
from scim_server.services.people import commands as people
from scim_server.store.database.session import Actor
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn
from tests.console.conftest import Found
from tests.console.membership import ADA, GRACE, confirm, id_of, now, of, undo
from tests.console.visiting import OWNER, Place


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization with three standard seats and one premium seat, which the Primary Owner has."""
    return new_place({"standard": 3, "premium": 1}, overflow="queue")


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
