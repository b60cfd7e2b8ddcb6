"""Changes of a member's seat and access: the review first, then the change, and its undo."""

import pytest

from scim_server.services.mappings import commands as mappings
from scim_server.services.people import commands as people
from seat_policy.mapping import GroupMapping
from tests.console.conftest import Found
from tests.console.membership import ADA, ALAN, GRACE, confirm, id_of, names, now, of, undo
from tests.console.visiting import Place


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization with three standard seats and one premium seat, which the Primary Owner has."""
    return new_place({"standard": 3, "premium": 1}, overflow="queue")


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

    assert owner.shows(["No premium seat is free.", "Add a seat for ada@example.com", "Cancel"]) == [
        "No premium seat is free.",
        "Add a seat for ada@example.com",
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
