"""The organization's clock is one row. It is the lock of the organization, and its number orders the history.

The row also contains whether seats are assigned now, and when the next change is due.
"""

from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from scim_server.store.database.compiled import Compiled
from scim_server.store.tables import organization_clock as clock
from scim_server.store.tables import unfed
from seat_policy.admission import Reason


@dataclass(slots=True)
class Clock:
    """The columns of the row, while this transaction has locked it.

    Attributes:
        sequence: the number of the last event of the organization.
        people: the number of people.
        groups: the number of groups.
        waiting_any: how many people wait for a seat of any tier.
        asking: how many requests for seats are open.
        opens: when the contract begins; None without a contract.
        closes: when the current term ends; None without a contract.
        suspended: when the operator suspended the organization; None if it is not suspended.
        due: when the next change is due: a contract begins, a term ends, or an invitation
            expires. A write at or after that time applies it first (SEATS 36).
        refused: when a person was last left out without a seat.
    """

    sequence: int = 0
    people: int = 0
    groups: int = 0
    waiting_any: int = 0
    asking: int = 0
    opens: str | None = None
    closes: str | None = None
    suspended: str | None = None
    due: str | None = None
    refused: str | None = None

    def is_due(self, at: str) -> bool:
        """Whether a change is due that was not applied yet."""
        return self.due is not None and self.due <= at

    def standstill(self, at: str) -> Reason | None:
        """Why no seats are assigned at this time; None if seats are assigned (SEATS 10)."""
        if self.suspended is not None:
            return Reason.SUSPENDED
        if self.opens is not None and at < self.opens:
            return Reason.CONTRACT_INACTIVE
        if self.closes is not None and at >= self.closes:
            return Reason.CONTRACT_INACTIVE
        return None


_FIELDS: Final = tuple(Clock.__dataclass_fields__)
_QUERY: Final = select(*(clock.c[name] for name in _FIELDS)).where(clock.c.organization == bindparam("org"))
_READ: Final = Compiled(_QUERY)
# SQLite has no such clause and does not need one, because its transaction began with BEGIN IMMEDIATE.
_TAKE: Final = Compiled(_QUERY.with_for_update(key_share=True))
SETTLE: Final = Compiled(
    update(clock)
    .where(clock.c.organization == bindparam("org"))
    .values({name: bindparam(f"new_{name}") for name in _FIELDS})
)
"""Writes the present end of the history."""
MARK: Final = Compiled(
    insert(unfed).values(organization=bindparam("org"), sequence=bindparam("new_sequence"))
)
"""Marks the organization for the feed, which gets the new events after the commit (decision 47)."""


def found(connection: Connection, organization: str) -> None:
    """Insert the row of a new organization."""
    connection.execute(insert(clock).values(asdict(Clock()) | {"organization": organization}))


def read(connection: Connection, organization: str) -> Clock:
    """Read the row of the organization without locking it."""
    row = _READ.first(connection, {"org": organization})
    if row is None:
        raise LookupError(f"no organization has the id {organization}")
    return Clock(*row)


def due(connection: Connection, at: str) -> list[str]:
    """The organizations with a due change that was not applied yet."""
    return list(connection.execute(select(clock.c.organization).where(clock.c.due <= at)).scalars())


def take(connection: Connection, organization: str) -> Clock | None:
    """Lock the organization before any other read; None if it does not exist.

    Later statements of the transaction see the changes of the last writer.
    """
    row = _TAKE.first(connection, {"org": organization})
    return None if row is None else Clock(*row)


def settling(organization: str, now: Clock) -> dict[str, object]:
    """The values of `SETTLE`."""
    return {"org": organization, **{f"new_{name}": getattr(now, name) for name in _FIELDS}}
