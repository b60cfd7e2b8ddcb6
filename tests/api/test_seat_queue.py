"""The queue on the wire (wire decisions 4 and 6): people wait, are promoted, and leave."""

import pytest

from tests.api.seat_views import OFF, ON, log, opened, seat, tiers, waiting
from tests.api.wire import (
    SEAT,
    command,
    create,
    create_group,
    found,
    founded,
    own,
    patch,
    read,
    refusal,
)
from tests.support.servers.running import Server


def test_under_the_policy_queue_a_person_without_a_seat_is_active_and_waits(server: Server) -> None:
    """Wire decision 4."""
    organization = founded(server, overflow="queue", standard=1)
    with opened(organization) as client:
        seated, waits = create(client), create(client, displayName="Eve")
        group = create_group(client, waits["id"])
        shown = read(client, f"/Users/{waits['id']}")
        refused = patch(
            client, f"/Users/{waits['id']}", {"op": "replace", "path": f"{SEAT}:status", "value": "seated"}
        )
        ignored = patch(client, f"/Users/{waits['id']}", {"op": "add", "value": {SEAT: {"status": "seated"}}})

    assert (waits["active"], seat(waits)) == (True, ("waiting", None, True))
    assert (seated["active"], seat(seated)) == (True, ("seated", "standard", False))
    assert waits["schemas"][-1] == seated["schemas"][-1] == SEAT
    assert waits["meta"]["version"] == 'W/"1"'
    assert [one["value"] for one in shown["groups"]] == [group["id"]]
    refusal(refused, 400, "mutability")
    assert seat(ignored.json()) == ("waiting", None, True)
    assert (tiers(server, organization)["standard"], waiting(server, organization)) == ((1, 1, 0), 1)


def test_a_person_waiting_for_one_tier_shows_the_tier_and_is_found_by_it(server: Server) -> None:
    organization = founded(server, overflow="queue", standard=1)
    command(server, "mapping", "set", organization.slug, "Engineering", "--tier", "premium", "--yes")
    command(server, "mapping", "unmapped", organization.slug, "lowest", "--yes")
    with opened(organization) as client:
        sits, waits = create(client), create(client)
        by_tier = found(client, f'{SEAT}:tier eq "standard"')

    assert (seat(sits), seat(waits)) == (("seated", "standard", False), ("waiting", "standard", True))
    assert by_tier == [sits["id"], waits["id"]]


@pytest.mark.parametrize("way", ["deactivation", "a PUT", "deletion", "seats added"])
def test_a_freed_seat_goes_to_the_first_waiting_person_at_once(server: Server, way: str) -> None:
    """Wire decisions 4 and 6."""
    organization = founded(server, overflow="queue", standard=1)
    with opened(organization) as client:
        seated, first, second = create(client), create(client), create(client)
        path = f"/Users/{seated['id']}"
        if way == "deactivation":
            assert patch(client, path, OFF).status_code == 200
        elif way == "a PUT":
            client.put(path, json={"userName": seated["userName"], "active": False})
        elif way == "deletion":
            client.delete(path)
        else:
            command(server, "seats", "add", organization.slug, "standard=1", "--yes")
        promoted, still = read(client, f"/Users/{first['id']}"), read(client, f"/Users/{second['id']}")

    seats = 2 if way == "seats added" else 1
    assert seat(promoted) == ("seated", "standard", False)
    assert own(promoted) | {SEAT: 0} == own(first) | {SEAT: 0}
    assert promoted["meta"]["version"] == 'W/"2"'
    assert promoted["meta"]["lastModified"] > first["meta"]["lastModified"]
    assert still == second
    assert (tiers(server, organization)["standard"], waiting(server, organization)) == ((seats, seats, 0), 1)
    newest = log(server, organization)[0]
    assert (newest["outcome"], newest["person"], newest["seats"]) == (
        "promoted",
        first["id"],
        {"standard": [0, 1, 0]},
    )


def test_a_person_who_returns_to_the_queue_is_behind_the_others(server: Server) -> None:
    organization = founded(server, overflow="queue", standard=1)
    with opened(organization) as client:
        seated, first, second = create(client), create(client), create(client)
        patch(client, f"/Users/{first['id']}", OFF)
        back = patch(client, f"/Users/{first['id']}", ON)
        client.delete(f"/Users/{seated['id']}")
        after = [seat(read(client, f"/Users/{one['id']}"))[0] for one in (first, second)]

    assert (back.status_code, seat(back.json())[0]) == (200, "waiting")
    assert after == ["waiting", "seated"]
    assert waiting(server, organization) == 1
