"""The first Primary Owner is invited by mail, and never a second one (SEATS 12, 15, 18)."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from scim_server.protocol.errors import Forbidden
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations import queries as invitation_queries
from scim_server.services.invitations.accept import CannotAcceptNow, Shown
from scim_server.services.invitations.send import Invitees
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations import queries as organization_queries
from scim_server.services.organizations.commands import Changes
from scim_server.services.organizations.create import CreatedOrganization, NewOrganization
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows import members as member_store
from seat_policy.invitations import State
from seat_policy.overflow import Overflow
from seat_policy.roles import Role
from tests.support.builders.customer import OKTA, at
from tests.support.builders.inviting import Host

START = "2026-03-01T12:00:00"
OVER = "2026-03-22T12:00:00"


class Firm(Host):
    """An organization whose operator invites its Primary Owner, of an unverified domain."""

    def __init__(self, database: Database, *, overflow: str = "queue", **purchased: int) -> None:
        database.now = lambda: at(START)
        self.database = database
        self.slug = f"o{uuid4().hex}"
        self.domain = f"{self.slug}.example"
        self.founded: CreatedOrganization = organizations.create(
            database,
            OPERATOR,
            NewOrganization(
                self.slug, purchased, overflow=Overflow(overflow), invite_owner=self.address("boss")
            ),
        )
        self.id = self.founded.organization.id

    def link(self, name: str = "boss") -> str:
        return self.token(name)

    def primary(self) -> str | None:
        with self.database.read(self.id) as read:
            found = member_store.primary_owner(read)
        return None if found is None else found.user_name.partition("@")[0]

    def invite_primary(self, name: str) -> None:
        invitations.invite_primary_owner(Context(self.database, self.id, OPERATOR), self.address(name))


def test_the_primary_owner_is_invited_with_a_seat_in_every_mode_and_domain(database: Database) -> None:
    firm = Firm(database, standard=1)

    assert firm.invited() == {"boss": ("pending", "standard")}
    assert firm.pool()["standard"] == (1, 0, 1)
    assert firm.primary() is None
    assert firm.founded.invited is not None
    assert firm.founded.invited.role == "primary_owner"
    firm.recount()


def test_accepting_makes_the_invitee_the_primary_owner_protected_from_scim(database: Database) -> None:
    firm = Firm(database, standard=1)

    shown = firm.accept("boss")

    assert shown is not None
    assert (shown.state, shown.role) == (State.ACCEPTED, "primary_owner")
    assert firm.member("boss") == ("standard", "primary_owner", "invitation", True)
    assert firm.pool()["standard"] == (1, 1, 0)
    with pytest.raises(Forbidden, match="Transfer the role"):
        people.delete(Context(database, firm.id, OKTA), firm.id_of("boss"))
    firm.recount()


def test_a_second_primary_owner_cannot_be_invited(database: Database) -> None:
    firm = Firm(database, standard=5)

    with pytest.raises(ServiceError, match="already invited as Primary Owner"):
        firm.invite_primary("eve")
    firm.accept("boss")
    with pytest.raises(ServiceError, match="is the Primary Owner"):
        firm.invite_primary("eve")
    with pytest.raises(ServiceError, match="the role must be user"):
        invitations.invite(
            Context(database, firm.id, OPERATOR), Invitees([firm.address("eve")], role=Role.PRIMARY_OWNER)
        )

    assert list(firm.invited()) == ["boss"]


def test_if_another_person_became_primary_owner_the_invitee_becomes_an_owner(
    database: Database,
) -> None:
    firm = Firm(database, standard=5)
    firm.provision_person("ann")
    people.transfer(Context(database, firm.id, OPERATOR), firm.address("ann"))
    link = firm.link()

    looked = invitation_queries.show_by_token(database, link)
    accepted = invitations.accept(database, link)
    again = invitation_queries.show_by_token(database, link)

    assert [one.role for one in (looked, accepted, again) if isinstance(one, Shown)] == ["owner"] * 3
    assert (firm.primary(), firm.member("boss")[1]) == ("ann", "owner")
    firm.recount()


def test_a_created_invitee_takes_the_held_seat_and_the_role_waits_for_acceptance(database: Database) -> None:
    firm = Firm(database, standard=1)

    came = firm.provision_person("boss")
    before = firm.member("boss")
    firm.accept("boss")

    assert (came, before[1]) == ("standard", "user")
    assert firm.member("boss")[:2] == ("standard", "primary_owner")
    assert firm.pool()["standard"] == (1, 1, 0)
    firm.recount()


def test_a_person_without_a_seat_cannot_become_primary_owner(database: Database) -> None:
    firm = Firm(database, standard=1)
    firm.provision_person("boss")
    people.unassign(Context(database, firm.id, OPERATOR), firm.address("boss"))
    before = firm.everything()

    with pytest.raises(CannotAcceptNow, match="seat"):
        firm.accept("boss")

    assert firm.everything() == before


def test_an_expired_invitation_is_resent_if_a_seat_is_free(database: Database) -> None:
    firm = Firm(database, standard=1)

    firm.today = OVER
    late = firm.accept("boss")
    free = firm.pool()["standard"]
    invitations.resend(Context(database, firm.id, OPERATOR), firm.address("boss"))
    firm.accept("boss")

    assert late is not None
    assert (late.state, free) == (State.EXPIRED, (1, 0, 0))
    assert firm.primary() == "boss"
    firm.recount()


def test_a_pending_invitation_is_resent_and_the_old_link_stops_working(database: Database) -> None:
    firm = Firm(database, standard=1)
    old = firm.link()

    invitations.resend(Context(database, firm.id, OPERATOR), firm.address("boss"))

    assert invitation_queries.show_by_token(database, old) is None
    assert firm.pool()["standard"] == (1, 0, 1)
    firm.accept("boss")
    assert firm.primary() == "boss"


def test_an_expired_invitation_is_not_resent_if_another_one_or_an_owner_exists(database: Database) -> None:
    firm = Firm(database, standard=5)
    firm.today = OVER
    firm.invite_primary("ada")

    with pytest.raises(ServiceError, match="already invited as Primary Owner"):
        invitations.resend(Context(database, firm.id, OPERATOR), firm.address("boss"))
    firm.accept("ada")
    with pytest.raises(ServiceError, match="is the Primary Owner"):
        invitations.resend(Context(database, firm.id, OPERATOR), firm.address("boss"))

    assert firm.primary() == "ada"
    firm.recount()


def test_after_revoking_a_wrong_address_another_one_can_be_invited(database: Database) -> None:
    firm = Firm(database, standard=1)
    wrong = firm.link()

    invitations.revoke(Context(database, firm.id, OPERATOR), firm.address("boss"))
    firm.invite_primary("ada")

    shown = invitations.accept(database, wrong)
    assert shown is not None
    assert shown.state is State.REVOKED
    firm.accept("ada")
    assert firm.primary() == "ada"
    firm.recount()


def test_without_a_seat_for_the_owner_no_organization_is_created(database: Database) -> None:
    slug = f"o{uuid4().hex}"

    with pytest.raises(ServiceError, match="needs a seat"):
        organizations.create(
            database, OPERATOR, NewOrganization(slug, {"standard": 0}, invite_owner="boss@x.example")
        )

    assert organization_queries.look_up(database, slug) is None


def test_the_database_itself_refuses_a_second_pending_primary_owner(database: Database) -> None:
    firm = Firm(database, standard=5)
    invitations.revoke(Context(database, firm.id, OPERATOR), firm.address("boss"))
    organizations.configure(Context(database, firm.id, OPERATOR), Changes({"allow_invitations": True}))
    invitations.add_domain(Context(database, firm.id, OPERATOR), firm.domain, verified=True)
    firm.invite("ada", "eve")

    with pytest.raises(DBAPIError), database.writer.begin() as connection:
        connection.execute(
            text(
                "UPDATE invitations SET role = 'primary_owner' "
                "WHERE organization = :org AND state = 'pending'"
            ),
            {"org": firm.id},
        )
