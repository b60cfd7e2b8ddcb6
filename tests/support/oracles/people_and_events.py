"""The seats of people after a change, and the last events of the history."""

from sqlalchemy import select

from scim_server.store.rows import events
from scim_server.store.tables import events as table
from tests.support.builders.organization import Organization


def where(organization: Organization, *names: str) -> list[tuple[str, str | None, str | None]]:
    """Status with the tier, the awaited tier, and the reason for having neither."""
    people = [organization.person(name) for name in names]
    return [
        (f"{one.status} {one.tier}" if one.tier else one.status, one.wants, one.unseated) for one in people
    ]


def last_events(organization: Organization, count: int) -> list[tuple[str, object, str | None, object]]:
    """Type, person, reason, and the change of seats in use by tier."""
    with organization.database.read(organization.id) as read:
        entries = events.log(read, limit=count)
    return [
        (
            one.type,
            one.user_name,
            one.reason,
            {tier: assigned for tier, (_, assigned, _) in one.seats.items()},
        )
        for one in reversed(entries)
    ]


def payload(organization: Organization, event: str) -> object:
    """For the last event of that type."""
    query = select(table.c.payload).where(table.c.organization == organization.id, table.c.type == event)
    with organization.database.reader.connect() as connection:
        return connection.execute(query.order_by(table.c.sequence.desc())).scalars().first()
