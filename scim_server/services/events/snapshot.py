"""Everything that an organization has, as of one event, so that a copy can begin with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import Final

from scim_server.services.context import Context
from scim_server.services.events import cursors
from scim_server.store.database import clock
from scim_server.store.database.session import Read, timestamp
from scim_server.store.rows import feed, organizations, seats, snapshot
from scim_server.store.rows.groups import StoredGroup
from scim_server.store.rows.people import Person
from scim_server.store.rows.snapshot import Pair
from seat_policy.availability import TierSeats

LISTED: Final = 1_000
"""How many members of a group one part lists at most."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The state that the snapshot shows.

    Attributes:
        organization: the slug.
        number: the number of the last event whose effect the snapshot contains.
        cursor: continues with the event after it.
        at: when the snapshot was taken.
    """

    organization: str
    number: int
    cursor: str
    at: str


@dataclass(frozen=True, slots=True)
class MembersOf:
    """Some members of a group, as ids. A large group has several such parts."""

    group: str
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Closing:
    """The numbers of parts, which show that the snapshot is complete."""

    total_people: int
    total_groups: int
    total_members: int


Part = Opening | TierSeats | Person | StoredGroup | MembersOf | Closing


def take(context: Context) -> Iterator[Part]:
    """The parts of a snapshot: the opening, the seats, people, groups, members, and the closing.

    All parts are read in one transaction, so they show one state. A thousand rows are in memory at a time.
    The transaction lasts as long as the caller reads.
    """
    with context.read() as read:
        number = clock.read(read.connection, read.organization).sequence
        place = feed.place_in(read.connection, read.organization, number)
        cursor = cursors.seal(read.organization, number, place)
        at = timestamp(context.database.now())
        yield Opening(organizations.get(read).slug, number, cursor, at)
        yield from reversed(seats.availability(read).tiers)
        yield from _directory(read)


def _directory(read: Read) -> Iterator[Part]:
    people, groups, members = 0, 0, 0
    for person in snapshot.every_person(read):
        people += 1
        yield person
    for group in snapshot.every_group(read):
        groups += 1
        yield group
    for part in _members(read):
        members += len(part.people) + len(part.groups)
        yield part
    yield Closing(people, groups, members)


def _members(read: Read) -> Iterator[MembersOf]:
    for group, ids in _listed(snapshot.every_membership(read)):
        yield MembersOf(group, people=ids)
    for group, ids in _listed(snapshot.every_subgroup(read)):
        yield MembersOf(group, groups=ids)


def _listed(pairs: Iterator[Pair]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The members of each group, in parts."""
    for group, of_group in groupby(pairs, key=itemgetter(0)):
        while ids := tuple(member for _, member in islice(of_group, LISTED)):
            yield group, ids
