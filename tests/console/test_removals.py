"""Mass removals in the console: seen by Admins, confirmed or restored by Owners, with the exact price."""

import re

import pytest

from scim_server.services.mass_removals import queries as removals
from scim_server.services.organizations import commands as organizations
from scim_server.services.people import queries as people
from seat_policy.roles import Role
from tests.console.conftest import Found
from tests.console.visiting import Place, Visit

PEOPLE = [f"p{number:02}@example.com" for number in range(1, 21)]
ADMIN = "admin@example.com"
WAITING = ["w1@example.com", "w2@example.com"]
LATER = ["l1@example.com", "l2@example.com"]


def removed(new_place: Found, *, holds: bool) -> Place:
    """An organization whose provider has removed twenty people, of whom two still have accounts.

    All seats were taken and two people waited, who got seats that became free before the removal was
    detected. A seat costs 120.00 a term.
    """
    place = new_place({"standard": 22}, overflow="queue", prices={"standard": "120"})
    organizations.configure(place.context, organizations.Changes({"hold_removals": holds}))
    place.member(ADMIN, Role.ADMIN)
    with place.provider() as provider:
        ids = [provider.post("/Users", json={"userName": name}).json()["id"] for name in (*PEOPLE, *WAITING)]
        for number, id_ in enumerate(ids[:20]):
            if number < 2:
                change = {"op": "replace", "value": {"active": False}}
                assert provider.patch(f"/Users/{id_}", json={"Operations": [change]}).status_code == 200
            else:
                assert provider.delete(f"/Users/{id_}").status_code == 204
    return place


@pytest.fixture
def held(new_place: Found) -> Place:
    """The other seats of the removed people are held, so two people who came later wait."""
    place = removed(new_place, holds=True)
    assert place.create(*LATER) == [201, 201]
    return place


def the_removal(place: Place) -> str:
    """The path of the only mass removal."""
    (one,) = removals.sheet(place.context).data
    return f"/people/removals/{one.reference}"


def status(place: Place, name: str) -> str:
    """The status of a member."""
    return people.history(place.context, name).person.status.value


def state(place: Place) -> str:
    """The state of the only mass removal."""
    (one,) = removals.sheet(place.context).data
    return one.removal.state.value


def answer(visit: Visit, path: str, **fields: str) -> Visit:
    """Open the review of an answer and confirm it."""
    visit.get(path)
    assert visit.status == 200, visit.words
    hidden = dict(re.findall(r'name="(key|confirmation|buys)" value="([^"]*)"', visit.page))
    return visit.post(path.partition("?")[0], hidden | fields)


def test_a_mass_removal_is_listed_and_shown_with_its_people(held: Place) -> None:
    admin = held.enter(ADMIN).get("/people/removals")

    expected = ["20 of 24", "18 standard seats", "to be decided"]
    assert admin.shows(expected) == expected, admin.words
    admin.get(the_removal(held))
    assert admin.shows(PEOPLE) == PEOPLE
    assert admin.shows(["Only an Owner can confirm or restore", "Restore"]) == [
        "Only an Owner can confirm or restore"
    ]


@pytest.mark.parametrize("action", ["confirm", "restore"])
def test_an_admin_can_neither_see_the_price_nor_answer(held: Place, action: str) -> None:
    admin = held.enter(ADMIN).get("/people")

    assert admin.get(f"{the_removal(held)}/{action}").status == 403
    assert admin.get("/people").post(f"{the_removal(held)}/{action}").status == 403
    assert state(held) == "open"


def test_confirming_shows_the_seats_that_become_free_and_gives_them_to_the_waiting(held: Place) -> None:
    owner = held.enter().get(f"{the_removal(held)}/confirm")
    expected = ["18 standard seats become free.", "2 waiting people get a seat", *LATER]
    assert owner.shows(expected) == expected

    answer(owner, f"{the_removal(held)}/confirm")

    assert "The removal is confirmed." in owner.words
    assert (state(held), {status(held, name) for name in LATER}) == ("confirmed", {"seated"})
    again = owner.get(f"{the_removal(held)}/confirm")
    assert "was already confirmed" in again.words


def test_restoring_gives_held_seats_back_and_bills_only_those_that_are_missing(held: Place) -> None:
    owner = held.enter()
    # 2 seats x 120.00 x (17 of 31 days of March, and 9 months) of 12 months
    expected = ["People who get their seat back: 20", "Restore, add 2 standard seats and bill 190.97 USD"]
    assert owner.get(f"{the_removal(held)}/restore").shows(expected) == expected
    assert state(held) == "open"

    answer(owner, f"{the_removal(held)}/restore")

    assert "20 people were restored." in owner.words
    assert {status(held, name) for name in PEOPLE} == {"seated"}
    assert state(held) == "restored"


def test_restoring_bills_exactly_the_missing_seats_that_the_review_shows(new_place: Found) -> None:
    place = removed(new_place, holds=False)
    owner = place.enter().get(f"{the_removal(place)}/restore")

    # 2 seats x 120.00 x (17 of 31 days of March, and 9 months) of 12 months
    button = "Restore, add 2 standard seats and bill 190.97 USD"
    assert button in owner.words
    answer(owner, f"{the_removal(place)}/restore")

    assert "20 people were restored. Invoice" in owner.words
    assert {status(place, name) for name in (*PEOPLE, *WAITING)} == {"seated"}


def test_restoring_without_buying_lets_people_wait(new_place: Found) -> None:
    place = removed(new_place, holds=False)
    owner = place.enter().get(f"{the_removal(place)}/restore")
    assert "Restore without buying" in owner.words

    answer(owner, f"{the_removal(place)}/restore?buys=no")

    assert [status(place, name) for name in PEOPLE].count("waiting") == 2
    assert "Invoice" not in owner.words


def test_a_restoration_that_no_longer_fits_does_nothing_and_shows_the_new_price(new_place: Found) -> None:
    place = removed(new_place, holds=False)
    owner = place.enter().get(f"{the_removal(place)}/restore")
    seen = {"confirmation": owner.hidden("confirmation"), "key": owner.hidden("key")}
    place.create("new@example.com")

    owner.post(f"{the_removal(place)}/restore", seen)

    assert owner.status == 409
    assert owner.shows(["nothing was done", "add 3 standard seats and bill 286.45 USD"]) == [
        "nothing was done",
        "add 3 standard seats and bill 286.45 USD",
    ]
    assert (state(place), status(place, PEOPLE[0])) == ("open", "inactive")


def test_spending_needs_a_recent_sign_in(new_place: Found, clock: object) -> None:
    place = removed(new_place, holds=False)
    owner = place.enter().get(f"{the_removal(place)}/restore")
    assert callable(clock)
    clock("2026-03-15T09:31:00Z")

    owner.post(f"{the_removal(place)}/restore", {"confirmation": owner.hidden("confirmation")})

    assert owner.status == 403
    assert state(place) == "open"
