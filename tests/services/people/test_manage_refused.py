"""Changes of people that are refused to an admin, and for the last Owner to SCIM, with their reasons."""

from collections.abc import Callable

import pytest

from scim_server.protocol.errors import Forbidden
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.organizations import commands as organizations
from scim_server.services.people import commands as people
from scim_server.services.people.manage import NoSeatFree
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows.people import Person
from seat_policy.roles import Role
from tests.support.builders.organization import (
    ANN,
    BOB,
    CY,
    DEE,
    OWNER,
    PROVIDER,
    Organization,
    described,
    small,
)


def by_name(organization: Organization, use: str, *names: str) -> people.Changed:
    change: Callable[..., people.Changed] = getattr(people, use)
    return change(organization.context(), *names)


NOBODY = "this organization has no person called 'nobody'"
PRIMARY = f"{OWNER} is the Primary Owner. Transfer the role first"
INACTIVE = f"{DEE} is inactive. Activate this person first"
REFUSALS = [
    ("assign", ("nobody",), NOBODY),
    ("assign", (DEE,), INACTIVE),
    ("assign", (ANN,), f"{ANN} already has a premium seat"),
    ("assign", (ANN, "premium"), f"{ANN} already has a premium seat"),
    ("unassign", ("nobody",), NOBODY),
    ("unassign", (DEE,), f"{DEE} has no seat and does not wait for one"),
    ("unassign", (OWNER,), PRIMARY),
    ("reassign", ("nobody", CY), NOBODY),
    ("reassign", (ANN, "nobody"), NOBODY),
    ("reassign", (OWNER, CY), PRIMARY),
    ("reassign", (ANN, DEE), INACTIVE),
    ("reassign", (CY, CY), f"{CY} has no seat to reassign"),
    ("reassign", (ANN, BOB), f"{BOB} already has a standard seat. Use a swap instead"),
    ("reassign", (ANN, ANN), f"{ANN} already has a premium seat. Use a swap instead"),
    ("swap", (ANN, "nobody"), NOBODY),
    ("swap", (ANN, CY), f"{CY} has no seat to swap"),
    ("swap", (DEE, ANN), f"{DEE} has no seat to swap"),
    ("swap", (ANN, OWNER), "both have a premium seat, so a swap changes nothing"),
    ("set_role", ("nobody", Role.ADMIN), NOBODY),
    ("set_role", (OWNER, Role.USER), PRIMARY),
    ("set_role", (OWNER, Role.OWNER), PRIMARY),
    (
        "set_role",
        (ANN, Role.PRIMARY_OWNER),
        "the role of the Primary Owner can only be transferred",
    ),
    ("transfer", ("nobody",), NOBODY),
    ("transfer", (CY,), f"{CY} has no seat, but the Primary Owner needs one"),
    ("transfer", (DEE,), f"{DEE} has no seat, but the Primary Owner needs one"),
    ("transfer", (OWNER,), f"{OWNER} is already the Primary Owner"),
]


@pytest.mark.parametrize(("use", "names", "message"), REFUSALS)
def test_an_impossible_change_by_an_admin_is_refused_with_the_reason(
    database: Database, use: str, names: tuple[str, ...], message: str
) -> None:
    organization = small(database, OWNER)
    organization.create(described(DEE, "Artist", active=False))
    before = organization.state()

    with pytest.raises(ServiceError) as refused:
        by_name(organization, use, *names)

    assert str(refused.value) == message
    assert organization.state() == before


@pytest.mark.parametrize(
    ("name", "tier", "message"),
    [
        (CY, None, "no seat is free"),
        (CY, "premium", "no premium seat is free"),
        (BOB, "premium", "no premium seat is free"),
    ],
)
def test_an_assignment_without_a_free_seat_is_refused_and_changes_nothing(
    database: Database, name: str, tier: str | None, message: str
) -> None:
    organization = small(database, OWNER)
    before = organization.state()

    outcome = people.assign(organization.context(), name, tier)

    assert isinstance(outcome, NoSeatFree)
    assert (outcome.detail, organization.state()) == (message, before)


@pytest.mark.parametrize("role", [Role.USER, Role.ADMIN])
def test_the_last_owner_keeps_the_role(database: Database, role: Role) -> None:
    organization = small(database)
    organization.set_role(ANN, "owner")
    before = organization.state()

    with pytest.raises(
        ServiceError, match=f"^{ANN} is the last Owner with access. Make a member with a seat an Owner first$"
    ):
        people.set_role(Context(database, organization.id, OPERATOR), ANN, role)

    assert organization.state() == before


@pytest.mark.parametrize(("use", "names"), [("unassign", (ANN,)), ("reassign", (ANN, CY))])
def test_the_last_owner_keeps_their_seat(database: Database, use: str, names: tuple[str, ...]) -> None:
    organization = small(database)
    organization.set_role(ANN, "owner")
    before = organization.state()

    with pytest.raises(
        ServiceError, match=f"^{ANN} is the last Owner with access. Make a member with a seat an Owner first$"
    ):
        by_name(organization, use, *names)

    assert organization.state() == before


def remove(organization: Organization, person: Person, way: str) -> None:
    context = Context(organization.database, organization.id, PROVIDER)
    if way == "PUT":
        people.replace(context, person.id, described(person.user_name, "Artist", active=False))
    else:
        people.delete(context, person.id)


@pytest.mark.parametrize("way", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    ("owner", "message"),
    [
        (OWNER, "This person is the Primary Owner. Transfer the role before you remove this person."),
        (None, f"{ANN} is the last Owner with access. Make a member with a seat an Owner first."),
    ],
)
def test_the_provider_does_not_remove_the_last_owner(
    database: Database, way: str, owner: str | None, message: str
) -> None:
    organization = small(database, owner)
    if owner is None:
        organization.set_role(ANN, "owner")
    before = organization.state()

    with pytest.raises(Forbidden) as refused:
        remove(organization, organization.person(owner or ANN), way)

    assert refused.value.detail == message
    assert organization.state() == before


@pytest.mark.parametrize(("use", "names"), [("assign", (CY,)), ("reassign", (ANN, CY)), ("swap", (ANN, BOB))])
def test_in_a_suspended_organization_an_admin_cannot_assign_a_seat(
    database: Database, use: str, names: tuple[str, ...]
) -> None:
    organization = small(database)
    organizations.suspend(Context(database, organization.id, OPERATOR))
    before = organization.state()

    with pytest.raises(
        ServiceError, match=r"^No seats are assigned now, because this organization is suspended"
    ):
        by_name(organization, use, *names)

    assert organization.state() == before
