"""What groups give to those who are away, wait, were refused, or own the organization (SEATS 18-23, 31)."""

import pytest

from scim_server.protocol.attributes import JSON
from scim_server.protocol.group import parse_group
from scim_server.protocol.patch import changes
from scim_server.services import clearing, groups, mappings, members, organizations, people
from scim_server.store.session import OPERATOR, Database
from seat_policy.mapping import Unmapped
from seat_policy.overflow import Overflow
from seat_policy.roles import Role
from tests.customer import OKTA, USERS, terms
from tests.mapped import GROUPS, Mapped, effects


@pytest.fixture
def acme(database: Database) -> Mapped:
    """Ann sits on the one premium seat, bob and cy on the two standard ones."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 2, "premium": 1})
    customer.provision("ann", "bob", "cy")
    return customer


@pytest.fixture
def strict(database: Database) -> Mapped:
    """Ann sits on the one seat; the group Engineering gives one, and who is in no such group awaits it."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    customer.provision("ann")
    customer.map("Engineering", tier="standard")
    customer.unmapped(Unmapped.NONE)
    customer.provision("bob")
    return customer


def activate(acme: Mapped, name: str, *, active: bool) -> None:
    operation: dict[str, JSON] = {"op": "replace", "path": "active", "value": active}
    change = changes({"Operations": [operation]}, USERS)
    people.patch_person(acme.database, acme.id, OKTA, acme.person(name).id, change, USERS)


def left_out(acme: Mapped) -> list[str | None]:
    return [one.user_name for one in clearing.left_out(acme.database, acme.id).rejected]


# Groups by their externalId


def test_a_group_known_by_its_external_id_may_be_called_otherwise(acme: Mapped) -> None:
    body, _ = parse_group({"displayName": "Admins", "externalId": "00g1"}, GROUPS)
    group = groups.create(acme.database, acme.id, OKTA, body, acme.ids(["bob"])).id
    acme.map("00g1", role=Role.ADMIN)

    acme.rename_group(group, "Administrators")

    assert acme.roles("bob") == ["admin"]
    assert "mapping.group_gone" not in acme.events()
