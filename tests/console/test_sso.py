"""Sign-ins with the organization's own provider: who enters, and everything that is refused."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
from joserfc.jwk import RSAKey, import_key

from scim_server.app import create_app
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.send import Invitees
from scim_server.services.organizations import commands as organizations
from scim_server.services.people import commands as people
from scim_server.services.sso import commands as sso
from scim_server.services.sso.commands import Given
from scim_server.store.database.session import Database
from seat_policy.roles import Role
from tests.api.in_process import PUBLIC_URL
from tests.console.company_sign_in import (
    FAILED,
    ON_SQLITE,
    arrive,
    begun,
    place_of,
    provider_of,
    sign_in,
    signed_in_events,
    ways,
)
from tests.console.test_permissions import stored
from tests.console.visiting import OWNER, Place, Visit
from tests.support.servers import oidc
from tests.support.servers.oidc import CLIENT, SECRET, Provider, encoded, key_of, signed

NOW = "2026-03-15T09:00:00.000000Z"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """A provider for all tests of this module."""
    with oidc.provider(lambda: 0) as provider:
        yield provider


@pytest.fixture
def provider(running: Provider, database: Database, clock: Callable[[str], None]) -> Provider:
    """That provider, which says the usual things at the time of the test."""
    del clock
    fresh = Provider(running.url, lambda: database.now().timestamp())
    for name in ("now", "claims", "token", "userinfo", "description", "keys", "secret"):
        setattr(running, name, getattr(fresh, name))
    for name in ("asked", "called", "tokens"):
        getattr(running, name).clear()
    return running


@pytest.fixture
def place(database: Database, provider: Provider) -> Place:
    """An organization whose Primary Owner can sign in with the provider."""
    return place_of(database, provider)


def refused(visit: Visit, before: int = 0) -> tuple[int, str]:
    """Check that a browser is not signed in; return what it was told."""
    place = visit.place
    assert (visit.status, FAILED in visit.words) == (403, True), visit.words
    assert f"scim-seats-{place.slug}" not in visit.client.cookies
    assert (len(ways(place)), signed_in_events(place)) == (before, before)
    words = visit.words
    assert visit.get("").path.startswith("/sign-in")
    return 403, words.replace(place.slug, "SLUG")


def test_an_owner_signs_in_with_the_provider_and_reaches_the_page(place: Place, provider: Provider) -> None:
    owner = place.stranger()

    location = begun(owner, "?next=/left-out%3Fkind%3Drefused")
    state = owner.client.cookies[f"scim-seats-sso-{place.slug}"]
    arrive(owner, provider.sign_in(location))

    asked, [sent] = provider.asked[0], provider.tokens
    assert (owner.status, owner.path) == (200, "/left-out?kind=refused")
    assert ways(place) == [("oidc", None)]
    assert signed_in_events(place) == 1
    assert provider_of(place).last_sign_in == NOW
    assert {
        name: asked[name] for name in ("response_type", "client_id", "scope", "code_challenge_method")
    } == {
        "response_type": "code",
        "client_id": CLIENT,
        "scope": "openid email",
        "code_challenge_method": "S256",
    }
    assert asked["redirect_uri"] == f"{place.base}/sso/callback"
    assert asked["code_challenge"] == encoded(hashlib.sha256(sent["code_verifier"].encode()).digest())
    assert {len(asked["state"]), len(asked["nonce"]), len(sent["code_verifier"])} == {43}
    assert len({asked["state"], asked["nonce"], sent["code_verifier"]}) == 3
    assert not any(value in state for value in (asked["state"], asked["nonce"], sent["code_verifier"]))
    assert f"scim-seats-sso-{place.slug}" not in owner.client.cookies


def test_beginning_a_sign_in_stores_nothing_and_its_cookie_is_for_this_browser(
    place: Place, provider: Provider
) -> None:
    del provider
    before, owner = stored(place), place.stranger()

    cookies = [owner.client.get(f"{place.base}/sso").headers["Set-Cookie"] for _ in range(2)]

    assert stored(place) == before
    assert len({cookie.partition(";")[0] for cookie in cookies}) == 2
    assert {cookie.partition("; ")[2].partition("; ")[2] for cookie in cookies} == {
        "Max-Age=600; HttpOnly; Path=/; SameSite=Lax"
    }


def without_signature(claims: dict[str, Any], alg: str) -> str:
    return f"{encoded({'alg': alg, 'kid': oidc.KID})}.{encoded(claims)}."


def signed_with_the_public_key(claims: dict[str, Any]) -> str:
    content = f"{encoded({'alg': 'HS256', 'kid': oidc.KID})}.{encoded(claims)}"
    key = key_of("RSA")
    assert isinstance(key, RSAKey)
    public = key.as_pem(private=False)
    return f"{content}.{encoded(hmac.digest(public, content.encode(), 'sha256'))}"


def with_own_key(claims: dict[str, Any], **header: object) -> str:
    own = import_key({**key_of("RSA", "own").as_dict(private=True), "kid": oidc.KID})
    jwk = own.as_dict(private=False)
    shown = {name: value or jwk for name, value in header.items()}
    return signed(claims, own, "RS256", **shown)


def changed_afterwards(claims: dict[str, Any]) -> str:
    header, _, signature = signed({**claims, "email": "other@example.com"}).split(".")
    return f"{header}.{encoded(claims)}.{signature}"


@dataclass(frozen=True)
class Hostile:
    """A token that must be refused."""

    name: str
    claims: dict[str, Any] = field(default_factory=dict)
    token: oidc.Token = signed
    failure: str = "invalid_token"


FAR = 1_900_000_000
AT = 1_773_565_200
"""The time of these tests, 2026-03-15T09:00:00Z, in seconds since 1970."""
HOSTILE = (
    Hostile("alg none", token=lambda claims: without_signature(claims, "none")),
    Hostile("alg None", token=lambda claims: without_signature(claims, "None")),
    Hostile("no signature", token=lambda claims: without_signature(claims, "RS256")),
    Hostile("HS256 with the public key", token=signed_with_the_public_key),
    Hostile("embedded jwk", token=lambda claims: with_own_key(claims, jwk=None)),
    Hostile("jku", token=lambda claims: with_own_key(claims, jku="https://evil.example/keys")),
    Hostile("own key under the known kid", token=with_own_key),
    Hostile("changed afterwards", token=changed_afterwards),
    Hostile("another key type", token=lambda claims: signed(claims, key_of("EC"), "ES256")),
    Hostile("unknown kid", token=lambda claims: signed(claims, kid="other")),
    Hostile("unknown critical header", token=lambda claims: signed(claims) + "x"),
    Hostile("not a token", token=lambda _: "a.b.c"),
    Hostile("deeply nested", token=lambda claims: f"{encoded(b'[' * 20_000)}.{encoded(claims)}.AA"),
    Hostile("other issuer", {"iss": "https://evil.example"}),
    Hostile("no issuer", {"iss": None}),
    Hostile("other audience", {"aud": "another"}),
    Hostile("no audience", {"aud": None}),
    Hostile("several audiences without a client", {"aud": [CLIENT, "another"]}),
    Hostile("several audiences for another client", {"aud": [CLIENT, "another"], "azp": "another"}),
    Hostile("for another client", {"azp": "another"}),
    Hostile("expired", {"exp": AT - 61}),
    Hostile("expiry as text", {"exp": "never"}),
    Hostile("no expiry", {"exp": None}),
    Hostile("issued in the future", {"iat": AT + 3_600}),
    Hostile("no time of issue", {"iat": None}),
    Hostile("not yet valid", {"nbf": FAR}),
    Hostile("other nonce", {"nonce": "x" * 43}),
    Hostile("no nonce", {"nonce": None}),
    Hostile("no subject", {"sub": None}),
    Hostile("unverified address", {"email_verified": False}, failure="unverified"),
    Hostile("verified as text", {"email_verified": "true"}, failure="unverified"),
    Hostile("verification missing", {"email_verified": None}, failure="unverified"),
    Hostile("claim of another provider", {"email_verified": None, "xms_edov": True}, failure="unverified"),
    Hostile("no address", {"email": None}, failure="unverified"),
    Hostile("addresses in a list", {"email": [OWNER]}, failure="unverified"),
)


@ON_SQLITE
def test_every_token_that_proves_nothing_is_refused_with_the_same_page(
    place: Place, provider: Provider
) -> None:
    pages, failures = set(), {}

    for hostile in HOSTILE:
        provider.claims, provider.token = hostile.claims, hostile.token
        pages.add(refused(sign_in(place.stranger(), provider)))
        failures[hostile.name] = provider_of(place).failure

    assert failures == {one.name: one.failure for one in HOSTILE}
    assert len(pages) == 1
    assert provider_of(place).last_sign_in is None


@ON_SQLITE
def test_signatures_of_each_kind_are_accepted(place: Place, provider: Provider) -> None:
    provider.keys = [key_of("RSA", "other"), key_of("EC", "ec"), key_of("RSA")]

    for key, alg in ((key_of("EC", "ec"), "ES256"), (key_of("RSA"), "PS256"), (key_of("RSA"), "RS512")):
        provider.token = partial(signed, key=key, alg=alg)
        assert sign_in(place.stranger(), provider).status == 200, alg

    assert len(ways(place)) == 3


@ON_SQLITE
def test_the_keys_are_read_again_once_if_the_key_of_a_token_is_not_known(
    place: Place, provider: Provider
) -> None:
    sign_in(place.stranger(), provider)
    sign_in(place.stranger(), provider)
    assert provider.called.count("/keys") == 1

    provider.keys = [key_of("RSA", "k2")]
    provider.token = lambda claims: signed(claims, key_of("RSA", "k2"))
    rotated = sign_in(place.stranger(), provider)
    provider.token = lambda claims: signed(claims, key_of("RSA", "k3"))
    unknown = sign_in(place.stranger(), provider)

    assert (rotated.status, unknown.status) == (200, 403)
    assert provider.called.count("/keys") == 3
    assert provider.called.count("/.well-known/openid-configuration") == 1


@ON_SQLITE
def test_the_address_may_come_from_userinfo_about_the_same_person_only(
    place: Place, provider: Provider
) -> None:
    provider.claims = {"email": None, "email_verified": None}
    said = {"sub": "248289761001", "email": OWNER, "email_verified": True}
    answers = []

    for userinfo in (said, {**said, "sub": "another"}, {**said, "email_verified": False}, {"email": OWNER}):
        provider.userinfo = userinfo
        answers.append(sign_in(place.stranger(), provider).status)

    assert answers == [200, 403, 403, 403]
    assert len(ways(place)) == 1


@ON_SQLITE
def test_a_client_without_a_secret_proves_itself_by_pkce_alone(
    database: Database, provider: Provider
) -> None:
    provider.secret = None
    place = place_of(database, provider, secret=None)

    assert sign_in(place.stranger(), provider).status == 200
    assert "client_secret" not in provider.tokens[0]


@ON_SQLITE
def test_the_secret_is_sent_in_the_form_if_the_provider_takes_it_only_there(
    place: Place, provider: Provider
) -> None:
    provider.description = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    provider.secret = None

    sign_in(place.stranger(), provider)

    assert (provider.tokens[0]["client_id"], provider.tokens[0]["client_secret"]) == (CLIENT, SECRET)


def members_of(place: Place) -> dict[str, str]:
    """People who must not enter, by the address that the provider has verified."""
    domain = place.domain
    invitations.add_domain(place.context, domain, verified=True)
    organizations.configure(place.context, organizations.Changes({"allow_invitations": True}))
    place.member(f"user@{domain}")
    place.member("admin@unverified.example", Role.ADMIN)
    place.member(f"unseated@{domain}", Role.ADMIN)
    people.unassign(place.context, f"unseated@{domain}")
    place.member(f"inactive@{domain}", Role.ADMIN)
    people.deactivate(place.context, f"inactive@{domain}")
    invitations.invite(place.context, Invitees([f"invited@{domain}"], role=Role.OWNER))
    with place.provider() as scim:
        body = {"userName": "eve@evil.example", "emails": [{"value": f"boss@{domain}", "primary": True}]}
        assert scim.post("/Users", json=body).status_code == 201
    people.set_role(place.context, "eve@evil.example", Role.ADMIN)
    return {
        "nobody": "nobody@example.com",
        "a user": f"user@{domain}",
        "an address in a domain that nobody verified": "admin@unverified.example",
        "without a seat": f"unseated@{domain}",
        "inactive": f"inactive@{domain}",
        "only invited": f"invited@{domain}",
        "an address that a provider wrote": f"boss@{domain}",
    }


def test_people_without_access_see_the_same_page_as_strangers(place: Place, provider: Provider) -> None:
    pages = set()

    for who, address in members_of(place).items():
        provider.claims = {"email": address}
        pages.add(refused(sign_in(place.stranger(), provider)))
        assert provider_of(place).failure == "no_access", who

    assert len(pages) == 1


def accept(place: Place, address: str, role: Role) -> None:
    """Accept an invitation that was sent to an address."""
    organizations.configure(place.context, organizations.Changes({"allow_invitations": True}))
    invitations.add_domain(place.context, place.domain, verified=True)
    invitations.invite(place.context, Invitees([address], role=role))
    place.enter(address)


def test_an_admin_enters_by_the_address_of_the_accepted_invitation_or_of_a_verified_domain(
    place: Place, provider: Provider
) -> None:
    accept(place, f"ada@{place.domain}", Role.ADMIN)
    place.member(f"grace@{place.domain}", Role.OWNER)

    entered = []
    for address in (f"ADA@{place.domain}", f"grace@{place.domain.upper()}"):
        provider.claims = {"email": address}
        entered.append(sign_in(place.stranger(), provider).words)

    assert [f"ada@{place.domain}" in entered[0], f"grace@{place.domain}" in entered[1]] == [True, True]
    assert sorted(ways(place)) == [("link", NOW), ("oidc", None), ("oidc", None)]


def test_if_two_people_have_proved_one_address_nobody_enters(place: Place, provider: Provider) -> None:
    address = f"ada@{place.domain}"
    accept(place, address, Role.ADMIN)
    with place.provider() as scim:
        found = scim.get("/Users", params={"filter": f'userName eq "{address}"'}).json()["Resources"][0]
        renamed = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "new@other.example"}
        assert scim.put(f"/Users/{found['id']}", json={**renamed, "active": True}).status_code == 200
    place.member(address, Role.ADMIN)
    provider.claims = {"email": address}

    refused(sign_in(place.stranger(), provider), before=1)


def test_nobody_enters_a_suspended_organization(place: Place, provider: Provider) -> None:
    organizations.suspend(place.context)

    refused(sign_in(place.stranger(), provider))


def test_an_answer_works_once_and_only_in_the_browser_where_the_sign_in_began(
    place: Place, provider: Provider
) -> None:
    owner, thief = place.stranger(), place.stranger()
    address = provider.sign_in(begun(owner))
    begun(thief)
    cookies = dict(owner.client.cookies)

    refused(arrive(thief, address))
    entered = arrive(owner, address)
    again = place.stranger()
    again.client.cookies.update(cookies)
    arrive(again, address)

    assert entered.status == 200
    assert (again.status, FAILED in again.words, len(ways(place))) == (403, True, 1)
    assert len(provider.tokens) == 1


def test_a_refused_answer_is_used_up_too(place: Place, provider: Provider) -> None:
    owner = place.stranger()
    address = provider.sign_in(begun(owner))
    cookies = dict(owner.client.cookies)
    provider.claims = {"email_verified": False}
    refused(arrive(owner, address))

    provider.claims = {}
    owner.client.cookies.update(cookies)
    refused(arrive(owner, address))


def test_an_answer_works_for_ten_minutes(
    place: Place, provider: Provider, clock: Callable[[str], None]
) -> None:
    owners = [place.stranger() for _ in range(2)]
    addresses = [provider.sign_in(begun(owner)) for owner in owners]

    statuses = []
    for at, owner, address in zip(("09:09:59", "09:10:00"), owners, addresses, strict=True):
        clock(f"2026-03-15T{at}Z")
        statuses.append(arrive(owner, address).status)

    assert statuses == [200, 403]
    assert len(ways(place)) == 1


def test_an_answer_to_a_sign_in_with_other_settings_or_of_another_organization_is_refused(
    place: Place, provider: Provider, database: Database
) -> None:
    other, owner, foreign = place_of(database, provider), place.stranger(), place.stranger()
    address, elsewhere = provider.sign_in(begun(owner)), other.stranger()
    begun(elsewhere)
    theirs = elsewhere.client.cookies[f"scim-seats-sso-{other.slug}"]
    foreign.client.cookies.set(f"scim-seats-sso-{place.slug}", theirs)
    refused(arrive(foreign, address))

    sso.configure(place.context, Given(provider.url, CLIENT, None), {provider.host})

    refused(arrive(owner, address))


CHANGED = (
    {"state": ""},
    {"state": "x" * 43},
    {"state": "é"},
    {"code": ""},
    {"error": "access_denied", "error_description": "owner@example.com is not assigned"},
    {"iss": "https://evil.example"},
)


@ON_SQLITE
def test_an_answer_that_was_changed_on_the_way_is_refused(
    place: Place, provider: Provider, capfd: pytest.CaptureFixture[str]
) -> None:
    for change in CHANGED:
        owner = place.stranger()
        refused(arrive(owner, provider.sign_in(begun(owner), **change)))

    assert provider.tokens == []
    assert OWNER not in capfd.readouterr().err


@ON_SQLITE
def test_a_code_of_another_sign_in_is_refused_by_pkce(place: Place, provider: Provider) -> None:
    victim, thief = place.stranger(), place.stranger()
    provider.sign_in(begun(victim))
    address = provider.sign_in(begun(thief)).replace("code-1", "code-0")

    refused(arrive(thief, address))

    assert provider_of(place).failure == "client_refused"


@ON_SQLITE
def test_if_the_provider_does_not_answer_the_page_is_the_same(place: Place, provider: Provider) -> None:
    provider.claims = {"email_verified": False}
    expected = refused(sign_in(place.stranger(), provider))
    owner = place.stranger()
    address = provider.sign_in(begun(owner))
    provider.token = lambda _: ""
    assert refused(arrive(owner, address)) == expected

    sso.configure(place.context, Given("https://127.0.0.1:1", CLIENT, None), {"127.0.0.1:1"})
    unreachable = place.stranger().get("/sso")

    assert (unreachable.status, unreachable.words.replace(place.slug, "SLUG")) == expected


@ON_SQLITE
def test_a_provider_that_cannot_be_used_is_not_asked_again_by_each_request(
    place: Place, provider: Provider
) -> None:
    provider.description = {"issuer": "https://other.example"}

    statuses = [place.stranger().get("/sso").status for _ in range(3)]

    assert statuses == [403] * 3
    assert provider.called == ["/.well-known/openid-configuration"]


def test_money_needs_a_proof_of_the_last_half_hour_which_the_provider_gives_by_a_new_sign_in(
    place: Place, provider: Provider
) -> None:
    owner = sign_in(place.stranger(), provider)
    owner.get("/provisioning/sso").post("/provisioning/sso/remove")
    assert (owner.status, "Sign in again" in owner.words) == (403, True)
    assert 'href="/console/' in owner.page
    assert "/sso?again=1" in owner.page

    sign_in(owner, provider, "?again=1&next=/provisioning/sso")
    asked = provider.asked[-1]
    owner.post("/provisioning/sso/remove")

    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    assert (owner.status, "The company sign-in was removed." in owner.words) == (200, False)


@ON_SQLITE
def test_the_time_of_the_proof_is_that_of_the_provider(
    place: Place, provider: Provider, clock: Callable[[str], None]
) -> None:
    clock("2026-03-15T10:00:00Z")
    provider.claims = {"auth_time": AT}
    sign_in(place.stranger(), provider)
    asked_again = sign_in(place.stranger(), provider, "?again=1")
    provider.claims = {"auth_time": AT + 3_600}
    sign_in(place.stranger(), provider, "?again=1")
    provider.claims = {"auth_time": FAR}
    sign_in(place.stranger(), provider)

    assert ways(place) == [
        ("oidc", NOW),
        ("oidc", "2026-03-15T10:00:00.000000Z"),
        ("oidc", "2026-03-15T10:00:00.000000Z"),
    ]
    assert asked_again.status == 403
    assert provider_of(place).failure == "not_recent"


@ON_SQLITE
def test_after_the_sign_in_only_a_page_of_this_console_opens(place: Place, provider: Provider) -> None:
    targets = ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/people")

    opened = [sign_in(place.stranger(), provider, f"?next={target}").path for target in targets]

    assert opened == ["", "", "", "", "/people"]


@ON_SQLITE
def test_the_sign_in_page_offers_the_company_sign_in_to_everybody_or_to_nobody(
    place: Place, new_place: Callable[..., Place]
) -> None:
    offer, without = "Continue with your company sign-in", new_place({"standard": 1})
    place.member("ada@example.com")

    said = {
        place.stranger().get("/sign-in").post("/sign-in", {"email": name}).words.replace(name, "X")
        for name in (OWNER, "ada@example.com", "nobody@example.com")
    }

    assert (len(said), offer in next(iter(said))) == (1, True)
    assert offer not in without.stranger().get("/sign-in").words
    assert without.stranger().get("/sso").path == "/sign-in"
    assert place.stranger().get("/console/no-such-organization/sso").path.endswith("/sign-in")
    unknown = place.stranger().get("/console/no-such-organization/sso/callback?code=a&state=b")
    assert (unknown.status, FAILED in unknown.words) == (403, True)


@ON_SQLITE
def test_behind_tls_the_browser_binds_both_cookies_to_this_host(place: Place, provider: Provider) -> None:
    del provider
    config = replace(place.app.extensions["config"], public_url="https://seats.example.com")
    place.app = create_app(config, place.context.database)

    answer = place.stranger().client.get(f"{PUBLIC_URL}/console/{place.slug}/sso")

    assert answer.headers["Set-Cookie"].startswith(f"__Host-scim-seats-sso-{place.slug}=")
    assert "; Secure; " in answer.headers["Set-Cookie"]
    assert "Domain" not in answer.headers["Set-Cookie"]


def test_no_event_contains_the_secret(place: Place) -> None:
    assert SECRET not in json.dumps(stored(place)["events"])
    assert "sso.configured" in json.dumps(stored(place)["events"])
