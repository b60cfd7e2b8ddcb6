"""A mass removal by a provider: its requests, and the commands with which the operator answers it."""

from uuid import uuid4

import pytest

from tests.cli.test_members import run, run_json
from tests.support.servers.running import Organization, Server

PEOPLE = [f"p{number:02}@example.com" for number in range(1, 26)]


@pytest.fixture
def acme(server: Server) -> Organization:
    """Twenty-five seats with a price, all taken, two people waiting; the provider removes twenty-two."""
    slug = f"o{uuid4().hex}"
    made = run_json(server, "org", "create", slug, "--seats", "standard=25", "--overflow", "queue")
    run_json(server, "contract", "set", slug, "--price", "standard=20.00")
    run_json(server, "org", "set", slug, "--hold-removals")
    organization = Organization(made["org"], made["base_url"], made["token"])
    with organization.client() as client:
        ids = [
            client.post("/Users", json={"userName": name}).json()["id"]
            for name in (*PEOPLE, "q1@example.com", "q2@example.com")
        ]
        for number, id_ in enumerate(ids[:22]):
            if number % 2:
                assert client.delete(f"/Users/{id_}").status_code == 204
            else:
                body = {"Operations": [{"op": "replace", "value": {"active": False}}]}
                assert client.patch(f"/Users/{id_}", json=body).json()["active"] is False
    return organization


def the_removal(server: Server, acme: Organization) -> str:
    (one,) = run_json(server, "removals", "list", acme.slug)["data"]
    return str(one["id"])


def test_a_removal_is_listed_and_shown(server: Server, acme: Organization) -> None:
    listed = run_json(server, "removals", "list", acme.slug)
    shown = run_json(server, "removals", "show", acme.slug, the_removal(server, acme))
    table = run(server, "removals", "show", acme.slug, the_removal(server, acme)).output

    (one,) = listed["data"]
    # Two of the seats had gone to q1 and q2.
    assert (one["people"], one["of"], one["held"], one["state"]) == (22, 27, {"standard": 20}, "open")
    assert [(left["user_name"], left["tier"]) for left in shown["left"]] == [
        (name, "standard") for name in PEOPLE[:22]
    ]
    assert table.count("standard") == 22


def test_restoring_previews_its_price_and_bills_it(server: Server, acme: Organization) -> None:
    id_ = the_removal(server, acme)
    seen = run_json(server, "removals", "restore", acme.slug, id_)

    done = run_json(server, "removals", "restore", acme.slug, id_, "--confirm", seen["confirmation"])

    assert (seen["preview"], seen["added"], seen["invoice"]) == (True, {"standard": 2}, None)
    assert (done["invoice"]["total"], done["total"]) == (seen["total"], seen["total"])
    assert {one["outcome"] for one in done["people"]} == {"seated"}
    seats = run_json(server, "seats", "show", acme.slug)["tiers"]["standard"]
    assert (seats["purchased"], seats["assigned"], seats["held"]) == (27, 27, 0)
    with acme.client() as client:
        assert client.get("/Users?count=0").json()["totalResults"] == 27
    assert run(server, "db", "check").exit_code == 0


def test_confirming_a_removal_gives_its_held_seats_to_the_queue(server: Server, acme: Organization) -> None:
    with acme.client() as client:
        client.post("/Users", json={"userName": "q3@example.com"})

    done = run_json(server, "removals", "confirm", acme.slug, the_removal(server, acme), "--yes")
    again = run(server, "removals", "confirm", acme.slug, done["id"], "--yes")

    assert (done["freed"], done["promoted"]) == ({"standard": 20}, 1)
    assert (again.exit_code, "was already confirmed" in again.output) == (1, True)
    assert run(server, "db", "check").exit_code == 0


def test_an_empty_list_and_an_unknown_id_are_reported(server: Server) -> None:
    slug = f"o{uuid4().hex}"
    run_json(server, "org", "create", slug, "--seats", "standard=1")

    empty = run(server, "removals", "list", slug)
    wrong = [run(server, "removals", what, slug, "acme-x") for what in ("show", "confirm", "restore")]

    assert empty.output == "No mass removals.\n"
    assert [one.exit_code for one in wrong] == [1, 1, 1]
    assert all(f"such as {slug}-12" in one.output for one in wrong)
