"""Invitations from sending to their end, on both databases, with a clock that the tests move."""

import pytest
from sqlalchemy import text

from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations import queries as invitation_queries
from scim_server.services.invitations.accept import CannotAcceptNow
from scim_server.services.invitations.send import Invitees
from scim_server.services.notifications import outbox as mails
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as members
from scim_server.store.database import check
from scim_server.store.database.session import OPERATOR, Database, timestamp
from seat_policy.invitations import State
from seat_policy.roles import Role
from tests.support.builders.customer import PRICES, terms
from tests.support.builders.inviting import Host, sent, shortfall

SENT = "2026-03-01T12:00:00"
LAST_MOMENT = "2026-03-22T11:59:59.999999"
EXPIRY = "2026-03-22T12:00:00"


def test_an_accepted_invitation_seats_the_invitee_on_the_held_seat(database: Database) -> None:
    host = Host(database, {"standard": 1, "premium": 1})

    (sent,) = host.invite("ada", role=Role.ADMIN)
    held = host.pool()
    host.accept("ada")

    assert (sent.held, held["premium"]) == ("premium", (1, 0, 1))
    assert host.pool()["premium"] == (1, 1, 0)
    assert host.member("ada") == ("premium", "admin", "invitation", True)
    assert host.invited() == {"ada": ("accepted", None)}
    assert host.events()[-3:] == ["invitation.sent", "person.provisioned", "invitation.accepted"]
    host.recount()


def test_an_invitation_can_be_accepted_until_the_last_moment(database: Database) -> None:
    host = Host(database, {"standard": 1}, today=SENT)
    host.invite("ada")

    host.today = LAST_MOMENT
    shown = host.accept("ada")

    assert shown is not None
    assert shown.state is State.ACCEPTED
    assert host.member("ada")[0] == "standard"
    host.recount()


def test_an_invitation_is_refused_from_the_moment_of_expiry(database: Database) -> None:
    host = Host(database, {"standard": 1}, today=SENT)
    host.invite("ada")
    token = host.token("ada")

    host.today = EXPIRY
    looked, answered = invitation_queries.show_by_token(database, token), invitations.accept(database, token)

    assert looked is not None
    assert answered is not None
    assert (looked.state, answered.state) == (State.EXPIRED, State.EXPIRED)
    assert host.pool()["standard"] == (1, 0, 0)
    assert host.invited() == {"ada": ("expired", None)}
    assert host.events()[-1] == "invitation.expired"
    host.recount()


def test_before_the_next_write_an_expired_invitation_is_already_listed_as_expired(database: Database) -> None:
    host = Host(database, {"standard": 2}, today=SENT)
    host.invite("ada", "grace")
    (mail,) = (one for one in mails.take_due(database) if one.recipient == host.address("grace"))
    mails.note_sent(database, mail)

    host.today = EXPIRY
    before = invitation_queries.every(Context(database, host.id, OPERATOR))
    due.catch_up(database, host.id)
    after = invitation_queries.every(Context(database, host.id, OPERATOR))

    assert [(one.state, one.invitation.held) for one in before] == [(State.EXPIRED, None)] * 2
    assert [one.delivery is None for one in before] == [False, True]
    assert [(one.state, one.invitation.held, one.delivery) for one in after] == [
        (one.state, one.invitation.held, one.delivery) for one in before
    ]


def test_the_next_write_gives_the_seat_of_an_expired_invitation_to_the_queue(database: Database) -> None:
    host = Host(database, {"standard": 1}, today=SENT)
    host.invite("ada")
    assert host.provision("grace") == ["waiting"]

    host.today = EXPIRY
    assert host.provision("kay") == ["waiting"]

    assert host.whereabouts("grace", "kay") == ["standard", "waiting"]
    assert host.events()[-3:] == ["invitation.expired", "person.promoted", "person.queued"]
    host.recount()


def test_a_revoked_invitation_frees_its_seat_for_the_queue(database: Database) -> None:
    host = Host(database, {"standard": 1})
    host.invite("ada")
    token = host.token("ada")
    host.provision("grace")

    invitations.revoke(Context(database, host.id, OPERATOR), host.address("ada"))

    assert host.whereabouts("grace") == ["standard"]
    shown = invitations.accept(database, token)
    assert shown is not None
    assert shown.state is State.REVOKED
    assert host.rows("SELECT id FROM mails") == []
    host.recount()


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


