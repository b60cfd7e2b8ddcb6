"""A provider creates a person who is invited (SEATS 15)."""

import pytest

from scim_server.protocol.directory import STANDARD
from scim_server.protocol.group import parse_group
from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.groups import commands as groups
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations import queries as invitation_queries
from scim_server.services.invitations.accept import CannotAcceptNow, Obstacle
from scim_server.services.mappings import commands as mappings
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as jit
from scim_server.services.people import commands as people
from scim_server.services.people.sign_in import SignIn
from scim_server.store.database.session import OPERATOR, Actor, Database
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn
from tests.support.builders.customer import OKTA, USERS, terms
from tests.support.builders.inviting import Host, sent, shortfall


@pytest.mark.parametrize("overflow", ["reject", "queue"])
def test_a_created_invitee_takes_over_the_held_seat_and_tier(database: Database, overflow: str) -> None:
    host = Host(database, {"standard": 1, "premium": 1}, overflow=overflow)
    host.invite("ada", tier="standard")
    token = host.token("ada")
    host.provision_person("grace")

    assert host.provision_person("ADA") == "standard"

    assert host.pool() == {"standard": (1, 1, 0), "premium": (1, 1, 0)}
    assert host.invited() == {"ada": ("accepted", None)}
    assert host.rows("SELECT id FROM mails") == []
    shown = invitation_queries.show_by_token(database, token)
    assert shown is not None
    assert shown.state == "accepted"
    host.recount()


def test_a_created_invitee_is_also_recognised_by_email_address(database: Database) -> None:
    host = Host(database, {"standard": 1})
    host.invite("ada")

    assert host.provision_person("lovelace", emails=[{"value": host.address("Ada")}]) == "standard"

    assert host.invited() == {"ada": ("accepted", None)}
    host.recount()


def test_an_inactive_create_leaves_the_invitation_pending(database: Database) -> None:
    host = Host(database, {"standard": 1})
    host.invite("ada")

    assert host.provision_person("ada", active=False) == "inactive"

    assert host.invited() == {"ada": ("pending", "standard")}
    host.recount()
    host.accept("ada")
    assert host.member("ada") == ("standard", "user", "scim", True)
    host.recount()


def test_a_role_above_user_waits_for_the_invitees_acceptance(database: Database) -> None:
    host = Host(database, {"standard": 2})
    host.invite("ada", role=Role.OWNER)

    assert host.provision_person("ada") == "standard"

    assert host.member("ada")[:2] == ("standard", "user")
    assert host.invited() == {"ada": ("pending", None)}
    assert host.pool()["standard"] == (2, 1, 0)
    host.recount()
    host.accept("ada")
    assert host.member("ada")[:2] == ("standard", "owner")
    assert host.invited() == {"ada": ("accepted", None)}
    host.recount()


def test_another_person_does_not_get_the_held_seat(database: Database) -> None:
    host = Host(database, {"standard": 1}, overflow="reject")
    host.invite("ada")

    assert host.provision_person("grace") == "refused"

    assert host.provision_person("ada") == "standard"
    host.recount()


def test_a_shared_email_address_does_not_transfer_the_role_of_an_invitation(database: Database) -> None:
    host = Host(database, {"standard": 2}, overflow="reject")
    host.invite("ada", role=Role.ADMIN)

    assert host.provision_person("mallory", emails=[{"value": host.address("ada")}]) == "standard"

    assert host.invited() == {"ada": ("pending", "standard")}
    host.accept("ada")
    assert host.member("ada")[:2] == ("standard", "admin")
    assert host.member("mallory")[:2] == ("standard", "user")
    host.recount()


def test_a_pending_role_is_not_given_to_a_renamed_person(database: Database) -> None:
    host = Host(database, {"standard": 2})
    host.invite("ada", role=Role.ADMIN)
    token = host.token("ada")
    host.provision_person("ada")
    host.rename("ada", "mallory")

    with pytest.raises(CannotAcceptNow, match="another address") as refused:
        invitations.accept(database, token)

    assert refused.value.why is Obstacle.RENAMED
    assert host.member("mallory")[1] == "user"
    host.recount()


def taken_over(host: Host, then: str) -> str:
    """Ada is invited as an Admin, created by her provider and removed again; returns her link."""
    host.invite("ada", role=Role.ADMIN)
    assert host.provision_person("ada") == "standard"
    if then == "deleted":
        people.delete(Context(host.database, host.id, OKTA), host.id_of("ada"))
    else:
        deactivate(host, "ada")
    return host.token("ada")


def deactivate(host: Host, name: str) -> None:
    user = parse_user({"userName": host.address(name), "active": False}, USERS)
    people.replace(Context(host.database, host.id, OKTA), host.id_of(name), user)


