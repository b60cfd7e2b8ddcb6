"""Processes write in several organizations, while readers follow the feed and its writers are killed."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Final
from uuid import uuid4

from sqlalchemy import create_engine, text

from scim_server.history import CATALOGUE
from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.events import commands, queries
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import commands as people
from scim_server.services.people import provision
from scim_server.services.people.provision import Saved
from scim_server.store.database.engines import database_url
from scim_server.store.database.session import OPERATOR, Database, Write
from scim_server.store.rows import organizations as rows
from seat_policy.overflow import Overflow
from tests.campaigns.stage import Result, Stage, kill
from tests.support.builders.organization import PROVIDER, described
from tests.support.servers import forking

PROCESSES: Final = 16
ORGANIZATIONS: Final = 20
READERS: Final = 2
PATIENCE: Final = 600
EVERY_TYPE: Final = tuple(CATALOGUE)
LONG: Final = 0.02
"""Seconds for which a long write holds its lock, so that later ones of other organizations commit first."""

Place = tuple[str, int]
"""The id of an organization, and the number of an event."""


@dataclass(frozen=True)
class Shift:
    """The part of one process: so many acts in these organizations.

    Attributes:
        name: how the slugs of all organizations of the campaign begin.
    """

    number: int
    url: str
    name: str
    organizations: tuple[str, ...]
    acts: int
    seed: str


def run(
    where: Stage,
    acts: int,
    kills: int,
    seed: int,
    *,
    processes: int = PROCESSES,
    organizations: int = ORGANIZATIONS,
) -> Result:
    """Let every process do its acts, and compare what the readers got with the tables."""
    database, result, name = due.opened(where.database_url), Result(), f"feed-{uuid4().hex[:8]}-"
    try:
        begin = queries.end_of_all(database)
        ids = tuple(_new(database, name) for _ in range(organizations))
        shifts = [
            Shift(number, where.database_url, name, ids, acts, f"{seed}/{number}")
            for number in range(processes)
        ]
        with _followed(database, begin, name) as readers, forking.context().Pool(processes) as pool:
            working = pool.map_async(work, shifts, chunksize=1)
            result.figures["kills"] = _disturb(where.database_url, working.ready, kills, seed)
            result.figures["acts"] = sum(working.get(PATIENCE))
    finally:
        database.close()
    there = stored(where.database_url, name)
    result.figures |= {"events": len(there), "organizations": len({place[0] for place in there})}
    for number, reader in enumerate(readers):
        result.faults += [f"reader {number}: {fault}" for fault in faults(reader.places, there)]
    return result


def work(shift: Shift) -> int:
    """Do the acts of one process; the seed determines them."""
    database, dice = due.opened(shift.url, pool_size=2), random.Random(shift.seed)
    places = list(shift.organizations)
    mine: list[tuple[str, str]] = []
    try:
        for number in range(shift.acts):
            act, name = dice.random(), f"p{shift.number}n{number}-{uuid4().hex[:6]}@example.com"
            if act < 0.04:
                places.append(_new(database, shift.name))
            elif act < 0.2 and mine:
                organization, person = mine.pop(dice.randrange(len(mine)))
                people.delete(Context(database, organization, PROVIDER), person)
            else:
                organization = dice.choice(places)
                wait = LONG if act > 0.9 else 0.0
                mine.append((organization, _create(database, organization, name, wait)))
    finally:
        database.close()
    return shift.acts


def _new(database: Database, name: str) -> str:
    new = NewOrganization(f"{name}{uuid4().hex}", {"standard": 20}, overflow=Overflow.QUEUE)
    return organizations.create(database, OPERATOR, new).organization.id


def _create(database: Database, organization: str, name: str, wait: float) -> str:
    """Create a person; the write goes on for a while after it has appended its event."""

    def creating(write: Write) -> str:
        made = provision.create(write, rows.get(write), described(name, "Artist"))
        assert isinstance(made, Saved)
        time.sleep(wait)
        return made.person.id

    return database.write(organization, PROVIDER, creating)


@dataclass
class Reader:
    """Follows the feed in a thread, in steps of different lengths.

    Attributes:
        begin: the cursor at which the reader begins.
        name: how the slugs of the organizations begin whose events are noted.
    """

    database: Database
    number: int
    begin: str
    name: str
    places: list[Place] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def finish(self) -> None:
        """Return when everything that is committed now was read."""
        self._stop.set()
        assert self._thread is not None
        self._thread.join(PATIENCE)

    def _follow(self) -> None:
        cursor, dice = self.begin, random.Random(self.number)
        while True:
            last = self._stop.is_set()
            found = queries.after_of_all(
                self.database, cursor, types=EVERY_TYPE, limit=dice.choice((1, 7, 50, 200))
            )
            cursor = found.cursor
            self.places += [
                (one.organization, one.sequence) for one in found.data if one.slug.startswith(self.name)
            ]
            if last and not found.more and not found.data:
                return


@contextmanager
def _followed(database: Database, begin: str, name: str) -> Iterator[list[Reader]]:
    readers = [Reader(database, number, begin, name) for number in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        yield readers
    finally:
        for reader in readers:
            reader.finish()


def _disturb(url: str, done: Callable[[], bool], kills: int, seed: int) -> int:
    """Let a process extend the feed, and kill it at seeded moments, until the work is done."""
    dice, killed = random.Random(seed), 0
    while not done():
        extending = _extending(url)
        time.sleep(dice.uniform(0.05, 0.5))
        if killed < kills and extending.pid is not None:
            kill(extending.pid)
            killed += 1
        else:
            extending.terminate()
        extending.join(PATIENCE)
    return killed


def _extending(url: str) -> BaseProcess:
    process = forking.context().Process(target=extend_forever, args=(url,), daemon=True)
    process.start()
    return process


def extend_forever(url: str) -> None:
    """Do what a worker does, without a pause."""
    database = due.opened(url, pool_size=1)
    while True:
        commands.extend(database)


def stored(url: str, name: str) -> list[Place]:
    """All events of the organizations whose slugs begin with a name, read without the program."""
    query = (
        "SELECT e.organization, e.sequence FROM events e JOIN organizations o ON o.id = e.organization "
        "WHERE o.slug LIKE :name ORDER BY 1, 2"
    )
    engine = create_engine(database_url(url))
    with engine.connect() as connection:
        rows = connection.execute(text(query), {"name": f"{name}%"}).all()
    engine.dispose()
    return [(organization, int(sequence)) for organization, sequence in rows]


def faults(read: Sequence[Place], there: Sequence[Place]) -> list[str]:
    """Events that a reader missed, read twice, or read in another order than that of the organization."""
    found = []
    by_organization: dict[str, list[int]] = {}
    for organization, sequence in read:
        by_organization.setdefault(organization, []).append(sequence)
    expected: dict[str, list[int]] = {}
    for organization, sequence in there:
        expected.setdefault(organization, []).append(sequence)
    for organization in expected.keys() | by_organization.keys():
        got, want = by_organization.get(organization, []), expected.get(organization, [])
        if got != want:
            missed, twice = sorted(set(want) - set(got)), len(got) - len(set(got))
            found.append(
                f"{organization}: {len(want)} events, missed {missed[:5]}, {twice} twice, {got[:20]}"
            )
    return found
