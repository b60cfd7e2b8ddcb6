"""The seat counters of a locked organization. They are read once, changed in memory, and written once.

They are written as differences (`assigned + 1`), so the CHECK of `seat_pool` still decides. Even if this
process has wrong numbers, the database refuses to oversell.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import bindparam, update

from scim_server.store.database.compiled import Compiled, Row, Values
from scim_server.store.tables import seat_pool


@dataclass(frozen=True, slots=True)
class TierCounters:
    """A row of `seat_pool`.

    Attributes:
        overflow: the tier's own policy; None means the organization's policy.
        ceiling: how many seats may be bought for new people in one term; `automatic` is how many were bought.
        alerted: the alerts that were sent about the tier.
    """

    tier: str
    rank: int
    purchased: int
    assigned: int
    held: int
    waiting: int
    overflow: str | None
    ceiling: int | None
    automatic: int
    alerted: int


COLUMNS: Final = tuple(seat_pool.c[name] for name in TierCounters.__dataclass_fields__)
"""The columns that are read for each tier."""
_COUNTED: Final = ("purchased", "assigned", "held", "waiting")
MOVE: Final = Compiled(
    update(seat_pool)
    .where(seat_pool.c.organization == bindparam("org"), seat_pool.c.tier == bindparam("name"))
    .values({name: seat_pool.c[name] + bindparam(f"more_{name}") for name in _COUNTED})
)
"""Writes one change of a pool."""


@dataclass(slots=True)
class Pool:
    """All tiers of an organization.

    Attributes:
        tiers: the counters with all changes.
        before: the stored counters of the tiers that were changed.
    """

    tiers: dict[str, TierCounters]
    before: dict[str, TierCounters] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: list[Row]) -> "Pool":
        """Make a pool from rows of `COLUMNS`."""
        return cls({row[0]: TierCounters(*row) for row in rows})

    def copy(self) -> "Pool":
        """A copy of the counters, which is used again if a unit of work fails."""
        return Pool(dict(self.tiers), dict(self.before))

    def move(self, tier: str, purchased: int, assigned: int, held: int, waiting: int) -> TierCounters | None:
        """Change a tier's counters; return the new counters, or None if there is no such tier."""
        now = self.tiers.get(tier)
        if now is None:
            return None
        self.before.setdefault(tier, now)
        moved = self.tiers[tier] = replace(
            now,
            purchased=now.purchased + purchased,
            assigned=now.assigned + assigned,
            held=now.held + held,
            waiting=now.waiting + waiting,
        )
        return moved

    def changes(self) -> list[Values]:
        """The changes to write, one for each changed tier. They are then treated as written."""
        found: list[Values] = []
        for name, before in self.before.items():
            now = self.tiers[name]
            more = {f"more_{one}": getattr(now, one) - getattr(before, one) for one in _COUNTED}
            if any(more.values()):
                found.append({"name": name, **more})
        self.before.clear()
        return found
