"""Sign-ins and entitlements, as the vendor's app asks for them over HTTP."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from scim_server.protocol.discovery import MAX_BODY
from tests.api.wire import command, founded
from tests.support.servers.running import Organization, Server

NOBODY = {"person": None, "tier": None, "role": None}


@pytest.fixture
def acme(server: Server) -> Organization:
    """Two standard seats and a queue, filled by sign-ins."""
    organization = founded(server, overflow="queue", standard=2)
    command(server, "org", "set", organization.slug, "--mode", "jit")
    return organization


@pytest.fixture(scope="module")
def app(server: Server) -> Iterator[httpx.Client]:
    """The vendor's app with a key of the usual scopes."""
    key = command(server, "api-key", "create", "--name", f"app-{uuid4().hex}")["key"]
    with client(server, key) as opened:
        yield opened


def client(server: Server, key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(
        base_url=f"{server.url}/v1", headers=headers, timeout=60, trust_env=False, verify=False
    )


def sign_in(
    app: httpx.Client, organization: Organization, who: str, said: dict[str, Any] | None = None
) -> dict[str, Any]:
    body = {"userName": f"{who}@example.com", **(said or {})}
    answer = app.post(f"/organizations/{organization.slug}/sign-ins", json=body)
    assert answer.status_code == 200, answer.text
    decision: dict[str, Any] = answer.json()
    return decision


def short(answer: dict[str, Any]) -> tuple[Any, ...]:
    return answer["decision"], answer["tier"], answer["role"], answer["reason"]


def sequence(server: Server, organization: Organization) -> int:
    """The end of the history: the number of the newest event about a person."""
    entries = command(server, "log", "list", organization.slug, "--limit", "1")["data"]
    return int(entries[0]["id"].rpartition("-")[2])


def test_first_sign_ins_create_people_who_get_the_free_seats_and_then_wait(
    app: httpx.Client, acme: Organization
) -> None:
    answers = [sign_in(app, acme, name) for name in ("ann", "bob", "cy")]

    assert [short(one) for one in answers] == [
        ("admitted", "standard", "user", None),
        ("admitted", "standard", "user", None),
        ("waiting", None, "user", "waiting_for_seat"),
    ]


def test_a_sign_in_without_changes_adds_no_event_to_the_history(
    server: Server, app: httpx.Client, acme: Organization
) -> None:
    said = {"displayName": "Ann", "emails": [{"value": "ann@example.com"}]}
    first = sign_in(app, acme, "ann", said)
    before = sequence(server, acme)

    again = sign_in(app, acme, "ANN", said)

    assert (again, sequence(server, acme)) == (first, before)


def test_a_sign_in_with_other_values_updates_the_person(app: httpx.Client, acme: Organization) -> None:
    sign_in(app, acme, "ann", {"displayName": "Ann"})

    answer = sign_in(app, acme, "ann", {"displayName": "Ann Lee", "name": {"familyName": "Lee"}})

    with acme.client() as provider:
        person = provider.get(f"/Users/{answer['person']}").json()
    assert (person["displayName"], person["name"]) == ("Ann Lee", {"familyName": "Lee"})


def test_a_waiting_person_keeps_their_place_until_a_free_seat_admits_them(
    server: Server, app: httpx.Client, acme: Organization
) -> None:
    for name in ("ann", "bob", "cy", "dee", "cy"):
        sign_in(app, acme, name)

    command(server, "people", "unassign", acme.slug, "ann@example.com", "--yes")

    assert short(sign_in(app, acme, "cy")) == ("admitted", "standard", "user", None)
    assert short(sign_in(app, acme, "dee")) == ("waiting", None, "user", "waiting_for_seat")
    assert short(sign_in(app, acme, "ann")) == ("refused", None, "user", "unassigned")


def test_a_rejected_person_counts_an_attempt(server: Server, app: httpx.Client) -> None:
    acme = founded(server, overflow="reject", standard=1)
    command(server, "org", "set", acme.slug, "--mode", "jit")
    sign_in(app, acme, "ann")

    answers = [sign_in(app, acme, "bob") for _ in range(3)]

    assert {short(one) for one in answers} == {("refused", None, None, "no_free_seat")}
    (entry,) = command(server, "left-out", "list", acme.slug)["rejected"]
    assert (entry["user_name"], entry["attempts"]) == ("bob@example.com", 3)


def test_groups_named_by_a_sign_in_give_tier_and_role(server: Server, app: httpx.Client) -> None:
    acme = founded(server, overflow="queue", standard=1, premium=2)
    command(server, "org", "set", acme.slug, "--mode", "jit")
    command(
        server, "mapping", "set", acme.slug, "Engineering", "--tier", "premium", "--role", "admin", "--yes"
    )
    command(server, "mapping", "set", acme.slug, "Sales", "--tier", "standard", "--yes")

    first = sign_in(app, acme, "ann", {"groups": ["engineering", "Everyone"]})
    moved = sign_in(app, acme, "ann", {"groups": ["Sales"]})
    silent = sign_in(app, acme, "ann")

    assert short(first) == ("admitted", "premium", "admin", None)
    assert short(moved) == short(silent) == ("admitted", "standard", "user", None)


def test_a_sign_in_does_not_reactivate_a_deactivated_person(
    server: Server, app: httpx.Client, acme: Organization
) -> None:
    answer = sign_in(app, acme, "ann")
    command(server, "org", "set", acme.slug, "--mode", "scim")
    with acme.client() as provider:
        operation = {"op": "replace", "path": "active", "value": False}
        provider.patch(f"/Users/{answer['person']}", json={"Operations": [operation]})
    command(server, "org", "set", acme.slug, "--mode", "jit")

    assert short(sign_in(app, acme, "ann")) == ("refused", None, "user", "inactive")


@pytest.mark.parametrize(("mode", "reason"), [("scim", "not_provisioned"), ("manual", "not_invited")])
def test_in_other_modes_a_sign_in_admits_members_but_creates_no_person(
    server: Server, app: httpx.Client, acme: Organization, mode: str, reason: str
) -> None:
    member = sign_in(app, acme, "ann")
    command(server, "org", "set", acme.slug, "--mode", mode)

    stranger = sign_in(app, acme, "bob")

    assert short(sign_in(app, acme, "ann")) == short(member)
    assert {**stranger, "detail": None} == {
        "decision": "refused", "reason": reason, "detail": None, **NOBODY,
    }  # fmt: skip
    assert len(command(server, "people", "list", acme.slug)["data"]) == 1


def test_a_suspended_organization_refuses_sign_ins(
    server: Server, app: httpx.Client, acme: Organization
) -> None:
    sign_in(app, acme, "ann")
    command(server, "org", "suspend", acme.slug, "--yes")

    answer = sign_in(app, acme, "ann")

    assert short(answer) == ("refused", None, "user", "organization_suspended")


def test_an_entitlement_shows_whether_the_person_is_admitted_and_their_tier(
    app: httpx.Client, acme: Organization
) -> None:
    people = [sign_in(app, acme, name)["person"] for name in ("ann", "bob", "cy")]

    answers = [app.get(f"/organizations/{acme.slug}/people/{person}/entitlement").json() for person in people]

    assert [(one["entitled"], one["decision"], one["tier"]) for one in answers] == [
        (True, "admitted", "standard"),
        (True, "admitted", "standard"),
        (False, "waiting", None),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "userName: Missing data"),
        (b" ", "not JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"userName": "a", "userName": "b"}', "occurs twice"),
        (b'{"userName": NaN}', "not JSON"),
        (b"{}", "userName: Missing data"),
        (b'{"userName": ""}', "userName: Length must be between"),
        (b'{"userName": 5}', "userName: Not a valid string"),
        (b'{"userName": "a", "role": "owner"}', "role: Unknown field"),
        (b'{"userName": "a", "groups": "Admins"}', "groups: Not a valid list"),
        (b'{"userName": "a", "emails": [{"type": "work"}]}', "emails.0.value: Missing data"),
    ],
)
def test_an_invalid_body_is_refused_and_the_detail_locates_the_fault(
    app: httpx.Client, acme: Organization, body: bytes, said: str
) -> None:
    headers = {"Content-Type": "application/json"}

    answer = app.post(f"/organizations/{acme.slug}/sign-ins", content=body, headers=headers)

    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert (problem["status"], problem["code"]) == (400, "invalid_body")
    assert said in problem["detail"]


