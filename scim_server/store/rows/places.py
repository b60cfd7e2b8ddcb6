"""Places in the queue, counted among the people who may get the same seats."""

from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from scim_server.store.database.session import Read
from scim_server.store.rows.people import COLUMNS, Person, person_of
from scim_server.store.tables import people
from seat_policy.contract import ANY

MOST_NAMED: Final = 50
"""How many people a list of passed people has at most."""


def of(read: Read, person: Person) -> int:
    """The place of a waiting person; 1 is served first."""
    query = select(func.count()).where(_rivals(read, person), _before(person))
    return int(read.connection.execute(query).scalar_one()) + 1


def between(read: Read, one: Person, other: Person) -> list[Person]:
    """The first people whose places are between two places of the same person, in the order of the queue."""
    first, last = sorted((one, other), key=lambda person: person.priority)
    query = (
        select(*COLUMNS)
        .where(_rivals(read, one), ~_before(first), _before(last), people.c.id != one.id)
        .order_by(people.c.priority, people.c.arrival)
        .limit(MOST_NAMED)
    )
    return [person_of(row) for row in read.connection.execute(query)]


def _rivals(read: Read, person: Person) -> ColumnElement[bool]:
    """The people who wait for a seat that the person would also take."""
    same = true() if person.wants == ANY else people.c.wants.in_((str(person.wants), ANY))
    return and_(people.c.organization == read.organization, people.c.wants.is_not(None), same)


def _before(person: Person) -> ColumnElement[bool]:
    return or_(
        people.c.priority < person.priority,
        and_(people.c.priority == person.priority, people.c.arrival < person.arrival),
    )
