"""Mail to send. Rows are written in the transaction that they report about, and sent afterwards.

Attempts are not part of an organization's history, so they are written without the lock of the organization.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import mails

SECRET: Final = "secret"  # noqa: S105 - its name, not its value
"""The secret that only the recipient of a mail gets. It is erased when the mail is sent or given up."""
_MOST: Final = 5_000


@dataclass(frozen=True, slots=True)
class Mail:
    """A queued mail.

    Attributes:
        id: the number of the event that the mail reports; unique together with the recipient.
        kind: the kind of text.
        facts: the values for the text.
        attempts: the number of attempts to send the mail.
        next_attempt: the time of the next attempt.
        expires: when the mail is deleted, even if it was not sent; None if it is kept.
    """

    organization: str
    id: int
    recipient: str
    kind: str
    language: str
    facts: Mapping[str, Any]
    attempts: int
    next_attempt: str
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The state of a mail.

    Attributes:
        sent: when the mail was sent; None before that.
        given_up: whether no further attempt follows.
    """

    sent: str | None
    attempts: int
    last_error: str | None
    given_up: bool


_COLUMNS: Final = tuple(mails.c[name] for name in Mail.__dataclass_fields__)


def add(write: Write, listed: Sequence[Mail]) -> None:
    """Queue mails."""
    rows = [
        {name: getattr(one, name) for name in Mail.__dataclass_fields__} | {"created": write.at}
        for one in listed
    ]
    write.connection.execute(insert(mails), rows)


def withdraw(write: Write, ids: Sequence[int]) -> None:
    """Withdraw a mail that was not sent yet."""
    for start in range(0, len(ids), _MOST):
        write.connection.execute(
            delete(mails).where(
                mails.c.organization == write.organization,
                mails.c.id.in_(ids[start : start + _MOST]),
                mails.c.sent.is_(None),
            )
        )


def deliveries(read: Read, kind: str, ids: Sequence[int] | None = None) -> dict[int, Delivery]:
    """The state of the mail about each event, for one kind of mail.

    Args:
        ids: the numbers of the events; None for all of them.
    """
    query = select(mails.c.id, mails.c.sent, mails.c.attempts, mails.c.last_error, mails.c.next_attempt)
    if ids is not None:
        query = query.where(mails.c.id.in_(ids))
    rows = read.connection.execute(
        query.where(mails.c.organization == read.organization, mails.c.kind == kind)
    )
    return {
        row.id: Delivery(
            row.sent, row.attempts, row.last_error, row.sent is None and row.next_attempt is None
        )
        for row in rows
    }


def drop_expired(write: Write) -> None:
    """Delete the organization's expired mails."""
    write.connection.execute(
        delete(mails).where(
            mails.c.organization == write.organization,
            mails.c.expires.is_not(None),
            mails.c.expires <= write.at,
        )
    )


def due(connection: Connection, at: str, limit: int) -> list[Mail]:
    """Mails of all organizations that are due now, the longest due first."""
    query = (
        select(*_COLUMNS)
        .where(mails.c.next_attempt.is_not(None), mails.c.next_attempt <= at)
        .where(mails.c.expires.is_(None) | (mails.c.expires > at))
        .order_by(mails.c.next_attempt, mails.c.organization, mails.c.id)
        .limit(limit)
    )
    return [Mail(*row) for row in connection.execute(query)]


def waiting(connection: Connection) -> int:
    """How many mails of all organizations are not sent yet and will be tried."""
    query = select(func.count()).select_from(mails).where(mails.c.next_attempt.is_not(None))
    return int(connection.execute(query).scalar_one())


def claim(connection: Connection, mail: Mail, retry_at: str) -> bool:
    """Take a mail in order to send it now; False if another worker took it, or if it was withdrawn.

    If a worker dies with the mail, another attempt follows. A mail may arrive twice, but is never lost.
    """
    written = connection.execute(
        update(mails)
        .where(*_is(mail), mails.c.next_attempt == mail.next_attempt)
        .values(attempts=mails.c.attempts + 1, next_attempt=retry_at)
    )
    return written.rowcount == 1


def sent(connection: Connection, mail: Mail, at: str) -> None:
    """Record that a mail was sent, and erase its secret."""
    connection.execute(
        update(mails)
        .where(*_is(mail))
        .values(sent=at, next_attempt=None, last_error=None, facts=_without_secret(mail))
    )


def failed(connection: Connection, mail: Mail, error: str, *, give_up: bool) -> None:
    """Record why a mail was not sent. If it is given up, its secret is erased."""
    values: dict[str, Any] = {"last_error": error}
    if give_up:
        values |= {"next_attempt": None, "facts": _without_secret(mail)}
    connection.execute(update(mails).where(*_is(mail)).values(values))


def _is(mail: Mail) -> tuple[Any, ...]:
    return (
        mails.c.organization == mail.organization,
        mails.c.id == mail.id,
        mails.c.recipient == mail.recipient,
    )


def _without_secret(mail: Mail) -> dict[str, Any]:
    return {name: value for name, value in mail.facts.items() if name != SECRET}
