"""The page of the company sign-in: only the Primary Owner changes it, and nobody sees the secret."""

from collections.abc import Callable, Iterator

import pytest

from scim_server.services.people import commands as people
from scim_server.services.sso import commands as sso
from scim_server.services.sso import queries
from scim_server.services.sso.commands import Given
from scim_server.store.database.session import Database
from seat_policy.roles import Role
from tests.console.company_sign_in import ON_SQLITE, place_of, provider_of, sign_in, ways
from tests.console.test_permissions import stored
from tests.console.visiting import Place
from tests.support.servers import oidc
from tests.support.servers.oidc import CLIENT, SECRET, Provider

PAGE = "/provisioning/sso"


@pytest.fixture
def provider(database: Database, clock: Callable[[str], None]) -> Iterator[Provider]:
    """A provider with the time of the test."""
    del clock
    with oidc.provider(lambda: database.now().timestamp()) as running:
        yield running


@pytest.fixture
def place(database: Database, provider: Provider) -> Place:
    """An organization whose provider is this one."""
    return place_of(database, provider)


def fields(provider: Provider, **changed: str) -> dict[str, str]:
    return {"issuer": provider.url, "client": CLIENT, "secret": SECRET, **changed}


def test_the_primary_owner_sets_changes_and_removes_the_provider(place: Place, provider: Provider) -> None:
    sso.remove(place.context)
    owner = place.enter().get(PAGE)
    assert f'value="{place.base}/sso/callback"' in owner.page

    owner.post(PAGE, fields(provider, issuer=f" {provider.url}/.well-known/openid-configuration"))
    first = provider_of(place)
    assert (owner.status, "The company sign-in was saved. Test it now." in owner.words) == (200, True)
    assert (first.issuer, first.client_id, first.client_secret) == (provider.url, CLIENT, SECRET)

    owner.post(PAGE, fields(provider, secret="", public="on"))
    assert provider_of(place).client_secret is None
    owner.get(f"{PAGE}/remove")
    assert (owner.status, provider_of(place).issuer, provider.url in owner.words) == (200, provider.url, True)
    owner.post(f"{PAGE}/remove")

    assert queries.overview(place.context).provider is None
    assert "The company sign-in was removed." in owner.words
    assert owner.get("/audit").status == 200
    assert "The company sign-in was removed" in owner.words


def test_the_secret_is_kept_without_being_shown_but_never_for_another_issuer_or_client(
    place: Place, provider: Provider
) -> None:
    owner = place.enter().get(PAGE)
    assert SECRET not in owner.page
    assert "A secret is stored" in owner.words

    owner.post(PAGE, fields(provider, secret=""))
    kept = provider_of(place)
    answers = []
    for change in ({"issuer": "https://evil.example"}, {"client": "other"}):
        owner.get(PAGE).post(PAGE, fields(provider, secret="", **change))
        answers.append((owner.status, "Enter the client secret again" in owner.words))

    assert kept.client_secret == SECRET
    assert answers == [(400, True)] * 2
    assert provider_of(place) == kept


WRONG = (
    ({"issuer": "http://login.example.com"}, "must begin with https://"),
    ({"issuer": "https://owner:password@login.example.com"}, "must have the form https://host/path"),
    ({"issuer": "https://login.example.com?x=1"}, "must have no query"),
    ({"issuer": "login.example.com"}, "must have the form https://host/path"),
    ({"issuer": "https://login.example.com/ü"}, "characters that are not allowed"),
    ({"issuer": "http://127.0.0.1:1"}, "must begin with https://"),
    ({"client": " "}, "The client id must be a text"),
    ({"secret": "", "issuer": "https://other.example"}, "Enter the client secret again"),
    ({"public": "on"}, "but not both"),
)


@ON_SQLITE
def test_values_that_cannot_be_used_are_explained_and_kept_in_the_form(
    place: Place, provider: Provider
) -> None:
    owner, before = place.enter().get(PAGE), provider_of(place)

    wrong = []
    for change, why in WRONG:
        owner.get(PAGE).post(PAGE, fields(provider, **change))
        if owner.status != 400 or why not in owner.words or SECRET in owner.page:
            wrong.append((change, owner.status, owner.words))

    assert wrong == []
    assert provider_of(place) == before


