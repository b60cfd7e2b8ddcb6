"""The page of an invitation, on a real server."""

import json
from uuid import uuid4

import httpx
import pytest

from tests.cli.inviting import FORM, Inviting


def test_opening_the_page_changes_nothing_and_its_button_accepts(host: Inviting) -> None:
    link = host.invited("ada", "--role", "admin")

    looked = [httpx.get(link, trust_env=False, verify=False) for _ in range(2)]
    before = host.listed()
    accepted = [httpx.post(link, headers=FORM, trust_env=False, verify=False) for _ in range(2)]

    assert [page.status_code for page in looked + accepted] == [200] * 4
    assert f"You are invited to {host.slug}" in looked[0].text
    assert "as an Admin" in looked[0].text
    assert "<button>Accept the invitation</button>" in looked[0].text
    assert before["ada"][0] == "pending"
    assert f"Welcome to {host.slug}" in accepted[0].text
    assert accepted[0].text == accepted[1].text
    (person,) = json.loads(host.run("people", "list", host.slug, "--json"))["data"]
    assert (person["user_name"], person["role"], person["tier"], person["way_in"]) == (
        host.address("ada"),
        "admin",
        "premium",
        "invitation",
    )
    assert json.loads(host.run("db", "check", "--json"))["problems"] == []


def test_the_pages_security_policy_allows_only_its_form(host: Inviting) -> None:
    page = httpx.get(host.invited("ada"), trust_env=False, verify=False)

    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "<script" not in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_another_site_cannot_accept_an_invitation(
    host: Inviting, headers: dict[str, str]
) -> None:
    link = host.invited("ada")

    page = httpx.post(link, headers=headers, trust_env=False, verify=False)

    assert page.status_code == 403
    assert host.listed()["ada"][0] == "pending"
    own = {"Origin": host.server.url}
    assert httpx.post(link, headers=own, trust_env=False, verify=False).status_code == 200


def created_by_provider(host: Inviting, name: str) -> str:
    """The id of a person whom the provider creates."""
    with host.organization.client() as provider:
        created = provider.post("/Users", json={"userName": host.address(name)})
    assert created.status_code == 201, created.text
    return str(created.json()["id"])


def sent(host: Inviting, person: str, **values: object) -> None:
    """Change a person as their provider does; without changes, delete them."""
    with host.organization.client() as provider:
        if values:
            operation = {"op": "replace", "value": values}
            answer = provider.patch(f"/Users/{person}", json={"Operations": [operation]})
        else:
            answer = provider.delete(f"/Users/{person}")
    assert answer.is_success, answer.text


@pytest.mark.parametrize(
    ("language", "values", "said"),
    [
        ("en", {"active": False}, ("was deactivated", "send the invitation again")),
        ("en", {}, ("was removed", "send the invitation again")),
        ("en", {"userName": "other@example.com"}, ("has another address", "can no longer be accepted")),
        ("es", {"active": False}, ("se ha desactivado", "la invitación de nuevo")),
    ],
)
def test_the_page_explains_why_a_taken_over_invitation_cannot_be_accepted(
    host: Inviting, language: str, values: dict[str, object], said: tuple[str, str]
) -> None:
    link = host.invited("ada", "--role", "admin", "--language", language)
    sent(host, created_by_provider(host, "ada"), **values)

    page = httpx.post(link, headers=FORM, trust_env=False, verify=False)

    assert page.status_code == 409
    assert all(words in page.text for words in said)


def test_an_invitation_of_an_inactive_person_is_resent_and_holds_a_seat(host: Inviting) -> None:
    host.invited("ada", "--role", "admin")
    sent(host, created_by_provider(host, "ada"), active=False)

    again = json.loads(host.run("invitation", "resend", host.slug, host.address("ada"), "--json"))
    host.run("worker", "--once")
    page = httpx.post(
        host.post.links_to(host.address("ada"))[-1], headers=FORM, trust_env=False, verify=False
    )

    assert again["held"] == "premium"
    assert page.status_code == 200
    assert "as an Admin" in page.text
    assert "You can sign in as usual" in page.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "You do not have a seat, so you cannot sign in yet."), ("es", "Está sin asiento")],
)
def test_the_page_warns_an_invitee_without_a_seat_that_they_cannot_sign_in(
    host: Inviting, language: str, said: str
) -> None:
    link = host.invited("ada", "--role", "admin", "--language", language)
    person = created_by_provider(host, "ada")
    host.run("people", "unassign", host.slug, host.address("ada"), "--yes")

    pages = [
        httpx.post(link, headers=FORM, trust_env=False, verify=False),
        httpx.get(link, trust_env=False, verify=False),
    ]
    sent(host, person)
    afterwards = httpx.get(link, trust_env=False, verify=False)

    assert [page.status_code for page in pages] == [200, 200]
    assert all(said in page.text for page in pages)
    assert pages[0].text == pages[1].text
    assert f"{host.address('ada')} " in afterwards.text
    assert "Welcome" not in afterwards.text


def test_every_link_without_an_open_invitation_gives_the_same_404_page(host: Inviting) -> None:
    link = host.invited("ada")
    host.run("invitation", "revoke", host.slug, host.address("ada"), "--yes")
    links = [link, link[:-1], f"{host.server.url}/invitations/x", f"{host.server.url}/invitations/a.b%00c"]

    pages = [httpx.get(one, trust_env=False, verify=False) for one in links]
    pages += [httpx.post(one, headers=FORM, trust_env=False, verify=False) for one in links]

    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1
    assert "This invitation is not open" in pages[0].text


def test_no_log_contains_the_link(host: Inviting) -> None:
    link = host.invited("ada")
    httpx.get(link, trust_env=False, verify=False)
    httpx.get(link + "/more", trust_env=False, verify=False)
    httpx.post(link, headers=FORM, trust_env=False, verify=False)

    log = (host.server.folder / "stderr.txt").read_text()

    assert "/invitations/..." in log
    assert link.rpartition(".")[2] not in log


@pytest.mark.parametrize(
    ("language", "subject", "role"),
    [
        ("en", "You are invited to", "as its Primary Owner"),
        ("es", "Invitación a", "como propietario principal"),
    ],
)
def test_the_first_primary_owner_joins_by_the_link_in_their_mail(
    host: Inviting, language: str, subject: str, role: str
) -> None:
    slug, address = f"o{uuid4().hex}", f"boss@{uuid4().hex}.example"
    host.run("org", "create", slug, "--seats", "standard=5", "--owner", address, "--language", language)
    host.run("worker", "--once")
    (link,) = host.post.links_to(address)

    page = httpx.get(link, trust_env=False, verify=False)
    joined = httpx.post(link, headers=FORM, trust_env=False, verify=False)

    assert host.post.received[-1]["Subject"] == f"{subject} {slug}"
    assert (page.status_code, joined.status_code) == (200, 200)
    assert all(role in html for html in (page.text, joined.text))
    shown = json.loads(host.run("people", "list", slug, "--json"))["data"]
    assert [(one["user_name"], one["role"], one["tier"]) for one in shown] == [
        (address, "primary_owner", "standard")
    ]