def test_several_invitees_get_held_seats_from_the_highest_tier_down(database: Database) -> None:
    host = Host(database, {"standard": 2, "premium": 1})
    names = ("ada", "grace", "kay")

    text_ = ", ".join(map(host.address, names[:2])) + "\n" + host.address("kay") + "\n" + host.address("ADA")
    letters = sent(invitations.invite(Context(database, host.id, OPERATOR), Invitees([text_])))

    assert [one.held for one in letters] == ["premium", "standard", "standard"]
    assert len(host.rows("SELECT id FROM mails")) == 3
    host.recount()


def test_with_too_few_seats_no_invitation_is_sent_and_the_price_is_reported(database: Database) -> None:
    host = Host(database, {"standard": 2}, terms=terms())
    before = host.everything()

    refused = shortfall(host.ask_to_invite("ada", "grace", "kay", "joan"))

    assert (refused.short.missing, refused.short.tier) == (2, "standard")
    assert refused.bill is not None
    assert str(refused.bill.total) == "400.00"
    assert host.everything() == before


@pytest.mark.parametrize("tier", [None, "standard"])
def test_the_reported_missing_seats_suffice_when_people_wait(database: Database, tier: str | None) -> None:
    host = Host(database, {"standard": 1}, terms=terms())
    assert host.provision("a", "b", "c") == ["standard", "waiting", "waiting"]

    refused = shortfall(host.ask_to_invite("ada", tier=tier), "3 more standard seats are needed")
    host.buy(standard=2)
    shortfall(host.ask_to_invite("ada", tier=tier), "1 more standard seat is needed")
    host.buy(standard=1)
    host.invite("ada", tier=tier)

    assert "(0 free; waiting before them: 2), 600.00 USD now" in refused.detail
    assert host.whereabouts("a", "b", "c") == ["standard"] * 3
    assert host.invited() == {"ada": ("pending", "standard")}
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


def test_if_the_lowest_tier_has_no_price_the_shortfall_names_a_priced_tier(database: Database) -> None:
    host = Host(database, {"standard": 0, "premium": 0}, terms=terms(prices={"premium": PRICES["premium"]}))

    shortfall(host.ask_to_invite("ada"), "1 more premium seat is needed")
    host.buy(premium=1)

    assert host.invite("ada")[0].held == "premium"


def test_an_invitation_holds_a_seat_of_the_requested_tier(database: Database) -> None:
    host = Host(database, {"standard": 1, "premium": 1})

    host.invite("ada", tier="standard")

    assert host.pool() == {"standard": (1, 0, 1), "premium": (1, 0, 0)}
    shortfall(host.ask_to_invite("grace", tier="standard"))
    host.recount()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("seated",), "is already a member"),
        (("waiting",), "already a member, and waits for a seat"),
        (("none",), "already a member, without a seat"),
        (("pending",), "is already invited"),
        (("new", "seated"), "is already a member"),
    ],
)
def test_an_existing_or_already_invited_person_cannot_be_invited(
    database: Database, names: tuple[str, ...], said: str
) -> None:
    host = Host(database, {"standard": 3, "premium": 0})
    for name in ("seated", "none"):
        host.provision_person(name)
    members.unassign(Context(database, host.id, OPERATOR), host.address("none"))
    host.invite("pending", tier="standard")
    host.invite("filler", tier="standard")
    host.provision_person("waiting")
    before = host.everything()

    with pytest.raises(ServiceError, match=said):
        host.invite(*names)

    assert host.everything() == before
    host.recount()


@pytest.mark.parametrize(
    "text_", ["ada@elsewhere.example", "ada", "ada@", "@x.example", "a b@x", "ada@x\r\nBcc: y"]
)
def test_only_addresses_in_verified_domains_are_invited(database: Database, text_: str) -> None:
    host = Host(database, {"standard": 3})
    before = host.everything()

    with pytest.raises(ServiceError):
        invitations.invite(Context(database, host.id, OPERATOR), Invitees([text_]))

    assert host.everything() == before


def test_in_the_mode_scim_inviting_must_be_allowed(database: Database) -> None:
    host = Host(database, {"standard": 3}, allowed=False)

    with pytest.raises(ServiceError, match="do not allow invitations"):
        host.invite("ada")
    organizations.configure(Context(database, host.id, OPERATOR), Changes({"mode": "manual"}))

    assert host.invite("ada")[0].held == "standard"


