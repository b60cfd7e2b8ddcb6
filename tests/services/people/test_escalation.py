"""No person gets more than an Owner gave: not by a name, an attribute, an address or another way in."""

import pytest

from scim_server.protocol.attributes import JSON
from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as jit
from scim_server.services.people import commands as people
from scim_server.services.people.sign_in import SignIn
from scim_server.store.database.session import OPERATOR, Actor, Database
from seat_policy.ways_in import WayIn
from tests.support.builders.organization import OWNER, PROVIDER, USERS, Organization, a_group

ADA = "ada@example.com"
APP = Actor("app", WayIn.JIT, "request-1")


def create(org: Organization, **values: JSON) -> None:
    user = parse_user({"userName": ADA, **values}, USERS)
    people.create(Context(org.database, org.id, PROVIDER), user)


def test_a_group_called_admins_gives_no_role_without_a_mapping(database: Database) -> None:
    org = Organization(database, {"standard": 1}, "reject")
    create(org)

    for name in ("Admin", "Owners", "primary_owner"):
        groups.create(Context(database, org.id, PROVIDER), a_group(name), [org.person(ADA).id])

    assert org.person(ADA).role == "user"


@pytest.mark.parametrize(
    "values",
    [
        {"roles": [{"value": "owner", "primary": True}]},
        {"entitlements": [{"value": "primary_owner"}]},
        {"role": "owner"},
        {"userType": "owner"},
        {"urn:scim-seats:params:scim:schemas:extension:seat:1.0:User": {"tier": "premium"}},
    ],
)
def test_no_attribute_sent_by_a_provider_gives_a_role_or_a_tier(
    database: Database, values: dict[str, JSON]
) -> None:
    org = Organization(database, {"standard": 1, "premium": 0}, "reject")

    create(org, **values)

    assert (org.person(ADA).role, org.person(ADA).tier) == ("user", "standard")
    org.recount()


def test_the_address_of_another_organizations_owner_has_no_special_role(database: Database) -> None:
    theirs = Organization(database, {"standard": 1}, "reject", OWNER)
    ours = Organization(database, {"standard": 1}, "reject")
    before = theirs.state()

    user = parse_user({"userName": OWNER, "emails": [{"value": OWNER}]}, USERS)
    people.create(Context(database, ours.id, PROVIDER), user)

    assert ours.person(OWNER).role == "user"
    assert theirs.state() == before


def test_a_sign_in_neither_reactivates_nor_promotes_a_deactivated_person(
    database: Database,
) -> None:
    org = Organization(database, {"standard": 1}, "reject")
    create(org, active=False)
    organizations.configure(Context(database, org.id, OPERATOR), Changes({"mode": "jit"}))

    answer = jit.answer_sign_in(Context(database, org.id, APP), SignIn(ADA, {"userName": ADA}, ["Owners"]))

    assert (answer.decision, answer.reason, org.person(ADA).active) == ("refused", "inactive", False)
    org.recount()


def test_a_group_named_by_a_sign_in_gives_nothing_without_a_mapping(database: Database) -> None:
    org = Organization(database, {"standard": 1}, "reject")
    organizations.configure(Context(database, org.id, OPERATOR), Changes({"mode": "jit"}))

    answer = jit.answer_sign_in(
        Context(database, org.id, APP), SignIn(ADA, {"userName": ADA}, ["Owners", "owner"])
    )

    assert (answer.decision, answer.role) == ("admitted", "user")
