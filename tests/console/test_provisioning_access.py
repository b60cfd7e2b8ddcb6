"""Tokens, guides and domains."""

import re
from collections.abc import Callable

import pytest

from scim_server.services.access import queries as access
from scim_server.services.invitations import queries as invitations
from tests.api.in_process import PUBLIC_URL
from tests.console.conftest import Found
from tests.console.provisioning_steps import PRICES, live
from tests.console.visiting import Place, Visit


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization that refuses people, with a contract."""
    return new_place({"standard": 5, "premium": 1}, prices=PRICES)


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
    assert live(place) == ["first"]
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
    assert live(place) == ["first-2", "first"]

    assert _calls(place, new) == 200
    assert "The provider uses the new token. End the old one." in owner.get("/provisioning/tokens").words

    owner.post("/provisioning/tokens/end", {"id": first.token.id})
    assert live(place) == ["first-2"]
    assert _calls(place, new) == 200


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": "first"}, {"name": "x", "days": "0"}, {"name": "x", "days": "x"}]
)
def test_a_token_that_cannot_be_made_says_why(place: Place, fields: dict[str, str]) -> None:
    owner = place.enter().get("/provisioning/tokens")
    owner.post("/provisioning/tokens", fields)

    assert (owner.status, 'role="alert"' in owner.page) == (400, True)
    assert live(place) == ["first"]


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
