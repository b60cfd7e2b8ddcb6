"""The seat gate on the wire (wire decisions 3 to 8): refused, assigned, activated, removed."""

import pytest

from tests.api.seat_views import OFF, ON, log, opened, reference, tiers
from tests.api.wire import (
    SEAT,
    Resource,
    command,
    create,
    create_group,
    founded,
    patch,
    read,
    refusal,
    stored,
    user_name,
)
from tests.support.servers.running import Server


def test_a_refusal_names_the_tiers_tried_with_numbers_a_reference_and_the_console(
    server: Server,
) -> None:
    organization = founded(server, standard=2, premium=1)
    with opened(organization) as client:
        for _ in range(3):
            create(client)
        before = stored(server, organization, client)

        answer = client.post("/Users", json={"userName": "eve@example.com", "displayName": "Eve"})

        after = stored(server, organization, client)
    detail = refusal(answer, 403)
    (entry,) = [one for one in after.log if one not in before.log]
    assert detail == (
        "No free seat: 2 of 2 standard and 1 of 1 premium seats are in use. An Owner can add seats at "
        f"{server.url}/console/{organization.slug}/left-out. Reference: {entry['id']}"
    )
    assert (after.people, after.groups, after.seats) == (before.people, before.groups, before.seats)
    assert entry == {
        "id": entry["id"],
        "at": entry["at"],
        "outcome": "rejected",
        "person": None,
        "user_name": "eve@example.com",
        "way_in": "scim",
        "actor": "first",
        "reason": "no_free_seat",
        "status": 403,
        "detail": detail,
        "attempts": 1,
        "last_attempt": entry["at"],
        "open": True,
        "closed": None,
        "closed_by": None,
        "override": False,
        "details": {"wants": "any"},
        "request_id": answer.headers["x-request-id"],
        "seats": {},
    }


def test_repeated_refusals_count_on_one_log_entry_and_add_no_event(server: Server) -> None:
    """IDP: a refused create is repeated for weeks."""
    organization = founded(server, standard=1)
    with opened(organization) as client:
        ada = create(client)
        answers = [client.post("/Users", json={"userName": name}) for name in ["eve@x", "EVE@x", "eve@X"] * 4]
        (entry,) = log(server, organization, "--outcome", "rejected")
        other = client.post("/Users", json={"userName": "mallory@x"})
        client.delete(f"/Users/{ada['id']}")
        let_in = create(client, userName="Eve@x")
        (closed,) = [
            one for one in log(server, organization, "--outcome", "rejected") if one["id"] == entry["id"]
        ]

    assert len({refusal(answer, 403) for answer in answers}) == 1
    assert (entry["attempts"], entry["open"], entry["user_name"]) == (12, True, "eve@x")
    assert reference(refusal(answers[0], 403)) == entry["id"]
    number = int(entry["id"].rpartition("-")[2])
    assert int(reference(refusal(other, 403)).rpartition("-")[2]) == number + 2  # after the burst
    assert (closed["open"], closed["attempts"], closed["closed"] is not None) == (False, 12, True)
    newest = log(server, organization)[0]
    assert (newest["outcome"], newest["person"], newest["id"]) == (
        "provisioned",
        let_in["id"],
        f"{organization.slug}-{number + 4}",
    )


def test_a_later_successful_create_closes_the_entry_of_the_refusal(server: Server) -> None:
    organization = founded(server, standard=0)
    with opened(organization) as client:
        refused = client.post("/Users", json={"userName": "eve@x"})
        command(server, "seats", "add", organization.slug, "standard=1", "--yes")
        made = create(client, userName="eve@x")

    rejected, provisioned = log(server, organization)[::-1]
    assert refused.status_code == 403
    assert (rejected["open"], rejected["closed"]) == (False, provisioned["at"])
    assert (provisioned["outcome"], provisioned["person"]) == ("provisioned", made["id"])
    assert log(server, organization, "--open") == []


def test_seats_of_the_highest_tier_are_assigned_first(server: Server) -> None:
    """SEATS 14."""
    organization = founded(server, standard=2, premium=1)
    taken = []
    with opened(organization) as client:
        for _ in range(3):
            create(client)
            taken.append({name: one[1] for name, one in tiers(server, organization).items()})

    assert taken == [
        {"standard": 0, "premium": 1},
        {"standard": 1, "premium": 1},
        {"standard": 2, "premium": 1},
    ]


def test_a_conflict_is_reported_rather_than_the_missing_seat(server: Server) -> None:
    """Wire decision 2."""
    organization = founded(server, standard=1)
    with opened(organization) as client:
        name = create(client)["userName"]
        answer = client.post("/Users", json={"userName": name.upper()})

    refusal(answer, 409, "uniqueness")
    assert log(server, organization, "--outcome", "rejected") == []


def test_an_organization_with_the_policy_reject_does_not_show_the_seat_extension(server: Server) -> None:
    """Wire decision 4."""
    organization = founded(server, standard=1)
    with opened(organization) as client:
        made = create(client)
        urns = [one["id"] for one in read(client, "/Schemas")["Resources"]]
        refused = patch(
            client, f"/Users/{made['id']}", {"op": "replace", "path": f"{SEAT}:tier", "value": "x"}
        )

    assert SEAT not in str(made)
    assert SEAT not in urns
    refusal(refused, 400, "invalidPath")


def activations(person: Resource) -> dict[str, tuple[str, Resource]]:
    """Every way to activate a person, each with another change that must not be stored."""
    operations = [{"op": "replace", "path": "title", "value": "x"}, ON]
    return {
        "PATCH": ("PATCH", {"Operations": operations}),
        "PATCH without a path": (
            "PATCH",
            {"Operations": [{"op": "replace", "value": {"active": "True", "title": "x"}}]},
        ),
        "PUT": ("PUT", {"userName": person["userName"], "title": "x", "active": True}),
    }


