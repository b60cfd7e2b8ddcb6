"""The organization's clock: one row whose update is the lock, and whose number orders its history."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, insert, update

from scim_server.store.tables import organization_clock as clock

_TAKE: Final = (
    update(clock)
    .where(clock.c.organization == bindparam("org"))
    .values(sequence=clock.c.sequence + 1)
    .returning(clock.c.sequence, clock.c.people, clock.c.groups, clock.c.waiting_any)
)
_SETTLE: Final = (
    update(clock)
    .where(clock.c.organization == bindparam("org"))
    .values(
        sequence=bindparam("last"),
        people=bindparam("people_now"),
        groups=bindparam("groups_now"),
        waiting_any=bindparam("waiting_now"),
    )
)


@dataclass(slots=True)
class Clock:
    """What the row says while this transaction holds it.

    Attributes:
        sequence: the number of the last event of the organization.
        people: how many people it has.
        groups: how many groups it has.
        waiting_any: how many people wait for a seat of any tier.
    """

    sequence: int
    people: int
    groups: int
    waiting_any: int


def found(connection: Connection, organization: str) -> Clock:
    """Begin the history of a new organization."""
    connection.execute(
        insert(clock).values(organization=organization, sequence=0, people=0, groups=0, waiting_any=0)
    )
    return Clock(0, 0, 0, 0)


def take(connection: Connection, organization: str) -> Clock | None:
    """Lock the organization by writing its row, before anything is read. None if it does not exist.

    The row moves on by one, because nearly every write has one event: `settle` then has nothing to do
    but for the counts. The returned sequence is the one before.
    """
    row = connection.execute(_TAKE, {"org": organization}).first()
    if row is None:
        return None
    return Clock(row.sequence - 1, row.people, row.groups, row.waiting_any)


def settle(connection: Connection, organization: str, before: Clock, now: Clock) -> None:
    """Write where the history stands now; a write without events gives its number back."""
    expected = Clock(before.sequence + 1, before.people, before.groups, before.waiting_any)
    if now == expected:
        return
    connection.execute(
        _SETTLE,
        {
            "org": organization,
            "last": now.sequence,
            "people_now": now.people,
            "groups_now": now.groups,
            "waiting_now": now.waiting_any,
        },
    )