@pytest.mark.parametrize(
    ("then", "why"), [("deleted", Obstacle.REMOVED), ("deactivated", Obstacle.DEACTIVATED)]
)
def test_a_pending_role_does_not_admit_a_deactivated_invitee(
    database: Database, then: str, why: Obstacle
) -> None:
    host = Host(database, {"standard": 2})
    link = taken_over(host, then)
    before = host.everything()

    with pytest.raises(CannotAcceptNow) as refused:
        invitations.accept(database, link)

    assert refused.value.why is why
    assert host.everything() == before
    host.recount()


@pytest.mark.parametrize("then", ["deleted", "deactivated"])
def test_a_resent_invitation_holds_a_seat_for_a_removed_invitee(database: Database, then: str) -> None:
    host = Host(database, {"standard": 1})
    taken_over(host, then)

    resent = sent(invitations.resend(Context(database, host.id, OPERATOR), host.address("ada")))

    assert (resent.held, resent.person, host.pool()["standard"]) == ("standard", None, (1, 0, 1))
    assert host.provision("grace") == ["waiting"]
    host.recount()
    host.accept("ada")
    assert host.member("ada")[:2] == ("standard", "admin")
    assert host.member("ada")[3]
    assert host.invited() == {"ada": ("accepted", None)}
    host.recount()


@pytest.mark.parametrize("then", ["deleted", "deactivated"])
def test_a_resent_invitation_can_be_taken_over_again(database: Database, then: str) -> None:
    host = Host(database, {"standard": 1})
    taken_over(host, then)
    invitations.resend(Context(database, host.id, OPERATOR), host.address("ada"))

    if then == "deleted":
        host.provision_person("ada")
    else:
        user = parse_user({"userName": host.address("ada"), "active": True}, USERS)
        people.replace(Context(database, host.id, OKTA), host.id_of("ada"), user)

    assert host.member("ada") == ("standard", "user", "scim", True)
    assert host.invited() == {"ada": ("pending", None)}
    host.accept("ada")
    assert host.member("ada")[:2] == ("standard", "admin")
    host.recount()


@pytest.mark.parametrize("then", ["deleted", "deactivated"])
def test_without_a_free_seat_an_invitation_is_not_resent_and_the_shortfall_is_reported(
    database: Database, then: str
) -> None:
    host = Host(database, {"standard": 1}, terms=terms())
    taken_over(host, then)
    host.provision("grace")
    before = host.everything()

    refused = shortfall(
        invitations.resend(Context(database, host.id, OPERATOR), host.address("ada")),
        "1 more standard seat is needed",
    )

    assert refused.bill is not None
    assert host.everything() == before
    host.recount()


def test_an_invitation_whose_invitee_was_renamed_can_only_be_revoked(database: Database) -> None:
    host = Host(database, {"standard": 2})
    host.invite("ada", role=Role.ADMIN)
    host.provision_person("ada")
    host.rename("ada", "mallory")
    before = host.everything()

    with pytest.raises(ServiceError, match="Revoke it, and give that person the role"):
        invitations.resend(Context(database, host.id, OPERATOR), host.address("ada"))

    assert host.everything() == before
    invitations.revoke(Context(database, host.id, OPERATOR), host.address("ada"))
    assert host.invite("ada")[0].held == "standard"
    host.recount()


def test_an_invitee_created_again_after_a_deletion_still_has_the_pending_role(
    database: Database,
) -> None:
    host = Host(database, {"standard": 1})
    taken_over(host, "deleted")
    assert host.provision_person("ada") == "standard"

    resent = sent(invitations.resend(Context(database, host.id, OPERATOR), host.address("ada")))
    host.accept("ada")

    assert resent.held is None
    assert host.member("ada")[:2] == ("standard", "admin")
    host.recount()


@pytest.mark.parametrize(("spare", "status"), [(0, "waiting"), (1, "none")])
def test_accepting_without_a_seat_shows_that_the_person_has_none(
    database: Database, spare: int, status: str
) -> None:
    host = Host(database, {"standard": 1 + spare})
    host.invite("ada", role=Role.ADMIN)
    host.provision_person("ada")
    if status == "waiting":
        host.provision_person("grace")
        people.reassign(Context(database, host.id, OPERATOR), host.address("ada"), host.address("grace"))
        deactivate(host, "ada")
        user = parse_user({"userName": host.address("ada"), "active": True}, USERS)
        people.replace(Context(database, host.id, OKTA), host.id_of("ada"), user)
    else:
        people.unassign(Context(database, host.id, OPERATOR), host.address("ada"))

    link = host.token("ada")
    accepted, again = invitations.accept(database, link), invitation_queries.show_by_token(database, link)

    assert accepted == again
    assert accepted is not None
    assert (accepted.state, accepted.role, accepted.status) == ("accepted", "admin", status)
    assert host.member("ada")[:2] == (None, "admin")
    host.recount()


