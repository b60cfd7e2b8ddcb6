"""Settings, groups, tokens, domains and simulations: the effect first, then the change, by those who may."""

import re
from collections.abc import Callable

import pytest

from scim_server.services.access import queries as access
from scim_server.services.invitations import queries as invitations
from scim_server.services.mappings import commands as mappings
from scim_server.services.mappings import queries as mapped
from scim_server.services.organizations import queries as organizations
from scim_server.services.people import commands as people
from scim_server.services.people import queries as members
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.overflow import Overflow
from seat_policy.roles import Role
from tests.api.in_process import PUBLIC_URL
from tests.console.conftest import Found
from tests.console.visiting import OWNER, Place, Visit

SETTINGS = {"mode": "scim", "overflow": "queue", "overflow-standard": "same", "ceiling-standard": ""}
PRICES = {"standard": "240.00", "premium": "1200.00"}


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization that refuses people, with a contract."""
    return new_place({"standard": 5, "premium": 1}, prices=PRICES)


def _query(fields: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in fields.items())


def _hidden(visit: Visit) -> dict[str, str]:
    """The hidden fields of the review, without the token of the session."""
    found = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', visit.page.split("<main")[1])
    )
    return {name: value for name, value in found.items() if name != "csrf_token"}


def test_the_page_explains_each_choice_by_what_okta_and_entra_show(place: Place) -> None:
    words = place.enter().get("/provisioning").words

    assert "Okta shows: A failed task with the reason. Press Retry after seats become free." in words
    assert "Entra puts the whole job into quarantine" in words
    assert "Okta and Entra show: A success, with access at once, up to the ceiling." in words


def test_a_review_shows_the_effect_and_changes_nothing_and_its_button_saves_it(place: Place) -> None:
    owner = place.enter()
    owner.get(f"/provisioning/review?{_query({**SETTINGS, 'mode': 'jit', 'allow_invitations': 'on'})}")

    assert owner.status == 200
    assert "How people come in The provider creates people The first sign-in creates people" in owner.words
    assert "If no seat is free Refuse Wait" in owner.words
    assert "Nobody is removed. 1 member came by the operator." in owner.words
    assert organizations.show(place.context).organization.mode == "scim"

    owner.post("/provisioning", _hidden(owner))

    saved = organizations.show(place.context).organization
    assert (owner.status, "The settings were saved." in owner.words) == (200, True)
    assert (saved.mode, saved.overflow, saved.allow_invitations) == ("jit", "queue", True)


def test_a_ceiling_shows_what_all_its_seats_would_cost_today(place: Place) -> None:
    owner = place.enter()
    fields = {**SETTINGS, "overflow": "buy", "ceiling-standard": "5"}
    owner.get(f"/provisioning/review?{_query(fields)}")

    # 5 x 240.00 x (9 months + 17 of 31 days) / 12 = 954.84
    assert "Up to 5 standard seats may be bought in one term without asking." in owner.words
    assert "All of them would cost 954.84 USD today." in owner.words

    owner.post("/provisioning", _hidden(owner))
    after = organizations.show(place.context)
    assert (after.organization.overflow, after.tiers["standard"].ceiling) == (Overflow.BUY, 5)


def test_a_setting_that_changed_in_between_brings_the_review_again_and_saves_nothing(place: Place) -> None:
    first, second = place.enter(), place.enter()
    for owner, mode in ((first, "jit"), (second, "manual")):
        owner.get(f"/provisioning/review?{_query({**SETTINGS, 'mode': mode})}")
    first.post("/provisioning", _hidden(first))

    second.post("/provisioning", _hidden(second))

    assert (second.status, "Something changed since you opened this page" in second.words) == (409, True)
    assert organizations.show(place.context).organization.mode == "jit"
    second.post("/provisioning", _hidden(second))
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
    owner = place.enter().get(f"/provisioning/review?{_query({**SETTINGS, **wrong})}")

    assert (owner.status, said in owner.words) == (400, True)


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

    owner.post("/provisioning/mappings", _hidden(owner))

    (saved,) = mapped.every(place.context).mappings
    assert (owner.status, saved.name) == (200, "Sales")
    assert saved.gives == GroupMapping("premium", Role.ADMIN, None)
    assert members.history(place.context, "ada@example.com").person.role == "admin"


def test_a_mapping_whose_effect_changed_in_between_is_reviewed_again(place: Place) -> None:
    place.create("ada@example.com", "grace@example.com")
    _group(place, "Sales", "ada@example.com")
    owner = place.enter()
    owner.get("/provisioning/mappings/review?do=save&group=Sales&role=admin")
    confirmed = _hidden(owner)
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
    owner.post("/provisioning/mappings", _hidden(owner))
    chosen = mapped.every(place.context).unmapped
    owner.get("/provisioning/mappings/review?do=remove&group=Sales")
    owner.post("/provisioning/mappings", _hidden(owner))

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


def _live(place: Place) -> list[str]:
    return [one.token.name for one in access.token_states(place.context) if one.live]


def _secret(visit: Visit) -> str:
    found = re.search(r'value="(scs_[^"]+)"', visit.page)
    assert found is not None, visit.words
    return found[1]


def _calls(place: Place, secret: str) -> int:
    return (
        place.app.test_client()
        .get(
            f"/orgs/{place.slug}/scim/v2/Users",
            base_url=PUBLIC_URL,
            headers={"Authorization": f"Bearer {secret}"},
        )
        .status_code
    )


def test_a_token_is_shown_once_and_works_until_it_is_revoked(place: Place) -> None:
    owner = place.enter().get("/provisioning/tokens")
    owner.post("/provisioning/tokens", {"name": "okta", "days": "30"})
    secret, made = _secret(owner), owner.words

    assert (owner.status, "It is shown only this once" in made) == (200, True)
    assert "okta never used" in owner.get("/provisioning/tokens").words
    assert secret not in owner.page
    assert _calls(place, secret) == 200
    assert "okta ✓ connected" in owner.get("/provisioning/tokens").words
    assert "✓ connected okta:" in owner.get("/provisioning/guides/okta").words

    id_ = next(one.token.id for one in access.token_states(place.context) if one.token.name == "okta")
    owner.get(f"/provisioning/tokens/end?id={id_}")
    assert "No other token replaces it." in owner.words
    owner.post("/provisioning/tokens/end", {"id": id_})

    assert "The token okta no longer works." in owner.words
    assert _live(place) == ["first"]
    assert owner.get(f"/provisioning/tokens/end?id={id_}").status == 404


def test_a_rotation_ends_the_old_token_only_when_the_provider_uses_the_new_one(
    place: Place, clock: Callable[[str], None]
) -> None:
    assert _calls(place, place.token) == 200
    clock("2026-03-15T09:05:00Z")
    owner = place.enter().get("/provisioning/tokens")
    (first,) = access.token_states(place.context)
    owner.post("/provisioning/tokens/rotate", {"id": first.token.id})
    new = _secret(owner)

    said = owner.get("/provisioning/tokens").words
    assert "first-2 replaces first The provider has not used the new token yet." in said
    assert _live(place) == ["first-2", "first"]

    assert _calls(place, new) == 200
    assert "The provider uses the new token. End the old one." in owner.get("/provisioning/tokens").words

    owner.post("/provisioning/tokens/end", {"id": first.token.id})
    assert _live(place) == ["first-2"]
    assert _calls(place, new) == 200


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": "first"}, {"name": "x", "days": "0"}, {"name": "x", "days": "x"}]
)
def test_a_token_that_cannot_be_made_says_why(place: Place, fields: dict[str, str]) -> None:
    owner = place.enter().get("/provisioning/tokens")
    owner.post("/provisioning/tokens", fields)

    assert (owner.status, 'role="alert"' in owner.page) == (400, True)
    assert _live(place) == ["first"]


def test_the_guides_have_the_fields_to_paste(place: Place) -> None:
    owner = place.enter()
    base_url = f'value="{PUBLIC_URL}/orgs/{place.slug}/scim/v2"'

    pages = {name: owner.get(f"/provisioning/guides/{name}").page for name in ("okta", "entra", "other")}

    assert all(base_url in page for page in pages.values())
    assert "SCIM connector base URL" in pages["okta"]
    assert "Tenant URL" in pages["entra"]
    assert owner.get("/provisioning/guides/none").status == 404


def test_a_domain_is_added_with_its_record_and_removed(place: Place) -> None:
    owner = place.enter().get("/provisioning/domains")
    owner.post("/provisioning/domains", {"domain": "Example.ORG"})
    (domain,) = invitations.domains(place.context)

    assert "example.org was added." in owner.words
    assert 'value="_scim-seats.example.org"' in owner.page
    assert f'value="scim-seats={domain.nonce}"' in owner.page
    owner.get("/provisioning/domains/remove?domain=example.org")
    assert "Its addresses can no longer be invited." in owner.words
    owner.post("/provisioning/domains/remove", {"domain": "example.org"})

    assert (owner.status, invitations.domains(place.context)) == (200, [])
    assert owner.get("/provisioning/domains/remove?domain=example.org").status == 404
    owner.get("/provisioning/domains").post("/provisioning/domains", {"domain": "no domain"})
    assert (owner.status, "is not a domain" in owner.words) == (400, True)


def test_a_domain_is_verified_by_its_record_only(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = place.enter().get("/provisioning/domains")
    owner.post("/provisioning/domains", {"domain": "example.org"})
    (domain,) = invitations.domains(place.context)
    records: list[str] = []
    monkeypatch.setattr(
        "scim_server.console.provisioning_domains.txt_records", lambda _name, _server: records
    )

    owner.post("/provisioning/domains/verify", {"domain": "example.org"})
    missing = owner.words
    records.append(f"scim-seats={domain.nonce}")
    owner.post("/provisioning/domains/verify", {"domain": "example.org"})

    assert "The DNS record of example.org was not found" in missing
    assert "example.org is verified. Its addresses can be invited." in owner.words


def _upload(visit: Visit, content: bytes, **fields: str) -> Visit:
    token = visit.get("/provisioning/simulate").hidden("csrf_token")
    answer = visit.client.post(
        f"{visit.place.base}/provisioning/simulate",
        data={"csrf_token": token, **fields},
        files={"file": ("people.csv", content, "text/csv")},
    )
    visit.page, visit.status, visit.answer = answer.text, answer.status_code, answer
    return visit


PEOPLE = b"userName,tier\n" + b"".join(b"p%d@example.com,standard\n" % number for number in range(7))


def test_a_file_is_simulated_and_nothing_is_written(place: Place) -> None:
    owner = _upload(place.enter(), PEOPLE)

    assert (owner.status, "7 people simulated" in owner.words) == (200, True)
    # The owner has the premium seat, so all 5 standard seats are free.
    assert "Would be refused: 2 " in owner.words
    assert "Would get a seat: 5 " in owner.words
    # 2 x 240.00 x (9 months + 17 of 31 days) / 12 = 381.94
    assert "2 standard seats are missing for everyone." in owner.words
    assert "381.94 USD" in owner.words
    assert [one.user_name for one in members.page(place.context).data] == [OWNER]


def test_the_whole_result_of_a_simulation_is_a_file(place: Place) -> None:
    owner = _upload(place.enter(), PEOPLE + b"=cmd@example.com,standard\n", **{"as": "csv"})

    lines = owner.page.removeprefix("\ufeff").splitlines()
    assert (owner.status, len(lines)) == (200, 9)
    assert lines[1] == "2,p0@example.com,,seated,standard,,"
    assert lines[8].startswith("9,'=cmd@example.com,,refused,")


def test_wrong_entries_are_named_and_left_out_on_demand(place: Place) -> None:
    content = b"userName,tier\nada@example.com,gold\ngrace@example.com,standard\n"

    refused = _upload(place.enter(), content)
    assert (refused.status, "has the unknown tier 'gold'" in refused.words) == (400, True)
    simulated = _upload(place.enter(), content, skip_bad="on")
    assert (simulated.status, "1 wrong entry was left out." in simulated.words) == (200, True)


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"a,b\n1,2\n"])
def test_a_file_that_cannot_be_read_says_why(place: Place, content: bytes) -> None:
    owner = _upload(place.enter(), content)

    assert (owner.status, 'role="alert"' in owner.page) == (400, True)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scim_server.bodies.MOST_UPLOADED", 1024 * 1024)

    owner = _upload(place.enter(), b"userName\n" + b"x" * 1024 * 1024)

    assert (owner.status, "This is larger than 1 MB." in owner.words) == (413, True)


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
    assert (organizations.show(place.context), _live(place)) == (before, ["first"])
    assert _upload(admin, PEOPLE).status == 200


def test_what_may_buy_seats_asks_for_a_recent_sign_in(place: Place, clock: Callable[[str], None]) -> None:
    owner = place.enter()
    owner.get(f"/provisioning/review?{_query(SETTINGS)}")
    fields = _hidden(owner)
    clock("2026-03-15T09:31:00Z")

    owner.post("/provisioning", fields)

    assert (owner.status, organizations.show(place.context).organization.overflow) == (403, Overflow.REJECT)