def test_another_owner_sees_the_provider_but_cannot_change_it(place: Place, provider: Provider) -> None:
    place.member("grace@example.com", Role.OWNER)
    owner, before = place.enter("grace@example.com").get(PAGE), stored(place)
    assert "Only the Primary Owner changes this" in owner.words
    assert 'name="issuer"' not in owner.page

    answers = []
    for path, sent in ((PAGE, fields(provider, issuer="https://evil.example")), (f"{PAGE}/remove", {})):
        owner.get("/sessions").post(path, sent)
        answers.append((owner.status, "nly the Primary Owner, or the operator" in owner.words))

    assert answers == [(409, True), (409, True)]
    assert stored(place) == before


def test_after_a_transfer_the_new_primary_owner_changes_it_and_the_earlier_one_does_not(
    place: Place, provider: Provider
) -> None:
    people.transfer(place.context, place.member("grace@example.com", Role.OWNER))

    earlier, new = place.enter().get("/sessions"), place.enter("grace@example.com").get(PAGE)
    earlier.post(f"{PAGE}/remove")
    assert provider_of(place).issuer == provider.url
    new.post(f"{PAGE}/remove")

    assert (earlier.status, new.status) == (409, 200)
    assert queries.overview(place.context).provider is None


def test_an_admin_does_not_find_the_page(place: Place) -> None:
    admin = place.enter(place.member("ada@example.com", Role.ADMIN))

    assert "Company sign-in" not in admin.get("/provisioning").words
    assert admin.get(PAGE).status == 403


def test_another_issuer_ends_the_sessions_of_the_earlier_one_and_a_new_secret_does_not(
    place: Place, provider: Provider
) -> None:
    other = sign_in(place.stranger(), provider)
    owner = place.enter()

    owner.get(PAGE).post(PAGE, fields(provider, secret="another"))
    still = other.get("").path
    owner.get(f"{PAGE}/remove")
    announced = "1 open session that began with it ends." in owner.words
    owner.get(PAGE).post(PAGE, fields(provider, issuer="https://login.example.com"))

    assert (still, announced) == ("", True)
    assert [way for way, _ in ways(place)] == ["link"]
    assert other.get("").path.startswith("/sign-in")


WRONG_PROVIDER = (
    "The test found what prevents a sign-in",
    "The provider calls itself “https://other.example”.",
    "The provider's token_endpoint cannot be used (it is missing).",
    "The provider's authorization_endpoint cannot be used",
    "does not support the authorization code flow",
    "signs only with HS256",
    "accepts only private_key_jwt",
    "has no key that can verify a signature",
    "does not say that it supports PKCE",
    "does not list the scope “email”",
)


@ON_SQLITE
def test_the_test_shows_everything_that_is_wrong_at_once(place: Place, provider: Provider) -> None:
    owner = place.enter().get(PAGE)
    good = owner.post(f"{PAGE}/test").words
    provider.description = {
        "issuer": "https://other.example",
        "token_endpoint": None,
        "authorization_endpoint": "javascript:alert(1)",
        "response_types_supported": ["id_token"],
        "id_token_signing_alg_values_supported": ["HS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "code_challenge_methods_supported": None,
        "scopes_supported": ["openid"],
    }
    provider.keys = []
    owner.post(f"{PAGE}/test")

    assert "The test found nothing that prevents a sign-in" in good
    assert owner.shows(WRONG_PROVIDER) == list(WRONG_PROVIDER)


@ON_SQLITE
def test_owners_see_why_the_last_sign_in_failed(place: Place, provider: Provider) -> None:
    provider.claims = {"email_verified": False}
    sign_in(place.stranger(), provider)

    words = place.enter().get(PAGE).words

    assert "Last failure" in words
    assert "add the optional claims email and xms_edov" in words


def test_saving_the_same_settings_again_changes_nothing(place: Place, provider: Provider) -> None:
    before = stored(place)

    sso.configure(place.context, Given(provider.url, CLIENT, SECRET), {provider.host})

    assert stored(place) == before