def test_an_invitee_awaiting_a_group_takes_the_held_seat(database: Database) -> None:
    host = Host(database, {"standard": 1, "premium": 1})
    mappings.save(Context(database, host.id, OPERATOR), "Artists", GroupMapping("premium", None, None))
    mappings.choose_unmapped(Context(database, host.id, OPERATOR), Unmapped.NONE)
    host.invite("ada", tier="standard")

    assert host.provision_person("grace") == "none"
    assert host.provision_person("ada") == "standard"
    host.recount()


def test_a_reactivated_invitee_also_takes_over_the_held_seat(database: Database) -> None:
    host = Host(database, {"standard": 1}, overflow="reject")
    host.provision_person("ada", active=False)
    host.invite("ada")
    assert host.provision_person("grace") == "refused"

    user = parse_user({"userName": host.address("ada"), "active": True}, USERS)
    people.replace(Context(database, host.id, OKTA), host.id_of("ada"), user)

    assert host.member("ada") == ("standard", "user", "scim", True)
    assert host.invited() == {"ada": ("accepted", None)}
    host.recount()


def test_groups_named_by_the_first_sign_in_override_the_held_tier(database: Database) -> None:
    host = Host(database, {"standard": 1, "premium": 1})
    organizations.configure(Context(database, host.id, OPERATOR), Changes({"mode": "jit"}))
    mappings.save(Context(database, host.id, OPERATOR), "Artists", GroupMapping("premium", Role.ADMIN, None))
    host.invite("ada", tier="standard")
    name = host.address("ada")

    signing = SignIn(name, {"userName": name}, ["Artists"])
    answer = jit.answer_sign_in(Context(database, host.id, Actor("app", WayIn.JIT)), signing)

    assert (answer.decision, answer.tier, answer.role) == ("admitted", "premium", "admin")
    assert host.invited() == {"ada": ("accepted", None)}
    host.recount()


def mapped(host: Host, *names: str) -> None:
    """Put people, perhaps inactive ones, in a group that gives standard and the role admin."""
    mappings.save(
        Context(host.database, host.id, OPERATOR), "Sales", GroupMapping("standard", Role.ADMIN, priority=5)
    )
    group, _ = parse_group({"displayName": "Sales"}, STANDARD.group_reader(strict=False))
    groups.create(Context(host.database, host.id, OKTA), group, [host.id_of(name) for name in names])


@pytest.mark.parametrize("way", ["provider", "link"])
def test_a_mapping_overrides_the_held_tier_of_a_reactivated_invitee(database: Database, way: str) -> None:
    host = Host(database, {"standard": 1, "premium": 1})
    host.provision_person("ada", active=False)
    mapped(host, "ada")
    host.invite("ada", tier="premium")

    if way == "provider":
        user = parse_user({"userName": host.address("ada"), "active": True}, USERS)
        people.replace(Context(database, host.id, OKTA), host.id_of("ada"), user)
    else:
        host.accept("ada")

    assert host.member("ada")[:2] == ("standard", "admin")
    assert host.pool() == {"standard": (1, 1, 0), "premium": (1, 0, 0)}
    host.recount()


@pytest.mark.parametrize(("mode", "otherwise"), [("manual", "not_invited"), ("scim", "not_provisioned")])
def test_the_sign_in_of_an_invitee_is_refused_as_invitation_pending(
    database: Database, mode: str, otherwise: str
) -> None:
    host = Host(database, {"standard": 2}, today="2026-03-01T12:00:00")
    organizations.configure(Context(database, host.id, OPERATOR), Changes({"mode": mode}))
    host.invite("ada", role=Role.ADMIN)

    def signs_in(name: str) -> str | None:
        signing = SignIn(host.address(name), {"userName": host.address(name)})
        return jit.answer_sign_in(Context(database, host.id, Actor("app", WayIn.JIT)), signing).reason

    reasons = [signs_in("ada"), signs_in("grace")]
    host.today = "2026-03-22T12:00:00"
    over = signs_in("ada")

    assert (reasons, over) == (["invitation_pending", otherwise], otherwise)
    assert host.rows("SELECT id FROM people") == []
    host.recount()


def test_a_sign_in_ignores_an_invitation_that_cannot_be_accepted(database: Database) -> None:
    host = Host(database, {"standard": 1})
    taken_over(host, "deleted")

    signing = SignIn(host.address("ada"), {"userName": host.address("ada")})
    answer = jit.answer_sign_in(Context(database, host.id, Actor("app", WayIn.JIT)), signing)

    assert answer.reason == "not_provisioned"
