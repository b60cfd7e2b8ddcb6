"""What each provider did lately, in numbers. Events and refusals name its token as the actor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, union_all

from scim_server.history import PersonCreated, PersonProvisioned, PersonQueued
from scim_server.store.database.session import Read, timestamp
from scim_server.store.rows import usage
from scim_server.store.tables import events, refusals
from seat_policy.ways_in import WayIn

_CAME: Final = (PersonCreated.type, PersonProvisioned.type, PersonQueued.type)


@dataclass(frozen=True, slots=True)
class Refused:
    """The people whom a token sent lately and who are still refused.

    Attributes:
        first_attempt, last_attempt: the first and the last attempt for any of them.
        attempts: the attempts for the person who was sent most often.
    """

    people: int
    first_attempt: str
    last_attempt: str
    attempts: int


def came(read: Read, since: datetime) -> dict[str, int]:
    """How many people became members by each token since a time, or became active again."""
    query = (
        select(events.c.actor, func.count().label("people"))
        .where(
            events.c.organization == read.organization,
            events.c.type.in_(_CAME),
            events.c.sequence > usage.mark_before(read, since),
            events.c.at >= timestamp(since),
            events.c.way_in == WayIn.SCIM,
        )
        .group_by(events.c.actor)
    )
    return {row.actor: row.people for row in read.connection.execute(query)}


def refused_lately(read: Read, since: datetime) -> dict[str, int]:
    """How many people each token sent since a time and who were refused, also those who are in by now.

    A refusal that began before and ended since is not counted.
    """
    here = (
        (refusals.c.organization == read.organization)
        & (refusals.c.last_attempt >= timestamp(since))
        & (refusals.c.way_in == WayIn.SCIM)
    )
    # Each part reads its own index.
    still = select(refusals.c.actor).where(here, refusals.c.closed.is_(None))
    over = select(refusals.c.actor).where(
        here, refusals.c.closed.is_not(None), refusals.c.sequence > usage.mark_before(read, since)
    )
    both = union_all(still, over).subquery()
    query = select(both.c.actor, func.count().label("people")).group_by(both.c.actor)
    return {row.actor: row.people for row in read.connection.execute(query)}


def refused(read: Read, since: datetime) -> dict[str, Refused]:
    """The open refusals of each token with an attempt since a time."""
    query = (
        select(
            refusals.c.actor,
            func.count(),
            func.min(refusals.c.first_attempt),
            func.max(refusals.c.last_attempt),
            func.max(refusals.c.attempts),
        )
        .where(
            refusals.c.organization == read.organization,
            refusals.c.closed.is_(None),
            refusals.c.last_attempt >= timestamp(since),
            refusals.c.way_in == WayIn.SCIM,
        )
        .group_by(refusals.c.actor)
    )
    return {actor: Refused(*values) for actor, *values in read.connection.execute(query)}
