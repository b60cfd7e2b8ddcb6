"""No change leaves an organization without an Owner with access; without a seat they have none (SEATS 18)."""

from collections.abc import Callable

import pytest

from scim_server.protocol.attributes import JSON
from scim_server.protocol.bulk import parse_bulk
from scim_server.services.context import Context
from scim_server.services.groups import commands
from scim_server.store.database.session import Database
from tests.model.rows import Mapping
from tests.support.builders.organization import ANN, BOB, CY, PROVIDER, described
from tests.support.builders.removing import BULK
from tests.support.builders.ways_in import WaysIn

Way = Callable[[WaysIn], object]


def by_bulk(method: str, **data: JSON) -> Way:
    def send(organization: WaysIn) -> str:
        path = f"/Users/{organization.person(ANN).id}"
        operation: dict[str, JSON] = {"method": method, "path": path, **({"data": data} if data else {})}
        body: dict[str, JSON] = {"schemas": [BULK], "Operations": [operation]}
        request = parse_bulk(body, {"users": "/Users", "groups": "/Groups"})
        context = Context(organization.database, organization.id, PROVIDER)
        return str(commands.run_bulk(context, request)[0].status)

    return send


WAYS: dict[str, Way] = {
    "PATCH": lambda one: one.patch(ANN, active=False),
    "PUT": lambda one: one.replace(ANN, described(ANN, "Artist", active=False)),
    "DELETE": lambda one: one.delete(ANN),
    "Bulk DELETE": by_bulk("DELETE"),
    "Bulk PUT": by_bulk("PUT", userName=ANN, active=False),
    "Bulk PATCH": by_bulk("PATCH", Operations=[{"op": "replace", "value": {"active": "False"}}]),
    "unassign": lambda one: one.unassign(ANN),
    "deactivate": lambda one: one.deactivate(ANN),
    "reassign": lambda one: one.reassign(ANN, CY),
    "role": lambda one: one.set_role(ANN, "user"),
    "admin": lambda one: one.set_role(ANN, "admin"),
}


@pytest.fixture
def acme(database: Database) -> WaysIn:
    """Ann is an Owner with a seat, Bob one without; Cy has no seat. There is no Primary Owner."""
    organization = WaysIn(database, {"premium": 0, "standard": 2}, "queue")
    for name in (ANN, BOB):
        organization.create(described(name, "Artist"))
        organization.set_role(name, "owner")
    organization.unassign(BOB)
    organization.grant({"standard": 1})
    organization.create(described(CY, "Artist"))
    return organization


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_the_only_owner_with_access_keeps_role_and_access(acme: WaysIn, way: Way) -> None:
    before = acme.state()

    outcome = way(acme)

    assert outcome in ("forbidden", "wrong", "403")
    assert acme.state() == before


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_the_change_is_made_if_another_owner_has_a_seat(acme: WaysIn, way: Way) -> None:
    acme.grant({"standard": 3})
    acme.assign(BOB)
    acme.unassign(CY)
    before = acme.state()

    outcome = way(acme)

    assert outcome not in ("forbidden", "wrong", "403")
    assert acme.state() != before
    acme.recount()


def test_the_seat_may_be_reassigned_to_the_other_owner(acme: WaysIn) -> None:
    outcome = acme.reassign(ANN, BOB)

    assert outcome == "none, seated on standard, 0 promoted"
    assert acme.unassign(BOB) == "wrong"


def test_a_mapping_does_not_remove_the_role_of_the_only_owner_with_access(acme: WaysIn) -> None:
    acme.create_group("Staff", [ANN])

    acme.save_mapping(Mapping("Staff", None, "user", None))

    assert acme.person(ANN).role == "owner"


def test_leaving_a_group_does_not_remove_the_role_of_the_only_owner_with_access(acme: WaysIn) -> None:
    acme.create_group("Owners", [ANN])
    acme.save_mapping(Mapping("Owners", None, "owner", None))

    acme.change_group("Owners", "Owners", [], [ANN])
    acme.delete_group("Owners")

    assert acme.person(ANN).role == "owner"


def test_a_sign_in_does_not_remove_the_role_of_the_only_owner_with_access(acme: WaysIn) -> None:
    acme.save_mapping(Mapping("Staff", None, "user", None))
    acme.set_ways_in("jit", inviting=False)

    acme.sign_in(ANN, "Artist", ["Staff"])

    assert acme.person(ANN).role == "owner"


def test_an_owner_without_a_seat_may_be_removed_while_another_has_access(acme: WaysIn) -> None:
    assert acme.delete(BOB) == "deleted"
