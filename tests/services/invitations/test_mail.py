"""Mail in the queue: taken once, retried with growing delays, failed for good, its secret deleted."""

from datetime import timedelta

from scim_server.services.context import Context
from scim_server.services.invitations import commands as invitations
from scim_server.services.notifications import outbox as mails
from scim_server.store.database.session import OPERATOR, Database
from tests.support.builders.customer import at
from tests.support.builders.inviting import Host

START = at("2026-03-01T12:00:00")


def taken(host: Host) -> list[int]:
    """The mails that a worker takes for this organization at this moment."""
    return [one.attempts for one in mails.take_due(host.database) if one.organization == host.id]


def test_a_mail_is_taken_by_only_one_worker(database: Database) -> None:
    host = Host(database, {"standard": 1}, today="2026-03-01T12:00:00")
    host.invite("ada")

    assert (taken(host), taken(host)) == ([0], [])


def test_the_mail_of_a_dead_worker_is_sent_by_the_next(database: Database) -> None:
    host = Host(database, {"standard": 1}, today="2026-03-01T12:00:00")
    host.invite("ada")
    taken(host)

    host.today = "2026-03-01T12:01:00"

    assert taken(host) == [1]


def test_delays_grow_until_a_mail_has_failed_for_good(database: Database) -> None:
    host = Host(database, {"standard": 1}, today="2026-03-01T12:00:00")
    host.invite("ada")
    moment, tried, given_up = START, [], False

    while not given_up:
        host.today = moment.isoformat()
        (mail,) = (one for one in mails.take_due(database) if one.organization == host.id)
        tried.append(round((moment - START) / timedelta(minutes=1)))
        given_up = mails.note_failed(database, mail, f"451 not now {mail.facts['secret']}")
        (row,) = host.rows("SELECT next_attempt, last_error FROM mails")
        moment = moment if given_up else at(row.next_attempt)

    assert tried == [0, 1, 6, 21, 81, 261, 621, 1341, 2781, 4221]
    assert row.last_error == "451 not now ..."
    assert "secret" not in str(host.rows("SELECT facts FROM mails"))


def test_the_secret_of_a_sent_mail_is_deleted(database: Database) -> None:
    host = Host(database, {"standard": 1}, today="2026-03-01T12:00:00")
    host.invite("ada")
    (mail,) = (one for one in mails.take_due(database) if one.organization == host.id)

    mails.note_sent(database, mail)

    (row,) = host.rows("SELECT facts, next_attempt, sent FROM mails")
    assert "secret" not in str(row.facts)
    assert (row.next_attempt, row.sent) == (None, "2026-03-01T12:00:00.000000Z")
    assert str(mail.facts["secret"]).partition(".")[2] not in str(host.rows("SELECT * FROM events"))
    assert str(mail.facts["secret"]).partition(".")[2] not in str(host.rows("SELECT * FROM invitations"))


def test_a_mail_that_is_no_longer_due_is_not_sent(database: Database) -> None:
    host = Host(database, {"standard": 1}, today="2026-03-01T12:00:00")
    host.invite("ada")
    invitations.revoke(Context(database, host.id, OPERATOR), host.address("ada"))

    assert taken(host) == []
