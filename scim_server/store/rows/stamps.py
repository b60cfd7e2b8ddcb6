"""Times that are stored with a person and are not part of the history."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from scim_server.store.database.session import Read, Write
from scim_server.store.rows.people import MOST_IDS
from scim_server.store.tables import people


def touch(write: Write, person: str) -> None:
    """Record that a provider sent the person now, which also confirms the person."""
    here = (people.c.organization == write.organization) & (people.c.id == person)
    write.connection.execute(update(people).where(here).values(touched=write.at, unconfirmed=None))


def signed_in(read: Read, person: str) -> str | None:
    """When a person last signed in, to within a day."""
    here = (people.c.organization == read.organization) & (people.c.id == person)
    return read.connection.execute(select(people.c.signed_in).where(here)).scalar()


def stamp_sign_in(connection: Connection, organization: str, person: str, at: str) -> None:
    """Record a sign-in, outside the history."""
    here = (people.c.organization == organization) & (people.c.id == person)
    connection.execute(update(people).where(here).values(signed_in=at))


def mark_unconfirmed(write: Write, ids: Sequence[str]) -> None:
    """Mark people as let in from the log. Their provider may not know that it must remove them."""
    for start in range(0, len(ids), MOST_IDS):
        here = (people.c.organization == write.organization) & people.c.id.in_(ids[start : start + MOST_IDS])
        write.connection.execute(update(people).where(here).values(unconfirmed=write.at))
