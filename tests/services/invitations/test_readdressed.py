"""A member gets an invited address, and takes over the invitation with its seat (SEATS 15)."""

from typing import Any

import pytest

from scim_server.protocol import patch
from scim_server.protocol.bulk import parse_bulk
from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.mappings import commands as mappings
from scim_server.services.modes import accepting_scim
from scim_server.services.people import commands as people
from scim_server.services.people import provision
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows import people as people_store
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import Role
from tests.support.builders.customer import OKTA, USERS
from tests.support.builders.inviting import Host

WAYS = ("PATCH", "PATCH without a path", "PUT", "bulk PATCH", "bulk PUT")
NAMES = ("userName", "emails")


def readdress(host: Host, name: str, to: str, *, way: str = "PUT", by: str = "userName") -> None:
    """The provider gives a member another userName, or a second e-mail address."""
    address, person = host.address(to), host.id_of(name)
    changed: dict[str, Any] = {by: [{"value": address, "type": "work"}] if by == "emails" else address}
    whole: dict[str, Any] = {"userName": host.address(name), "active": True} | changed
    pathed: dict[str, Any] = {"Operations": [{"op": "replace", "path": by, "value": changed[by]}]}
    pathless: dict[str, Any] = {"Operations": [{"op": "replace", "value": changed}]}
    if way == "PUT":
        people.replace(Context(host.database, host.id, OKTA), person, parse_user(whole, USERS))
    elif way.startswith("PATCH"):
        changes = patch.changes(pathed if way == "PATCH" else pathless, USERS)
        people.patch(Context(host.database, host.id, OKTA), person, changes, USERS)
    else:
        method = way.removeprefix("bulk ")
        data = whole if method == "PUT" else pathed
        operation: dict[str, Any] = {"method": method, "path": f"/Users/{person}", "data": data}
        (result,) = groups.run_bulk(
            Context(host.database, host.id, OKTA),
            parse_bulk({"Operations": [operation]}, {"users": "/Users"}),
        )
        assert result.error is None


def now(host: Host, name: str) -> tuple[str | None, str]:
    """Tier and status of a member, looked up by the id they had from the start."""
    with host.database.read(host.id) as read:
        person = people_store.get(read, name)
    assert person is not None
    return person.tier, person.status


@pytest.mark.parametrize("by", NAMES)
@pytest.mark.parametrize("way", WAYS)
def test_a_waiting_person_with_the_invited_address_takes_the_held_seat(
    database: Database, way: str, by: str
) -> None:
    host = Host(database, {"standard": 2})
    assert host.provision_person("ada") == "standard"
    host.invite("grace")
    assert host.provision_person("temp") == "waiting"
    person = host.id_of("temp")
    version = people_version(host, person)

    readdress(host, "temp", "Grace", way=way, by=by)

    assert now(host, person) == ("standard", "seated")
    assert people_version(host, person) == version + 1
    assert host.invited() == {"grace": ("accepted", None)}
    assert host.pool()["standard"] == (2, 2, 0)
    assert host.rows("SELECT id FROM mails") == []
    host.recount()


@pytest.mark.parametrize("by", NAMES)
@pytest.mark.parametrize("way", WAYS)
def test_a_seated_person_with_the_invited_address_frees_the_held_seat_for_the_queue(
    database: Database, way: str, by: str
) -> None:
    host = Host(database, {"standard": 2})
    assert host.provision_person("temp") == "standard"
    host.invite("grace")
    assert host.provision_person("eve") == "waiting"
    person = host.id_of("temp")

    readdress(host, "temp", "grace", way=way, by=by)

    assert now(host, person) == ("standard", "seated")
    assert host.member("eve")[0] == "standard"
    assert host.invited() == {"grace": ("accepted", None)}
    assert host.pool()["standard"] == (2, 2, 0)
    host.recount()