@pytest.mark.parametrize(
    ("headers", "content", "expected"),
    [
        ({"Content-Type": "text/plain"}, b"{}", (415, "unsupported_media_type")),
        ({"Content-Encoding": "gzip"}, b"{}", (415, "unsupported_media_type")),
        ({"Content-Type": "application/json"}, b" " * MAX_BODY + b"{}", (413, "body_too_large")),
    ],
)
def test_a_compressed_or_oversized_or_non_json_body_is_refused_with_its_code(
    app: httpx.Client, acme: Organization, headers: dict[str, str], content: bytes, expected: tuple[int, str]
) -> None:
    answer = app.post(f"/organizations/{acme.slug}/sign-ins", content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == expected


@pytest.mark.parametrize("key", ["ssk_unknown", "Bearer", "a b"])
def test_with_an_invalid_key_every_address_gives_the_same_401(server: Server, key: str) -> None:
    with client(server, key) as stranger:
        answers = [
            stranger.post("/organizations/nobody/sign-ins", json={"userName": "a"}),
            stranger.get("/organizations/nobody/people/x/entitlement"),
            stranger.get("/nothing"),
        ]

    assert {(one.status_code, one.text, one.headers["WWW-Authenticate"]) for one in answers} == {
        (401, answers[0].text, "Bearer")
    }


def test_a_revoked_key_and_a_key_without_the_scope_are_refused(server: Server, acme: Organization) -> None:
    name = f"read-{uuid4().hex}"
    key = command(server, "api-key", "create", "--name", name, "--scope", "people:read")["key"]
    with client(server, key) as reader:
        forbidden = reader.post(f"/organizations/{acme.slug}/sign-ins", json={"userName": "a"})
        command(server, "api-key", "revoke", name, "--yes")
        time.sleep(1)  # a worker remembers a key for less than that
        revoked = reader.get(f"/organizations/{acme.slug}/people/x/entitlement")

    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "scope_missing")
    assert revoked.status_code == 401


