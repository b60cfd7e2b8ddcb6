"""The mail queue. A worker takes each mail and sends it; failed mails are retried with growing delays."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import mails
from scim_server.store.rows.mails import SECRET, Mail

DELAYS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 1440))
"""Delays after each failed attempt. After the last delay and attempt, the mail is given up."""
_MOST: Final = 50
_LONGEST_ERROR: Final = 300


def take_due(database: Database) -> Iterator[Mail]:
    """Take mails that are due now; if there are many, take only some of them.

    A worker takes each mail just before it sends it. A worker that stops then does not block other mails.
    """
    with database.snapshot() as connection:
        found = mails.due(connection, timestamp(database.now()), _MOST)
    return (mail for mail in found if _take(database, mail))


def _take(database: Database, mail: Mail) -> bool:
    delay = DELAYS[min(mail.attempts, len(DELAYS) - 1)]
    retry_at = timestamp(database.now() + delay)
    return database.write_unnumbered(lambda connection: mails.claim(connection, mail, retry_at))


def note_sent(database: Database, mail: Mail) -> None:
    """Record that a mail was sent, and erase its secret."""
    at = timestamp(database.now())
    database.write_unnumbered(lambda connection: mails.sent(connection, mail, at))


def note_failed(database: Database, mail: Mail, error: str, *, for_good: bool = False) -> bool:
    """Record that a mail was not sent; return whether no further attempt follows.

    Args:
        mail: the mail as the worker took it.
        for_good: whether another attempt would be useless.
    """
    give_up = for_good or mail.attempts >= len(DELAYS)
    # The error is shortened, because a server that refuses a mail may repeat the mail's content.
    words = error.replace(str(mail.facts.get(SECRET) or "\x00"), "...")[:_LONGEST_ERROR]
    database.write_unnumbered(lambda connection: mails.failed(connection, mail, words, give_up=give_up))
    return give_up
