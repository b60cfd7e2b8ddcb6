"""The log of people who were left out or dismissed, with reasons, and of changes by an admin."""

from collections.abc import Callable

import httpx
import pytest

from tests.api.wire import founded
from tests.cli.test_members import run_json
from tests.cli.test_tables import printed
from tests.support.servers.running import Organization, Server

EVE, ANN = "eve@example.com", "ann@example.com"


@pytest.fixture
def full(server: Server) -> Organization:
    """Ann has the only seat; eve was refused when her provider activated her again."""
    organization = founded(server, standard=1)
    with organization.client() as client:
        client.post("/Users", json={"userName": ANN})
        client.post("/Users", json={"userName": EVE, "active": False})
        set_active(client, EVE, active=True)
    return organization


def id_of(client: httpx.Client, name: str) -> str:
    found = client.get("/Users", params={"filter": f'userName eq "{name}"'}).json()["Resources"]
    return str(found[0]["id"])


def set_active(client: httpx.Client, name: str, *, active: bool) -> None:
    operation = {"op": "replace", "path": "active", "value": active}
    client.patch(f"/Users/{id_of(client, name)}", json={"Operations": [operation]})


def dismiss(server: Server, organization: Organization) -> None:
    (entry,) = run_json(server, "left-out", "list", organization.slug)["rejected"]
    run_json(
        server, "left-out", "dismiss", organization.slug, entry["id"], "--reason", "left in May", "--yes"
    )


def let_in(server: Server, organization: Organization) -> None:
    run_json(server, "seats", "add", organization.slug, "standard=1", "--yes")
    run_json(server, "left-out", "retry", organization.slug, "--all")


def queue(server: Server, organization: Organization) -> None:
    run_json(server, "org", "set", organization.slug, "--overflow", "queue")
    run_json(server, "left-out", "retry", organization.slug, "--all")


def delete(_server: Server, organization: Organization) -> None:
    with organization.client() as client:
        client.delete(f"/Users/{id_of(client, EVE)}")


def withdraw(_server: Server, organization: Organization) -> None:
    with organization.client() as client:
        set_active(client, EVE, active=False)


def take_the_name(_server: Server, organization: Organization) -> None:
    """Delete Eve, let her creation be refused, and rename Ann to Eve."""
    delete(_server, organization)
    with organization.client() as client:
        client.post("/Users", json={"userName": EVE})
        operation = {"op": "replace", "path": "userName", "value": EVE}
        client.patch(f"/Users/{id_of(client, ANN)}", json={"Operations": [operation]})


@pytest.mark.parametrize(
    ("ends", "closed_by", "words"),
    [
        (dismiss, "dismissed", "rejected, dismissed since"),
        (let_in, "provisioned", "rejected, let in since"),
        (queue, "queued", "rejected, in the queue since"),
        (delete, "deleted", "rejected, deleted since"),
        (withdraw, "dismissed", "rejected, dismissed since"),
        (take_the_name, "updated", "rejected, closed since"),
    ],
)
def test_a_closed_refusal_shows_what_closed_it(
    server: Server,
    full: Organization,
    ends: Callable[[Server, Organization], None],
    closed_by: str,
    words: str,
) -> None:
    (before,) = run_json(server, "log", "list", full.slug, "--outcome", "rejected")["data"]

    ends(server, full)

    after = run_json(server, "log", "list", full.slug, "--outcome", "rejected")["data"][0]
    assert (before["open"], before["closed_by"], after["open"], after["closed_by"]) == (
        *(True, None),
        *(False, closed_by),
    )
    assert words in printed(server, "log", "list", full.slug, "--outcome", "rejected")[1]


def test_leaving_the_group_that_gave_the_tier_closes_the_refusal(server: Server) -> None:
    slug, client = (organization := founded(server, standard=0)).slug, organization.client()
    run_json(server, "mapping", "set", slug, "Sales", "--tier", "standard", "--yes")
    run_json(server, "mapping", "unmapped", slug, "none", "--yes")
    with client:
        client.post("/Users", json={"userName": EVE})
        members = [{"value": id_of(client, EVE)}]
        group = client.post("/Groups", json={"displayName": "Sales", "members": members}).json()
        client.put(f"/Groups/{group['id']}", json={"displayName": "Sales"})

    (entry,) = run_json(server, "log", "list", slug, "--outcome", "rejected")["data"]

    assert (entry["open"], entry["closed_by"]) == (False, "group.updated")
    line = printed(server, "log", "list", slug, "--outcome", "rejected")[1]
    assert "rejected, group changed since" in line


def test_the_reason_for_a_dismissal_is_in_the_log_and_the_history(server: Server, full: Organization) -> None:
    dismiss(server, full)

    (entry,) = run_json(server, "log", "list", full.slug, "--outcome", "dismissed")["data"]
    (event, *_) = run_json(server, "people", "show", full.slug, EVE)["history"]

    assert (entry["details"]["why"], event["details"]["why"]) == ("left in May", "left in May")
    assert "dismissed: left in May" in printed(server, "log", "list", full.slug)[1]
    assert any("dismissed: left in May" in line for line in printed(server, "people", "show", full.slug, EVE))


def test_a_seat_removed_by_an_admin_is_marked_as_an_override(server: Server, full: Organization) -> None:
    run_json(server, "people", "unassign", full.slug, ANN, "--yes")

    (taken, *others) = run_json(server, "log", "list", full.slug)["data"]
    (event, *_) = run_json(server, "people", "show", full.slug, ANN)["history"]

    assert (taken["override"], event["override"]) == (True, True)
    assert [entry["override"] for entry in others] == [False] * len(others)
    assert "by_hand, override" in printed(server, "log", "list", full.slug)[1]
    assert any("by_hand, override" in line for line in printed(server, "people", "show", full.slug, ANN))
