"""Invitations that are sent again: a new link, a new expiry, and a seat."""

import pytest

from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations import queries as invitation_queries
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.invitations import State
from seat_policy.roles import Role
from tests.support.builders.inviting import EXPIRY, SENT, Host, sent, shortfall


def test_a_resent_invitation_has_a_new_link_and_a_new_expiry(database: Database) -> None:
    host = Host(database, {"standard": 1}, today=SENT)
    host.invite("ada")
    old = host.token("ada")
    host.today = "2026-03-20T12:00:00"

    invitations.resend(Context(database, host.id, OPERATOR), host.address("ada"))
    host.today = "2026-04-10T11:59:59"

    assert invitation_queries.show_by_token(database, old) is None
    shown = host.accept("ada")
    assert shown is not None
    assert shown.state is State.ACCEPTED
    host.recount()


def test_a_resent_expired_invitation_holds_a_seat_again(database: Database) -> None:
    host = Host(database, {"standard": 1}, today=SENT)
    host.invite("ada")
    host.today = EXPIRY

    resent = sent(invitations.resend(Context(database, host.id, OPERATOR), host.address("ada")))

    assert (resent.held, host.pool()["standard"]) == ("standard", (1, 0, 1))
    host.recount()


def test_an_expired_invitation_without_a_free_seat_is_not_resent(database: Database) -> None:
    host = Host(database, {"standard": 1}, today=SENT)
    host.invite("ada")
    host.today = EXPIRY
    host.provision("grace")
    before = host.everything()

    shortfall(
        invitations.resend(Context(database, host.id, OPERATOR), host.address("ada")),
        "1 more standard seat is needed",
    )

    assert host.everything() == before
    host.recount()


def test_resending_an_expired_invitation_reports_the_missing_seats_for_the_queue_too(
    database: Database,
) -> None:
    host = Host(database, {"standard": 1}, today=SENT)
    host.invite("ada")
    host.today = EXPIRY
    assert host.provision("grace", "kay", "joan") == ["standard", "waiting", "waiting"]

    shortfall(
        invitations.resend(Context(database, host.id, OPERATOR), host.address("ada")), "3 more standard seats"
    )
    host.buy(standard=3)

    assert (
        sent(invitations.resend(Context(database, host.id, OPERATOR), host.address("ada"))).held == "standard"
    )
    host.recount()


def test_an_older_invitation_is_not_resent_beside_a_newer_one(database: Database) -> None:
    host = Host(database, {"standard": 2}, today=SENT)
    (old,) = host.invite("ada")
    host.today = EXPIRY
    host.invite("ada")
    before = host.everything()

    with pytest.raises(ServiceError, match="newer invitation"):
        invitations.resend(Context(database, host.id, OPERATOR), old.id)

    assert host.everything() == before
    host.recount()


def test_an_invitation_for_a_pending_role_is_resent_without_a_held_seat(database: Database) -> None:
    host = Host(database, {"standard": 1}, today=SENT)
    host.invite("ada", role=Role.OWNER)
    host.provision_person("ada")
    host.today = EXPIRY
    assert host.provision("grace") == ["waiting"]

    resent = sent(invitations.resend(Context(database, host.id, OPERATOR), host.address("ada")))
    host.recount()
    host.accept("ada")

    assert (resent.held, host.member("ada")[:2]) == (None, ("standard", "owner"))
    host.recount()
