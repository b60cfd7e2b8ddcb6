"""Invitations, with one row for each. The events record what happened to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, func, insert, select, update

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import FIRST_OWNER, PENDING, invitations
from seat_policy.invitations import State


@dataclass(frozen=True, slots=True)
class Invitation:
    """A row of `invitations`.

    Attributes:
        sequence: the number of the event that first sent the invitation, for the order of lists.
        email_key: the address in the form in which userNames are compared.
        wants: the tier that was requested, or `any`.
        held: the tier of the held seat; None if no seat is held.
        sent: when the invitation was last sent; it expires 21 x 24 hours later.
        closed: when the invitation was accepted or revoked, or when its expiry was recorded; None while it is
            pending.
        digest: SHA-256 of the secret in the link.
        mail: the number of the last mail.
        person: the person that the invitee became. If set while the invitation is pending, a provider created
            the person, and only the role is pending.
    """

    id: str
    sequence: int
    email: str
    email_key: str
    role: str
    wants: str
    held: str | None
    language: str
    inviter: str
    state: State
    sent: str
    expires: str
    closed: str | None
    digest: str
    mail: int
    person: str | None


_FIELDS: Final = tuple(Invitation.__dataclass_fields__)
_COLUMNS: Final = tuple(invitations.c[name] for name in _FIELDS)
_MOST: Final = 5_000
"""How many parameters one statement may have; every driver allows that many."""


def _here(read: Read) -> Select[tuple[object, ...]]:
    return select(*_COLUMNS).where(invitations.c.organization == read.organization)


def _found(read: Read, query: Select[tuple[object, ...]]) -> list[Invitation]:
    found = []
    for row in read.connection.execute(query):
        values = dict(zip(_FIELDS, row, strict=True))
        found.append(Invitation(**values | {"state": State(values["state"])}))  # type: ignore[arg-type]
    return found


def _one(read: Read, query: Select[tuple[object, ...]]) -> Invitation | None:
    return next(iter(_found(read, query.limit(1))), None)


def get(read: Read, id_: str) -> Invitation | None:
    """The invitation with this id."""
    return _one(read, _here(read).where(invitations.c.id == id_))


def by_digest(read: Read, digest: str) -> Invitation | None:
    """The invitation whose link has this secret."""
    return _one(read, _here(read).where(invitations.c.digest == digest))


def newest(read: Read, email_key: str) -> Invitation | None:
    """The last invitation of an address."""
    query = _here(read).where(invitations.c.email_key == email_key)
    return _one(read, query.order_by(invitations.c.sequence.desc()))


def pending(read: Read, keys: Collection[str]) -> list[Invitation]:
    """Pending invitations of these addresses."""
    listed, found = list(keys), []
    for start in range(0, len(listed), _MOST):
        some = listed[start : start + _MOST]
        query = _here(read).where(PENDING, invitations.c.email_key.in_(some))
        found += _found(read, query.order_by(invitations.c.sequence))
    return found


def pending_owner(read: Read) -> Invitation | None:
    """The pending invitation of the Primary Owner."""
    return _one(read, _here(read).where(PENDING, FIRST_OWNER))


def holding(read: Read) -> list[Invitation]:
    """All invitations that hold a seat, in the order in which they were first sent."""
    query = _here(read).where(PENDING, invitations.c.held.is_not(None))
    return _found(read, query.order_by(invitations.c.sequence))


def expired(read: Read, at: str) -> list[Invitation]:
    """Pending invitations that had expired at a time, earliest first."""
    query = _here(read).where(PENDING, invitations.c.expires <= at)
    return _found(read, query.order_by(invitations.c.expires, invitations.c.sequence))


def next_expiry(read: Read) -> str | None:
    """When the first of the pending invitations expires."""
    query = select(func.min(invitations.c.expires)).where(
        invitations.c.organization == read.organization, PENDING
    )
    moment: str | None = read.connection.execute(query).scalar_one()
    return moment


def every(read: Read) -> list[Invitation]:
    """All invitations, newest first."""
    return _found(read, _here(read).order_by(invitations.c.sequence.desc()))


def before(read: Read, state: State | None, at: str, sequence: int | None, limit: int) -> list[Invitation]:
    """Invitations before a number, newest first.

    Args:
        state: the state at the given time; None for every state.
        sequence: the number; None for the newest invitations.
    """
    query = _here(read)
    if state is not None:
        query = query.where(_in_state(state, at))
    if sequence is not None:
        query = query.where(invitations.c.sequence < sequence)
    return _found(read, query.order_by(invitations.c.sequence.desc()).limit(limit))


def searched(
    read: Read, search: str, state: State | None, at: str, offset: int, limit: int
) -> tuple[list[Invitation], int]:
    """A part of the invitations, newest first, and how many the whole part has.

    Args:
        search: a part of the address, folded; empty for every address.
        state: the state at the given time; None for every state.
    """
    here = invitations.c.organization == read.organization
    if search:
        here &= invitations.c.email_key.contains(search, autoescape=True)
    if state is not None:
        here &= _in_state(state, at)
    total = read.connection.execute(select(func.count()).select_from(invitations).where(here)).scalar_one()
    query = select(*_COLUMNS).where(here).order_by(invitations.c.sequence.desc())
    return _found(read, query.offset(offset).limit(limit)), int(total)


def _in_state(state: State, at: str) -> ColumnElement[bool]:
    """Whether an invitation has a state at a time, even if its expiry has not been recorded yet."""
    if state is State.PENDING:
        return PENDING & (invitations.c.expires > at)
    if state is State.EXPIRED:
        return (invitations.c.state == State.EXPIRED) | (PENDING & (invitations.c.expires <= at))
    return invitations.c.state == state


def counted(read: Read, at: str) -> dict[State, int]:
    """How many invitations have each state at a time."""
    overdue = (PENDING & (invitations.c.expires <= at)).label("overdue")
    query = (
        select(invitations.c.state, overdue, func.count().label("number"))
        .where(invitations.c.organization == read.organization)
        .group_by(invitations.c.state, overdue)
    )
    found = dict.fromkeys(State, 0)
    for row in read.connection.execute(query):
        found[State.EXPIRED if row.overdue else State(row.state)] += row.number
    return found


def add(write: Write, listed: Sequence[Invitation]) -> None:
    """Insert new invitations."""
    rows = [
        {name: getattr(one, name) for name in _FIELDS} | {"organization": write.organization}
        for one in listed
    ]
    write.connection.execute(insert(invitations), rows)


def change(write: Write, after: Invitation) -> None:
    """Write a changed invitation."""
    here = (invitations.c.organization == write.organization) & (invitations.c.id == after.id)
    values = {name: getattr(after, name) for name in _FIELDS if name != "id"}
    write.connection.execute(update(invitations).where(here).values(values))


def expire(write: Write, ids: Sequence[str]) -> None:
    """Mark many invitations as expired, and their seats as no longer held."""
    for start in range(0, len(ids), _MOST):
        some = ids[start : start + _MOST]
        write.connection.execute(
            update(invitations)
            .where(invitations.c.organization == write.organization, invitations.c.id.in_(some))
            .values(state=State.EXPIRED, held=None, closed=write.at)
        )
