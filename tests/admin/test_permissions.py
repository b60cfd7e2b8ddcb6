"""Keys: every call needs its scope, and a key for one organization sees nothing of others."""

import re
from collections.abc import Iterator, Mapping

import httpx
import pytest

from scim_server.admin.areas import NOUNS
from scim_server.admin.routes import Call, calls
from scim_server.services.access.commands import SCOPES
from tests.admin.calling import Place, Vendor, client_of, problem
from tests.admin.prepared import prepare

CALLS = calls(NOUNS)
NAMING = {name: call for name, call in CALLS.items() if call.names_organization}


def send(client: httpx.Client, call: Call, values: Mapping[str, str]) -> httpx.Response:
    path = re.sub(r"<(\w+)>", lambda found: values.get(found[1], "x"), call.rule)
    return client.request(call.method, path, json=call.example)


@pytest.fixture(scope="module")
def lacking(vendor: Vendor) -> Iterator[dict[str, httpx.Client]]:
    """Clients that have all scopes but one, by the missing scope."""
    clients = {scope: vendor.with_key([one for one in SCOPES if one != scope]) for scope in SCOPES}
    yield {str(scope): client for scope, client in clients.items()}
    for client in clients.values():
        client.close()


def test_without_an_accepted_key_every_call_is_401(vendor: Vendor, acme: Place) -> None:
    strangers = [client_of(vendor.app, secret) for secret in (None, "scs_live_unknown", "first")]

    answers = {
        (name, answer.status_code, answer.text, answer.headers["WWW-Authenticate"])
        for name, call in CALLS.items()
        for stranger in strangers
        for answer in [send(stranger, call, {"slug": acme.slug})]
    }

    assert len(answers) == len(CALLS)
    assert len({answer[1:] for answer in answers}) == 1
    assert {status for _, status, *_ in answers} == {401}


def test_every_call_is_refused_without_its_scope_and_before_its_body_is_read(
    lacking: Mapping[str, httpx.Client], acme: Place
) -> None:
    for name, call in CALLS.items():
        path = call.rule.replace("<slug>", acme.slug)
        answer = lacking[call.scope].request(call.method, path, content=b"{", headers={"Content-Type": "x/y"})
        assert problem(answer) == (403, "scope_missing"), name
        assert f"'{call.scope}'" in answer.json()["detail"], name


def test_a_key_for_one_organization_gets_the_answer_of_an_unknown_one_for_all_others(
    vendor: Vendor, acme: Place
) -> None:
    other = vendor.organization()
    with vendor.with_key(organization=acme.slug) as bound:
        for name, call in NAMING.items():
            foreign, unknown = (
                send(bound, call, {"slug": slug, "token": "first"}) for slug in (other.slug, "nobody")
            )
            assert problem(foreign) == (404, "unknown_organization"), name
            assert foreign.text.replace(other.slug, "nobody") == unknown.text, name


@pytest.mark.parametrize("endpoint", [name for name, call in NAMING.items() if "<" in call.rule[20:]])
def test_an_id_of_another_organization_is_answered_as_an_unknown_one_and_shows_nothing(
    vendor: Vendor, acme: Place, endpoint: str
) -> None:
    call, other = CALLS[endpoint], vendor.organization()
    theirs = {name: value for name, value in prepare(endpoint, other).items() if value != "first"}

    foreign = send(vendor.client, call, {"slug": acme.slug, **theirs})
    missing = send(vendor.client, call, {"slug": acme.slug, **dict.fromkeys(theirs, "0")})

    for name, value in theirs.items():
        assert foreign.text.replace(value, "0") == missing.text, name
    assert not theirs or foreign.status_code in (404, 409)
    assert other.slug not in foreign.text


def test_a_key_for_one_organization_cannot_make_calls_without_an_organization(
    vendor: Vendor, acme: Place
) -> None:
    everywhere = {name: call for name, call in CALLS.items() if not call.names_organization}
    with vendor.with_key(organization=acme.slug) as bound:
        answers = {name: send(bound, call, {}) for name, call in everywhere.items()}

    assert {problem(answers[name]) for name, call in everywhere.items() if not call.bound} == {
        (403, "key_bound")
    }
    listed = answers["organizations.list_organizations"].json()
    assert [one["organization"] for one in listed["data"]] == [acme.slug]
    assert listed["next_cursor"] is None
