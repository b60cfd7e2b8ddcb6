"""Sign-ins of Owners, invitees and people with less than their groups give (SEATS 13, 15, 18, 22)."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.wire import command, founded
from tests.support.servers.running import Organization, Server


@pytest.fixture(scope="module")
def app(server: Server) -> Iterator[httpx.Client]:
    """The vendor's app."""
    key = command(server, "api-key", "create", "--name", f"app-{uuid4().hex}")["key"]
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(
        base_url=f"{server.url}/v1", headers=headers, timeout=60, trust_env=False, verify=False
    ) as opened:
        yield opened


def by_sign_ins(server: Server, *settings: str, overflow: str = "reject", **seats: int) -> Organization:
    organization = founded(server, overflow=overflow, **seats)
    command(server, "org", "set", organization.slug, "--mode", "jit", *settings)
    return organization


def sign_in(app: httpx.Client, acme: Organization, address: str, **said: Any) -> tuple[Any, ...]:  # noqa: ANN401
    body = {"userName": address, **said}
    answer = app.post(f"/organizations/{acme.slug}/sign-ins", json=body)
    assert answer.status_code == 200, answer.text
    decision = answer.json()
    return decision["decision"], decision["tier"], decision["role"], decision["reason"]


def history(server: Server, acme: Organization, address: str) -> list[str]:
    entries = command(server, "people", "show", acme.slug, address)["history"]
    return [one["event"] for one in reversed(entries)]


def test_the_primary_owner_is_admitted_whatever_address_the_sign_in_sends(
    server: Server, app: httpx.Client
) -> None:
    slug = f"o{uuid4().hex}"
    made = command(
        server, "org", "create", slug, "--seats", "standard=1", "--owner", "boss@example.com", "--active"
    )
    acme = Organization(slug, made["base_url"], made["token"])
    command(server, "org", "set", slug, "--mode", "jit")

    answer = sign_in(
        app, acme, "Boss@example.com", emails=[{"value": "other@example.com"}], displayName="The Boss"
    )

    assert answer == ("admitted", "standard", "primary_owner", None)
    with acme.client() as provider:
        (person,) = provider.get("/Users").json()["Resources"]
    assert (person["userName"], person["displayName"]) == ("boss@example.com", "The Boss")
    assert [one["value"] for one in person["emails"]] == ["boss@example.com"]


def test_a_repeated_refusal_of_a_tier_is_reported_once(server: Server, app: httpx.Client) -> None:
    acme = by_sign_ins(server, standard=1)
    command(server, "mapping", "set", acme.slug, "Engineering", "--tier", "premium", "--yes")
    sign_in(app, acme, "ann@example.com")

    answers = {sign_in(app, acme, "ann@example.com", groups=["Engineering"]) for _ in range(3)}

    assert answers == {("admitted", "standard", "user", None)}
    assert history(server, acme, "ann@example.com") == ["provisioned", "tier_refused"]


def test_a_refused_seat_of_a_named_group_is_reported_as_no_free_seat(
    server: Server, app: httpx.Client
) -> None:
    acme = by_sign_ins(server, standard=1, premium=0)
    command(server, "mapping", "set", acme.slug, "Engineering", "--tier", "premium", "--yes")
    command(server, "mapping", "unmapped", acme.slug, "none", "--yes")

    awaiting = sign_in(app, acme, "ann@example.com", groups=[])
    full = sign_in(app, acme, "ann@example.com", groups=["Engineering"])
    still_full = sign_in(app, acme, "ann@example.com")
    awaiting_again = sign_in(app, acme, "ann@example.com", groups=[])

    reasons = ["awaiting_group", "no_free_seat", "no_free_seat", "awaiting_group"]
    answers = [awaiting, full, still_full, awaiting_again]
    assert answers == [("refused", None, "user", reason) for reason in reasons]


def test_a_sign_in_without_the_group_ends_the_wait_for_its_tier(server: Server, app: httpx.Client) -> None:
    acme = by_sign_ins(server, overflow="queue", standard=1, premium=0)
    command(server, "mapping", "set", acme.slug, "Engineering", "--tier", "premium", "--yes")
    command(server, "mapping", "unmapped", acme.slug, "none", "--yes")

    waits = sign_in(app, acme, "ann@example.com", groups=["Engineering"])
    no_more = sign_in(app, acme, "ann@example.com", groups=[])

    assert waits == ("waiting", None, "user", "waiting_for_seat")
    assert no_more == ("refused", None, "user", "awaiting_group")


def test_a_role_kept_by_the_last_owner_is_reported_once(server: Server, app: httpx.Client) -> None:
    acme = by_sign_ins(server, standard=1)
    command(server, "mapping", "set", acme.slug, "Owners", "--role", "owner", "--yes")
    sign_in(app, acme, "ann@example.com", groups=["Owners"])

    answers = {sign_in(app, acme, "ann@example.com", groups=[]) for _ in range(3)}

    assert answers == {("admitted", "standard", "owner", None)}
    assert history(server, acme, "ann@example.com") == ["provisioned", "role_kept"]


def test_saving_a_mapping_of_another_group_keeps_the_entitlement_from_sign_ins(
    server: Server, app: httpx.Client
) -> None:
    acme = by_sign_ins(server, standard=2, premium=1)
    command(server, "mapping", "set", acme.slug, "Admins", "--role", "admin", "--yes")
    sign_in(app, acme, "ann@example.com", groups=["Admins"])

    saved = command(server, "mapping", "set", acme.slug, "Engineering", "--tier", "standard", "--yes")
    lowest = command(server, "mapping", "unmapped", acme.slug, "lowest", "--yes")

    assert (saved["effects"], lowest["effects"]) == ([], [])
    assert sign_in(app, acme, "ann@example.com") == ("admitted", "premium", "admin", None)


def test_an_invitees_first_sign_in_already_gives_the_entitlement_of_their_groups(
    server: Server, app: httpx.Client
) -> None:
    acme = by_sign_ins(server, "--allow-invitations", standard=1, premium=1)
    domain = f"{acme.slug}.example"
    command(server, "domain", "add", acme.slug, domain, "--verified")
    command(
        server, "mapping", "set", acme.slug, "Engineering", "--tier", "standard", "--role", "admin", "--yes"
    )
    command(server, "invite", acme.slug, f"ann@{domain}", "--tier", "premium")

    answers = [sign_in(app, acme, f"ann@{domain}", groups=["Engineering"]) for _ in range(2)]

    assert answers == [("admitted", "standard", "admin", None)] * 2
    assert history(server, acme, f"ann@{domain}").count("moved") == 1


def test_a_sign_in_before_the_contract_begins_is_refused_as_contract_inactive(
    server: Server, app: httpx.Client
) -> None:
    slug = f"o{uuid4().hex}"
    terms = ("--seats", "standard=1", "--price", "standard=20.00", "--start", "2999-01-01")
    made = command(server, "org", "create", slug, *terms)
    acme = Organization(slug, made["base_url"], made["token"])
    command(server, "org", "set", slug, "--mode", "jit")

    assert sign_in(app, acme, "ann@example.com") == ("refused", None, None, "contract_inactive")
