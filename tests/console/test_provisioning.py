"""Settings of provisioning: the effect first, then the change, by people who may."""

from collections.abc import Callable

import pytest

from scim_server.services.organizations import queries as organizations
from seat_policy.overflow import Overflow
from seat_policy.roles import Role
from tests.console.conftest import Found
from tests.console.provisioning_steps import PEOPLE, PRICES, SETTINGS, hidden, live, query, upload
from tests.console.visiting import Place


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization that refuses people, with a contract."""
    return new_place({"standard": 5, "premium": 1}, prices=PRICES)


def test_the_page_explains_each_choice_by_what_okta_and_entra_show(place: Place) -> None:
    words = place.enter().get("/provisioning").words

    assert "Okta shows: A failed task with the reason. Press Retry after seats become free." in words
    assert "Entra puts the whole job into quarantine" in words
    assert "Okta and Entra show: A success, with access at once, up to the ceiling." in words


def test_a_review_shows_the_effect_and_changes_nothing_and_its_button_saves_it(place: Place) -> None:
    owner = place.enter()
    owner.get(f"/provisioning/review?{query({**SETTINGS, 'mode': 'jit', 'allow_invitations': 'on'})}")

    assert owner.status == 200
    assert "How people come in The provider creates people The first sign-in creates people" in owner.words
    assert "If no seat is free Refuse Wait" in owner.words
    assert "Nobody is removed. 1 member came by the operator." in owner.words
    assert organizations.show(place.context).organization.mode == "scim"

    owner.post("/provisioning", hidden(owner))

    saved = organizations.show(place.context).organization
    assert (owner.status, "The settings were saved." in owner.words) == (200, True)
    assert (saved.mode, saved.overflow, saved.allow_invitations) == ("jit", "queue", True)


def test_a_ceiling_shows_what_all_its_seats_would_cost_today(place: Place) -> None:
    owner = place.enter()
    fields = {**SETTINGS, "overflow": "buy", "ceiling-standard": "5"}
    owner.get(f"/provisioning/review?{query(fields)}")

    # 5 x 240.00 x (9 months + 17 of 31 days) / 12 = 954.84
    assert "Up to 5 standard seats may be bought in one term without asking." in owner.words
    assert "All of them would cost 954.84 USD today." in owner.words

    owner.post("/provisioning", hidden(owner))
    after = organizations.show(place.context)
    assert (after.organization.overflow, after.tiers["standard"].ceiling) == (Overflow.BUY, 5)


def test_a_setting_that_changed_in_between_brings_the_review_again_and_saves_nothing(place: Place) -> None:
    first, second = place.enter(), place.enter()
    for owner, mode in ((first, "jit"), (second, "manual")):
        owner.get(f"/provisioning/review?{query({**SETTINGS, 'mode': mode})}")
    first.post("/provisioning", hidden(first))

    second.post("/provisioning", hidden(second))

    assert (second.status, "Something changed since you opened this page" in second.words) == (409, True)
    assert organizations.show(place.context).organization.mode == "jit"
    second.post("/provisioning", hidden(second))
    assert organizations.show(place.context).organization.mode == "manual"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mode": "magic"}, "Choose one of the values of each setting."),
        ({"overflow-standard": "magic"}, "Choose one of the values of each setting."),
        ({"ceiling-standard": "many"}, "many is not a number of seats."),
        ({"ceiling-standard": "-1"}, "-1 is not a number of seats."),
        ({"overflow": "buy"}, "needs a ceiling"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_the_reason(
    place: Place, wrong: dict[str, str], said: str
) -> None:
    owner = place.enter().get(f"/provisioning/review?{query({**SETTINGS, **wrong})}")

    assert (owner.status, said in owner.words) == (400, True)


CHANGES = {
    "/provisioning": SETTINGS,
    "/provisioning/mappings": {"do": "save", "group": "Sales", "role": "owner"},
    "/provisioning/tokens": {"name": "okta"},
    "/provisioning/tokens/rotate": {"id": "first"},
    "/provisioning/tokens/end": {"id": "first"},
    "/provisioning/domains": {"domain": "example.org"},
    "/provisioning/domains/verify": {"domain": "example.org"},
    "/provisioning/domains/remove": {"domain": "example.org"},
}
REVIEWS = ("/provisioning/review", "/provisioning/mappings/review", "/provisioning/mappings/edit")
PAGES = ("", "/mappings", "/tokens", "/domains", "/simulate", "/guides/okta")


def test_admins_see_everything_and_simulate_but_only_owners_change(place: Place) -> None:
    admin = place.enter(place.member("ada@example.com", Role.ADMIN))
    before = organizations.show(place.context)

    shown = [admin.get(f"/provisioning{path}").status for path in PAGES]
    refused = {path: admin.get("/provisioning").post(path, fields).status for path, fields in CHANGES.items()}
    reviews = [
        admin.get(f"/provisioning/{path}").status for path in ("review", "mappings/review", "mappings/edit")
    ]

    assert shown == [200] * len(PAGES)
    assert set(refused.values()) == {403}
    assert reviews == [403] * 3
    assert (organizations.show(place.context), live(place)) == (before, ["first"])
    assert upload(admin, PEOPLE).status == 200


def test_what_may_buy_seats_asks_for_a_recent_sign_in(place: Place, clock: Callable[[str], None]) -> None:
    owner = place.enter()
    owner.get(f"/provisioning/review?{query(SETTINGS)}")
    fields = hidden(owner)
    clock("2026-03-15T09:31:00Z")

    owner.post("/provisioning", fields)

    assert (owner.status, organizations.show(place.context).organization.overflow) == (403, Overflow.REJECT)
