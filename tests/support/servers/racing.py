"""Several processes that send requests to one organization at the same moment, each from many threads."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.pool import Pool
from multiprocessing.synchronize import Barrier

from scim_server.protocol.errors import Uniqueness
from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.people import commands as people
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import Actor, Database
from seat_policy.ways_in import WayIn
from tests.support.builders.organization import described
from tests.support.servers import forking

PROCESSES = 4
PATIENCE = 60

_here: dict[str, object] = {}


@dataclass(frozen=True)
class Answer:
    """The answer to one create; `sent` and `answered` use one clock for all processes."""

    name: str
    outcome: str
    sent: float
    answered: float


@dataclass(frozen=True)
class Processes:
    """Processes with a database each, which all begin a race at the same moment."""

    pool: Pool

    def create(self, organization: str, names: Sequence[str]) -> list[Answer]:
        """Create all these people at once; the answers of every process, in no order."""
        shares = [(organization, names[start::PROCESSES]) for start in range(PROCESSES)]
        answers = self.pool.map_async(_run, shares, chunksize=1).get(PATIENCE)
        return [answer for share in answers for answer in share]


@contextmanager
def processes(url: str) -> Iterator[Processes]:
    """Start them on one database; they end with the block."""
    forked = forking.context()
    barrier = forked.Barrier(PROCESSES)
    with forked.Pool(PROCESSES, initializer=_open, initargs=(url, barrier)) as pool:
        yield Processes(pool)
        pool.close()
        pool.join()


def _open(url: str, barrier: Barrier) -> None:
    _here.update(database=due.opened(url), barrier=barrier)


def _run(share: tuple[str, Sequence[str]]) -> list[Answer]:
    """Run the part of one process. All processes wait until each has its part, so that none takes two."""
    organization, names = share
    database, barrier = _here["database"], _here["barrier"]
    assert isinstance(database, Database)
    assert isinstance(barrier, Barrier)
    with ThreadPoolExecutor(len(names)) as threads:
        barrier.wait(PATIENCE)
        return list(threads.map(lambda name: _create(database, organization, name), names))


def _create(database: Database, organization: str, name: str) -> Answer:
    sent = time.monotonic()
    try:
        answer = people.create(
            Context(database, organization, Actor("okta", WayIn.SCIM)), described(name, "Artist")
        )
        outcome = "refused" if isinstance(answer, Refused) else answer.person.status
    except Uniqueness:
        outcome = "taken"
    return Answer(name, outcome, sent, time.monotonic())