def test_the_admin_api_refuses_scim_tokens_and_scim_refuses_api_keys(
    server: Server, app: httpx.Client, acme: Organization
) -> None:
    with client(server, acme.token) as provider:
        here = provider.post(f"/organizations/{acme.slug}/sign-ins", json={"userName": "a"})
    there = httpx.get(f"{acme.base_url}/Users", headers=app.headers, trust_env=False, verify=False)

    assert (here.status_code, there.status_code) == (401, 401)


def test_a_missing_object_is_answered_with_404_and_its_code(app: httpx.Client, acme: Organization) -> None:
    answers = [
        app.post("/organizations/nobody-here/sign-ins", json={"userName": "a"}),
        app.get(f"/organizations/{acme.slug}/people/nobody/entitlement"),
        app.get("/nothing"),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (404, "unknown_organization"),
        (404, "unknown_person"),
        (404, "not_found"),
    ]


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("GET", "sign-ins", "OPTIONS, POST"),
        ("DELETE", "sign-ins", "OPTIONS, POST"),
        ("PROPFIND", "sign-ins", "OPTIONS, POST"),
        ("POST", "people/x/entitlement", "GET, HEAD, OPTIONS"),
    ],
)
def test_an_unsupported_method_is_refused_and_the_answer_names_the_supported_ones(
    app: httpx.Client, acme: Organization, method: str, address: str, allowed: str
) -> None:
    answer = app.request(method, f"/organizations/{acme.slug}/{address}")

    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/problem+json")
    assert (problem["status"], problem["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed
    assert problem["detail"] == f"{method} is not possible here. Possible methods: {allowed}."


@pytest.mark.parametrize("method", ["GET", "POST", "PROPFIND"])
def test_an_unknown_address_is_404_for_every_method(app: httpx.Client, method: str) -> None:
    answer = app.request(method, "/nothing/at/all")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["detail"] == "The path /v1/nothing/at/all does not exist."


@pytest.mark.parametrize("method", ["GET", "PROPFIND"])
def test_without_a_valid_key_an_unsupported_method_is_401(
    server: Server, acme: Organization, method: str
) -> None:
    with client(server, "ssk_unknown") as stranger:
        answer = stranger.request(method, f"/organizations/{acme.slug}/sign-ins")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("slug", ["%00", "%FF", "..", "a%0Ab"])
def test_text_that_is_not_a_valid_slug_is_404(app: httpx.Client, slug: str) -> None:
    answer = app.get(f"/organizations/{slug}/people/nobody/entitlement")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
