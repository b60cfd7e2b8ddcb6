"""Invitations from acceptance to expiry, on both databases, with a clock that the tests move."""

from sqlalchemy import text

from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations import queries as invitation_queries
from scim_server.services.notifications import outbox as mails
from scim_server.store.database import check
from scim_server.store.database.session import OPERATOR, Database, timestamp
from seat_policy.invitations import State
from seat_policy.roles import Role
from tests.support.builders.customer import terms
from tests.support.builders.inviting import EXPIRY, LAST_MOMENT, SENT, Host


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


def test_db_check_finds_a_held_seat_without_an_invitation(database: Database) -> None:
    host = Host(database, {"standard": 2})
    host.invite("ada")
    with database.writer.connect() as connection, connection.begin() as transaction:
        wrong = text("UPDATE seat_pool SET held = held + 1 WHERE organization = :org AND tier = 'standard'")
        connection.execute(wrong, {"org": host.id})

        found = check.problems(connection, timestamp(database.now()))

        transaction.rollback()
    here = [problem for problem in found if problem.organization == host.slug]
    assert (
        "the count of held seats is not the number of pending invitations and removals that hold a seat",
        "2",
        "1",
    ) in [(problem.what, problem.found, problem.expected) for problem in here]


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
