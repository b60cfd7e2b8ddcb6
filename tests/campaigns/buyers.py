"""Buyers in separate processes, which call the services as an admin interface does, and record it."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing.pool import AsyncResult, Pool
from multiprocessing.synchronize import Barrier
from typing import Any, Final

from scim_server.services.billing import commands, due
from scim_server.services.billing.purchases import Purchase
from scim_server.services.confirmations import Done, Stale
from scim_server.services.context import Context
from scim_server.services.errors import KeyReused, ServiceError
from scim_server.services.organizations import queries as organization_queries
from scim_server.store.database.session import Actor
from seat_policy.ways_in import WayIn
from tests.campaigns import books
from tests.campaigns.sales import Basket, Sale, billed
from tests.support.servers import forking

PROCESSES: Final = 3
STEP_SECONDS: Final = 0.2
"""Pause between two keys that all processes send at the same time."""
MOST_PAUSE_SECONDS: Final = 0.1
"""Between two orders: with more of them than of people, nobody would wait for a seat."""
PATIENCE: Final = 90
BUYER: Final = Actor("buyer", WayIn.CLI)
PEOPLE: Final = {
    "waiting": "p.wants IS NOT NULL ORDER BY p.arrival LIMIT 8",
    "seated": "p.tier = 'standard' ORDER BY p.sequence DESC LIMIT 8",
}

_here: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Shift:
    """The task of one process: buy in these organizations during a period."""

    number: int
    slugs: tuple[str, ...]
    begin: float
    end: float
    seed: str


def _shop(shift: Shift) -> list[Sale]:
    """Run the part of one process. All wait for each other, so that no process takes two parts."""
    database = _here["database"]
    ids = {slug: organization_queries.find(database, slug).id for slug in shift.slugs}
    _here["barrier"].wait(PATIENCE)
    with ThreadPoolExecutor(2) as threads:
        parts = [threads.submit(part, shift, ids) for part in (_in_step, _at_will)]
        return [sale for part in parts for sale in part.result()]


def _in_step(shift: Shift, ids: Mapping[str, str]) -> list[Sale]:
    """All processes send the same order with the same key at the same moment; some send another."""
    sales: list[Sale] = []
    for step in count():
        chance = random.Random(f"{shift.seed}/{step}")
        key, slug = f"{shift.seed}/{step}", chance.choice(shift.slugs)
        agreed, other = basket(chance), basket(chance)
        if not _wait(shift, shift.begin + step * STEP_SECONDS):
            return sales
        mine = other if step % 4 == 0 and shift.number == step // 4 % PROCESSES else agreed
        sales.append(_buy(ids, slug, mine, key))
        if step % 3 == 0 and shift.number == step // 3 % PROCESSES:
            sales.append(_buy(ids, slug, other, key))
    raise AssertionError("the count never ends")


def _wait(shift: Shift, moment: float) -> bool:
    """Wait until a moment, if it is still within the shift."""
    if moment < shift.end:
        time.sleep(max(moment - time.monotonic(), 0))
    return max(moment, time.monotonic()) < shift.end


def _at_will(shift: Shift, ids: Mapping[str, str]) -> list[Sale]:
    """Buy in each process alone: with and without a preview, for people, some days back."""
    sales: list[Sale] = []
    chance = random.Random(f"{shift.seed}/{shift.number}")
    _wait(shift, shift.begin)
    while time.monotonic() < shift.end:
        slug, wanted = chance.choice(shift.slugs), basket(chance)
        if chance.random() < 0.4:
            wanted = _for_people(slug, wanted, chance)
        elif chance.random() < 0.2:
            wanted = Basket(wanted.adds, wanted.upgrades, back=chance.randint(1, 31))
        if chance.random() < 0.5:
            sales.append(_confirmed(ids, slug, wanted, chance))
        else:
            sales.append(_buy(ids, slug, wanted, None))
        time.sleep(chance.uniform(0, MOST_PAUSE_SECONDS))
    return sales


def basket(chance: random.Random) -> Basket:
    """A random order."""
    kind, quantity = chance.random(), chance.choice((1, 1, 2, 3))
    adds = {chance.choice(("standard", "standard", "premium")): quantity} if kind < 0.75 else {}
    upgrades = ((chance.randint(1, 2), "standard", "premium"),) if kind > 0.6 else ()
    return Basket(adds, upgrades)


def _for_people(slug: str, wanted: Basket, chance: random.Random) -> Basket:
    """The same order for people who wait now, or whose seat will be upgraded."""
    if wanted.upgrades and not wanted.adds:
        who, most = "seated", sum(quantity for quantity, *_ in wanted.upgrades)
    else:
        # Without upgrades: a person seated in the meantime would move with the seat.
        wanted, who, most = Basket(wanted.adds), "waiting", sum(wanted.adds.values())
    with books.cursor(_here["database"].url) as one:
        one.execute(
            "SELECT p.user_name_key FROM people p JOIN organizations o ON o.id = p.organization "
            f"WHERE o.slug = '{slug}' AND {PEOPLE[who]}"
        )
        names = [row[0] for row in one.fetchall()]
    return Basket(wanted.adds, wanted.upgrades, tuple(chance.sample(names, min(most, len(names)))))


def _confirmed(ids: Mapping[str, str], slug: str, wanted: Basket, chance: random.Random) -> Sale:
    """Look at the preview for a while, then confirm that."""
    sent = time.monotonic()
    try:
        shown = commands.buy(_context(ids[slug]), wanted.request(None), preview=True)
    except ServiceError as error:
        return Sale(slug, wanted, None, "refused", str(error), sent=sent, answered=time.monotonic())
    except Exception as error:  # noqa: BLE001 - any exception is a fault
        return Sale(slug, wanted, None, "failed", repr(error), sent=sent, answered=time.monotonic())
    time.sleep(chance.choice((0, 0, 0.02)))
    assert isinstance(shown, Done)
    seen = shown.result
    seats = {tier.tier.name: tier.purchased for tier in seen.before.tiers}
    return replace(
        _buy(ids, slug, wanted, None, shown.confirmation),
        confirmed=True,
        shown=billed(seen.bill),
        seats=seats,
    )


def _context(organization: str) -> Context:
    return Context(_here["database"], organization, BUYER)


def _buy(
    ids: Mapping[str, str],
    slug: str,
    wanted: Basket,
    key: str | None,
    confirmation: str | None = None,
) -> Sale:
    sent = time.monotonic()
    done: Purchase | None = None
    outcome, said = "bought", ""
    try:
        answer = commands.buy(_context(ids[slug]), wanted.request(key), confirmation=confirmation)
        if isinstance(answer, Stale):
            outcome, said = "changed", answer.detail
        else:
            done = answer.result
    except KeyReused as error:
        outcome, said = "reused", str(error)
    except ServiceError as error:
        outcome, said = "refused", str(error)
    except Exception as error:  # noqa: BLE001 - any exception is a fault
        outcome, said = "failed", repr(error)
    return Sale(
        slug,
        wanted,
        key,
        "repeated" if done is not None and done.repeated else outcome,
        said,
        None if done is None or done.invoice is None else done.invoice.number,
        billed=None if done is None else billed(done.bill),
        placed=() if done is None else (*done.seated, *done.moved),
        sent=sent,
        answered=time.monotonic(),
    )


@dataclass(frozen=True)
class Buyers:
    """Processes with a database each."""

    pool: Pool

    def begin(
        self, slugs: Sequence[str], begin: float, end: float, seed: str
    ) -> "AsyncResult[list[list[Sale]]]":
        """Let all processes buy during a period; `finish` waits for them."""
        shifts = [Shift(number, tuple(slugs), begin, end, seed) for number in range(PROCESSES)]
        return self.pool.map_async(_shop, shifts, chunksize=1)


def _open(url: str, barrier: Barrier) -> None:
    _here.update(database=due.opened(url), barrier=barrier)


@contextmanager
def buyers(url: str) -> Iterator[Buyers]:
    """Start the processes for the block."""
    forked = forking.context()
    barrier = forked.Barrier(PROCESSES)
    with forked.Pool(PROCESSES, initializer=_open, initargs=(url, barrier)) as pool:
        yield Buyers(pool)
        pool.close()
        pool.join()