@pytest.mark.parametrize(("by", "held"), [("userName", None), ("emails", "standard")])
def test_a_role_waits_for_acceptance_and_an_email_address_takes_no_invitation_with_a_role(
    database: Database, by: str, held: str | None
) -> None:
    host = Host(database, {"standard": 2})
    host.provision_person("temp")
    host.invite("grace", role=Role.ADMIN)

    readdress(host, "temp", "grace", by=by)

    assert host.invited() == {"grace": ("pending", held)}
    host.recount()
    if by == "userName":
        host.accept("grace")
        assert host.member("grace")[:2] == ("standard", "admin")
        host.recount()


def test_the_freed_seat_may_go_to_the_same_person_if_they_wait_for_its_tier(database: Database) -> None:
    host = Host(database, {"standard": 1, "premium": 1}, overflow="fallback")
    host.invite("grace", tier="premium")
    mappings.save(Context(database, host.id, OPERATOR), "Artists", GroupMapping("premium", None, None))
    person_wanting_premium(host, "temp")
    person = host.id_of("temp")

    readdress(host, "temp", "grace")

    assert now(host, person) == ("premium", "seated")
    assert host.pool() == {"standard": (1, 0, 0), "premium": (1, 1, 0)}
    host.recount()


def test_a_person_awaiting_a_group_takes_the_held_seat(database: Database) -> None:
    host = Host(database, {"standard": 1, "premium": 1})
    mappings.save(Context(database, host.id, OPERATOR), "Artists", GroupMapping("premium", None, None))
    mappings.choose_unmapped(Context(database, host.id, OPERATOR), Unmapped.NONE)
    host.invite("ada", tier="standard")
    assert host.provision_person("temp") == "none"
    person = host.id_of("temp")

    readdress(host, "temp", "ada")

    assert now(host, person) == ("standard", "seated")
    host.recount()


def test_a_person_unassigned_by_an_admin_stays_without_a_seat_until_accepting(database: Database) -> None:
    host = Host(database, {"standard": 2})
    host.provision_person("temp")
    people.unassign(Context(database, host.id, OPERATOR), host.address("temp"))
    host.invite("grace")
    person = host.id_of("temp")

    readdress(host, "temp", "grace")

    assert now(host, person) == (None, "none")
    assert host.invited() == {"grace": ("pending", "standard")}
    host.recount()
    host.accept("grace")
    assert now(host, person) == ("standard", "seated")
    host.recount()


def test_an_inactive_person_leaves_the_invitation_pending_until_activated(database: Database) -> None:
    host = Host(database, {"standard": 1})
    host.provision_person("temp", active=False)
    host.invite("grace")
    person = host.id_of("temp")

    user = parse_user({"userName": host.address("grace"), "active": False}, USERS)
    people.replace(Context(database, host.id, OKTA), person, user)

    assert host.invited() == {"grace": ("pending", "standard")}
    user = parse_user({"userName": host.address("grace"), "active": True}, USERS)
    people.replace(Context(database, host.id, OKTA), person, user)
    assert now(host, person) == ("standard", "seated")
    assert host.invited() == {"grace": ("accepted", None)}
    host.recount()


def test_a_change_of_other_values_does_not_affect_an_invitation(database: Database) -> None:
    host = Host(database, {"standard": 2})
    host.provision_person("temp", emails=[{"value": host.address("grace"), "type": "work"}])
    host.invite("grace")
    body: dict[str, Any] = {
        "userName": host.address("temp"),
        "emails": [{"value": host.address("grace"), "type": "work"}],
    }

    user = parse_user(body | {"title": "Artist"}, USERS)
    people.replace(Context(database, host.id, OKTA), host.id_of("temp"), user)

    assert host.invited() == {"grace": ("pending", "standard")}
    host.recount()


def people_version(host: Host, person: str) -> int:
    (row,) = (row for row in host.rows("SELECT id, version FROM people") if row.id == person)
    return int(row.version)


def person_wanting_premium(host: Host, name: str) -> None:
    """Create a member on standard who waits for premium."""
    user = parse_user({"userName": host.address(name)}, USERS)
    host.database.write(
        host.id, OKTA, lambda write: provision.create(write, accepting_scim(write), user, wants="premium")
    )
    rows = host.rows("SELECT tier, waiting FROM seat_pool")
    assert {row.tier: row.waiting for row in rows}["premium"] == 1
