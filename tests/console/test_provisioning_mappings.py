"""Mappings of groups: the effect for each person first, then the change."""

import pytest

from scim_server.services.mappings import commands as mappings
from scim_server.services.mappings import queries as mapped
from scim_server.services.people import commands as people
from scim_server.services.people import queries as members
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import Role
from tests.console.conftest import Found
from tests.console.provisioning_steps import PRICES, hidden
from tests.console.visiting import Place


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization that refuses people, with a contract."""
    return new_place({"standard": 5, "premium": 1}, prices=PRICES)


def _group(place: Place, name: str, *user_names: str) -> None:
    ids = [members.history(place.context, one).person.id for one in user_names]
    with place.provider() as provider:
        body = {"displayName": name, "members": [{"value": one} for one in ids]}
        assert provider.post("/Groups", json=body).status_code == 201


def test_a_mapping_shows_person_by_person_what_it_does_before_it_is_saved(place: Place) -> None:
    place.create("ada@example.com", "grace@example.com")
    _group(place, "Sales", "ada@example.com", "grace@example.com")
    owner = place.enter()

    owner.get("/provisioning/mappings/review?do=save&group=Sales&tier=premium&role=admin&priority=")

    assert "2 people change the role." in owner.words
    assert "2 people are refused the tier and keep the present one." in owner.words
    assert "ada@example.com User → Admin standard" in owner.words
    # 2 x 1,200.00 x (9 months + 17 of 31 days) / 12 = 1,909.68
    assert "2 premium seats are missing for everyone. They would cost 1,909.68 USD now" in owner.words
    assert mapped.every(place.context).mappings == ()

    owner.post("/provisioning/mappings", hidden(owner))

    (saved,) = mapped.every(place.context).mappings
    assert (owner.status, saved.name) == (200, "Sales")
    assert saved.gives == GroupMapping("premium", Role.ADMIN, None)
    assert members.history(place.context, "ada@example.com").person.role == "admin"


def test_a_mapping_whose_effect_changed_in_between_is_reviewed_again(place: Place) -> None:
    place.create("ada@example.com", "grace@example.com")
    _group(place, "Sales", "ada@example.com")
    owner = place.enter()
    owner.get("/provisioning/mappings/review?do=save&group=Sales&role=admin")
    confirmed = hidden(owner)
    people.deactivate(place.context, "ada@example.com")
    _group(place, "Support", "grace@example.com")
    mappings.save(place.context, "Support", GroupMapping(role=Role.ADMIN))

    owner.post("/provisioning/mappings", confirmed)

    assert (owner.status, "Something changed since you opened this page" in owner.words) == (409, True)
    assert [one.name for one in mapped.every(place.context).mappings] == ["Support"]


def test_an_owner_cannot_save_a_mapping_that_takes_their_own_role(place: Place) -> None:
    _group(place, "Owners", place.member("ada@example.com"))
    mappings.save(place.context, "Owners", GroupMapping(role=Role.OWNER))
    ada = place.enter("ada@example.com")

    ada.get("/provisioning/mappings/review?do=save&group=Owners&role=user")
    refused = (
        ada.status,
        "This would change your own role (ada@example.com) from owner to user." in ada.words,
    )
    ada.get("/provisioning/mappings/review?do=remove&group=Owners")

    assert refused == (400, True)
    assert "from owner to user" in ada.words or ada.status == 200
    assert [one.gives.role for one in mapped.every(place.context).mappings] == [Role.OWNER]


def test_a_mapping_is_removed_and_people_without_a_group_get_what_is_chosen(place: Place) -> None:
    mappings.save(place.context, "Sales", GroupMapping(tier="standard"))
    owner = place.enter()

    owner.get("/provisioning/mappings/review?do=unmapped&unmapped=none")
    owner.post("/provisioning/mappings", hidden(owner))
    chosen = mapped.every(place.context).unmapped
    owner.get("/provisioning/mappings/review?do=remove&group=Sales")
    owner.post("/provisioning/mappings", hidden(owner))

    assert chosen is Unmapped.NONE
    assert mapped.every(place.context).mappings == ()
    assert owner.get("/provisioning/mappings/review?do=remove&group=Sales").status == 404


@pytest.mark.parametrize(
    "query",
    [
        "do=save&group=Sales",
        "do=save&group=&role=user",
        "do=save&group=S&tier=gold",
        "do=save&group=S&role=primary_owner",
        "do=save&group=S&role=king",
        "do=save&group=S&priority=first",
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(place: Place, query: str) -> None:
    owner = place.enter().get(f"/provisioning/mappings/review?{query}")

    assert (owner.status, 'role="alert"' in owner.page) == (400, True)
    assert mapped.every(place.context).mappings == ()