@pytest.mark.parametrize("way", ["PATCH", "PATCH without a path", "PUT"])
def test_a_refused_activation_leaves_the_person_inactive_and_unchanged(server: Server, way: str) -> None:
    """Wire decision 5."""
    organization = founded(server, standard=1)
    with opened(organization) as client:
        seated, sleeping = create(client), create(client, active=False, displayName="Eve")
        path = f"/Users/{sleeping['id']}"
        method, body = activations(sleeping)[way]
        refused = [client.request(method, path, json=body) for _ in range(2)]
        unchanged = read(client, path)
        (entry,) = log(server, organization, "--outcome", "rejected")
        client.delete(f"/Users/{seated['id']}")
        done = client.request(method, path, json=body)

    assert {reference(refusal(answer, 403)) for answer in refused} == {entry["id"]}
    assert (entry["person"], entry["attempts"]) == (sleeping["id"], 2)
    assert unchanged == sleeping
    assert (done.status_code, done.json()["active"], done.json()["title"]) == (200, True, "x")
    assert tiers(server, organization)["standard"] == (1, 1, 0)
    assert log(server, organization, "--open") == []


def test_requests_that_need_no_seat_are_never_refused(server: Server) -> None:
    """Wire decision 5."""
    organization = founded(server, standard=1)
    with opened(organization) as client:
        ada = create(client)
        path = f"/Users/{ada['id']}"
        sleeping = create(client, active=False)
        answers = [
            client.get(path),
            patch(client, path, {"op": "replace", "path": "title", "value": "x"}),
            client.put(path, json={"userName": ada["userName"], "active": True}),
            client.post("/Groups", json={"displayName": "x", "members": [{"value": sleeping["id"]}]}),
            patch(
                client,
                f"/Users/{sleeping['id']}",
                {"op": "replace", "path": "userName", "value": user_name()},
            ),
            patch(client, f"/Users/{sleeping['id']}", OFF),
            patch(client, path, OFF),
            client.delete(path),
            client.delete(f"/Users/{sleeping['id']}"),
        ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 201, 200, 200, 200, 204, 204]
    assert tiers(server, organization)["standard"] == (1, 0, 0)


def test_activating_an_active_person_changes_nothing(server: Server) -> None:
    """Wire decision 5."""
    organization = founded(server, overflow="queue", standard=1)
    with opened(organization) as client:
        for made in (create(client), create(client)):
            before = stored(server, organization, client)
            answers = [
                patch(client, f"/Users/{made['id']}", ON),
                patch(client, f"/Users/{made['id']}", {"op": "Add", "value": {"active": "True"}}),
                client.put(f"/Users/{made['id']}", json={"userName": made["userName"], "active": True}),
            ]
            assert [(answer.status_code, answer.json()) for answer in answers] == [(200, made)] * 3
            assert stored(server, organization, client) == before


@pytest.mark.parametrize("mode", ["manual", "jit"])
def test_in_other_modes_scim_refuses_every_write_and_changes_nothing(server: Server, mode: str) -> None:
    """Wire decision 8."""
    organization = founded(server, standard=5)
    with opened(organization) as client:
        ada = create(client)
        group = create_group(client, ada["id"])
        command(server, "org", "set", organization.slug, "--mode", mode)
        # Workers cache the owner of a token for less than a second; the mode is read with each write.
        before = stored(server, organization, client)
        refused = [
            client.post("/Users", json={"userName": user_name()}),
            client.put(f"/Users/{ada['id']}", json={"userName": ada["userName"]}),
            patch(client, f"/Users/{ada['id']}", OFF),
            client.delete(f"/Users/{ada['id']}"),
            client.post("/Groups", json={"displayName": "x"}),
            client.put(f"/Groups/{group['id']}", json={"displayName": "x"}),
            patch(client, f"/Groups/{group['id']}", {"op": "remove", "path": "members"}),
            client.delete(f"/Groups/{group['id']}"),
        ]
        after = stored(server, organization, client)
        command(server, "org", "set", organization.slug, "--mode", "scim")
        again = client.post("/Users", json={"userName": user_name()})

    assert all(f"mode '{mode}'" in refusal(answer, 403) for answer in refused)
    assert after == before
    assert again.status_code == 201


def test_scim_cannot_remove_or_rename_the_primary_owner(server: Server) -> None:
    """Wire decision 6, SEATS 18."""
    organization = founded(server, "--owner=owner@example.com", "--active", standard=2)
    with opened(organization) as client:
        (owner,) = read(client, "/Users")["Resources"]
        path = f"/Users/{owner['id']}"
        before = stored(server, organization, client)
        removing = [
            patch(client, path, OFF),
            client.put(
                path, json={"userName": owner["userName"], "emails": owner["emails"], "active": False}
            ),
            client.delete(path),
        ]
        renaming = [
            patch(client, path, {"op": "replace", "path": "userName", "value": "eve@example.com"}),
            patch(client, path, {"op": "replace", "path": "emails", "value": [{"value": "eve@example.com"}]}),
            client.put(path, json={"userName": owner["userName"]}),
        ]
        after = stored(server, organization, client)
        allowed = patch(client, path, {"op": "replace", "path": "displayName", "value": "The Owner"})

    assert owner["userName"] == "owner@example.com"
    assert owner["emails"] == [{"value": "owner@example.com", "type": "work", "primary": True}]
    assert all("Transfer the role" in refusal(answer, 403) for answer in removing)
    assert all("Primary Owner" in refusal(answer, 403) for answer in renaming)
    assert after == before
    assert (allowed.status_code, allowed.json()["displayName"]) == (200, "The Owner")
    assert tiers(server, organization)["standard"] == (2, 1, 0)