def test_a_suspended_organization_neither_invites_nor_admits_people(database: Database) -> None:
    host = Host(database, {"standard": 3})
    host.invite("ada")
    token = host.token("ada")
    organizations.suspend(Context(database, host.id, OPERATOR))
    before = host.everything()

    with pytest.raises(ServiceError, match="suspended"):
        host.invite("grace")
    with pytest.raises(CannotAcceptNow, match="suspended"):
        invitations.accept(database, token)
    assert host.provision_person("kay") == "refused"
    with pytest.raises(ServiceError):
        invitations.resend(Context(database, host.id, OPERATOR), host.address("ada"))

    assert host.everything()[1:4] == before[1:4]
    organizations.resume(Context(database, host.id, OPERATOR))
    host.accept("ada")
    host.recount()


def test_outside_the_contract_no_person_is_invited_or_admitted(database: Database) -> None:
    host = Host(database, {"standard": 3}, today="2026-12-20", terms=terms(auto_renew=False))
    host.invite("ada")

    host.today = "2027-01-01T00:00:00"

    with pytest.raises(CannotAcceptNow, match="contract ended"):
        host.accept("ada")
    with pytest.raises(ServiceError, match="contract ended"):
        host.invite("grace")
    host.recount()


def test_an_unknown_link_cannot_be_accepted(database: Database) -> None:
    host = Host(database, {"standard": 3})
    other = Host(database, {"standard": 3})
    host.invite("ada")
    secret = host.token("ada").partition(".")[2]

    for token in ("", ".", secret, f"{other.slug}.{secret}", f"{host.slug}.x", "none.none", "\ud800.x"):
        assert invitation_queries.show_by_token(database, token) is None
        assert invitations.accept(database, token) is None
    host.recount()


def test_accepting_an_invitation_twice_has_one_effect(database: Database) -> None:
    host = Host(database, {"standard": 3})
    host.invite("ada")
    token = host.token("ada")

    first, second = invitations.accept(database, token), invitations.accept(database, token)

    assert first == second
    assert host.pool()["standard"] == (3, 1, 0)
    host.recount()


def test_an_inactive_person_is_activated_on_the_held_seat(database: Database) -> None:
    host = Host(database, {"standard": 1, "premium": 1})
    assert host.provision_person("ada", active=False, title="Countess") == "inactive"
    host.invite("ada", tier="standard", role=Role.OWNER)

    host.accept("ada")

    assert host.member("ada") == ("standard", "owner", "scim", True)
    assert host.pool() == {"standard": (1, 1, 0), "premium": (1, 0, 0)}
    host.recount()


def test_a_seated_person_renamed_to_the_invited_address_frees_the_held_seat(database: Database) -> None:
    host = Host(database, {"standard": 2})
    host.invite("ada", role=Role.ADMIN)
    host.provision_person("lovelace")
    host.rename("lovelace", "ada")
    host.provision("grace")
    assert host.whereabouts("grace") == ["standard"]

    host.accept("ada")

    assert host.member("ada")[:2] == ("standard", "admin")
    assert host.whereabouts("grace") == ["standard"]
    host.recount()


def test_the_seats_of_expired_invitations_are_not_renewed(database: Database) -> None:
    host = Host(database, {"standard": 5}, today="2026-12-01", terms=terms())
    host.provision_person("grace")
    host.invite("ada")
    host.today = "2026-12-20"
    host.invite("kay")

    host.today = "2027-02-01"
    host.provision_person("joan")

    # One seated and one invitation that was pending on the first of January; ada's was over by that time.
    assert host.pool()["standard"][0] == 2
    assert host.invited() == {"ada": ("expired", None), "kay": ("expired", None)}
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


def test_db_check_finds_a_held_seat_without_an_invitation(database: Database) -> None:
    host = Host(database, {"standard": 2})
    host.invite("ada")
    with database.writer.connect() as connection, connection.begin() as transaction:
        wrong = text("UPDATE seat_pool SET held = held + 1 WHERE organization = :org AND tier = 'standard'")
        connection.execute(wrong, {"org": host.id})

        found = check.problems(connection, timestamp(database.now()))

        transaction.rollback()
    here = [problem for problem in found if problem.organization == host.slug]
    assert ("the count of held seats is not that of the pending invitations and removals", "2", "1") in [
        (problem.what, problem.found, problem.expected) for problem in here
    ]


def test_a_waiting_person_gets_the_seat_of_the_earliest_expired_invitation(database: Database) -> None:
    """As if each expiry had been applied in time, although one write applies both."""
    host = Host(database, {"standard": 1, "premium": 1}, today="2026-03-01T09:00")
    host.invite("ada", tier="standard")
    host.today = "2026-03-01T10:00"
    host.invite("bob", tier="premium")
    waiting = host.provision_person("cy")

    host.today = "2026-03-22T11:00"
    due.catch_up(database, host.id)

    assert (waiting, host.member("cy")[0]) == ("waiting", "standard")
    host.recount()
