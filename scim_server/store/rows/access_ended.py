"""Whether the vendor's app has ended the access of people who were deprovisioned."""

from sqlalchemy import ColumnElement, and_, exists, false, func, insert, select

from scim_server.history import PersonDeprovisioned
from scim_server.store.database.session import Read, Write
from scim_server.store.tables import access_ended, events, people


def last_end(read: Read, person: str) -> int | None:
    """The number of the last event that ended a person's access; None if there is none."""
    query = select(func.max(events.c.sequence)).where(
        events.c.organization == read.organization,
        events.c.person == person,
        events.c.type == PersonDeprovisioned.type,
    )
    return read.connection.execute(query).scalar()


def acknowledged(read: Read, sequence: int) -> str | None:
    """When the app acknowledged an event; None if it has not."""
    query = select(access_ended.c.at).where(
        access_ended.c.organization == read.organization, access_ended.c.sequence == sequence
    )
    return read.connection.execute(query).scalar()


def acknowledge(write: Write, person: str, sequence: int) -> None:
    """Record that the app has ended the access of a person after an event."""
    row = {"organization": write.organization, "person": person, "sequence": sequence, "at": write.at}
    write.connection.execute(insert(access_ended).values(row))


def first(read: Read) -> int | None:
    """The first event that the app acknowledged; None if it never did, as apps without this feature."""
    query = select(func.min(access_ended.c.sequence)).where(access_ended.c.organization == read.organization)
    return read.connection.execute(query).scalar()


def may_be_open(since: int | None, until: str) -> ColumnElement[bool]:
    """The condition on people whose access the app has not ended.

    Args:
        since: the first event that the app ever acknowledged; None if there is none.
        until: the time before which their access must have ended here.
    """
    if since is None:
        return false()
    later = events.alias("later_end")
    return ~people.c.active & exists().where(
        events.c.organization == people.c.organization,
        events.c.person == people.c.id,
        events.c.type == PersonDeprovisioned.type,
        events.c.sequence > since,
        events.c.at < until,
        ~exists().where(
            access_ended.c.organization == events.c.organization,
            access_ended.c.sequence == events.c.sequence,
        ),
        ~exists().where(
            later.c.organization == events.c.organization,
            later.c.person == events.c.person,
            later.c.type == events.c.type,
            later.c.sequence > events.c.sequence,
        ),
    )


def count_open(read: Read, until: str) -> int:
    """How many people there are whose access the app has not ended."""
    since = first(read)
    if since is None:
        return 0
    here = and_(people.c.organization == read.organization, may_be_open(since, until))
    return int(read.connection.execute(select(func.count()).select_from(people).where(here)).scalar_one())
