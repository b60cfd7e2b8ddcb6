"""The stories of refusals, of people with and without an account."""

from scim_server.services.left_out import queries as left_out
from scim_server.services.people import commands as people
from scim_server.services.seats import commands as seats
from tests.console.conftest import Found
from tests.console.membership import ADA, GRACE, names, now, of


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


def test_the_story_of_a_member_has_the_refusal_from_before(new_place: Found) -> None:
    place = new_place({"standard": 1})
    assert place.create(ADA) == [403]
    (refused,) = left_out.refused(place.context).data
    seats.grant(place.context, {"standard": 2})
    assert place.create(ADA) == [201]

    owner = place.enter().get(of(place, ADA))

    said = [refused.provider_answer, f"{ADA} was refused", f"{ADA} got a standard seat."]
    assert owner.shows(said) == said
