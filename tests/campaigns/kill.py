"""Processes are killed under load: acknowledged changes are stored, and stored rows are complete."""

import os
import random
import signal
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import pairwise
from typing import Final

import psycopg

from tests.campaigns import checks
from tests.campaigns.load import LAST, NO_ANSWER, Crew, Record, Request, create, share
from tests.campaigns.stage import Result, Stage, kill, log
from tests.support.servers.running import Organization

CLIENTS: Final = 16
GAP_SECONDS: Final = 2.0
KINDS: Final = {
    "sqlite": ("worker", "group", "worker", "master"),
    "postgresql": ("worker", "group", "backend terminated", "worker", "master", "backend killed"),
}
"""The processes to kill, in turn."""
ALLOWED: Final = {
    HTTPStatus.CREATED,
    HTTPStatus.NO_CONTENT,
    HTTPStatus.SERVICE_UNAVAILABLE,
    NO_ANSWER,
}


@dataclass
class Round:
    """One fault.

    Attributes:
        at: the moment it hit.
        records: everything sent in the round.
    """

    kind: str
    at: float
    records: list[Record] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def silence(self, clients: Collection[int]) -> float:
        """The longest time from the fault on in which none of these clients had a good answer."""
        mine = [one.answered for one in self.records if one.client in clients and one.answered > self.at]
        good = {one.answered for one in self.records if one.client in clients and 0 < one.status < 400}
        moments = [self.at, *(moment for moment in mine if moment in good), max(mine, default=self.at)]
        return max((after - before for before, after in pairwise(moments)), default=0.0)

    def gap(self) -> float:
        """The longest time that any single client had to wait."""
        return max((self.silence({client}) for client in {one.client for one in self.records}), default=0.0)


def run(
    stage: Stage,
    crew: Crew,
    size: int,
    rounds: int,
    seed: int,
    kinds: Sequence[str] | None = None,
    *,
    within: float = GAP_SECONDS,
) -> Result:
    """`rounds` faults, each while at most `size` people are created and some deleted again.

    Args:
        kinds: what is killed, in turn; all that the database has if None.
        within: seconds in which the other worker serves every client, and in which a killed server has ended.
    """
    chance = random.Random(seed)
    organization = stage.server.organization(overflow="queue", standard=200)
    kinds = KINDS[stage.dialect] if kinds is None else kinds
    done: list[Round] = []
    for number in range(rounds):
        kind = kinds[number % len(kinds)]
        one = hit(stage, crew, organization, kind, requests(number, size, chance), chance, within)
        verify(stage, crew, organization, one, [record for past in done for record in past.records])
        if kind == "worker" and one.gap() > within:
            one.faults.append(f"after a worker's end a client had no good answer for {one.gap():.1f} s")
        done.append(one)
        log(f"round {number + 1} of {rounds}: {describe(one)}")
    every = [record for one in done for record in one.records]
    books, faults = stage.recount(organization)
    result = Result(faults=[fault for one in done for fault in one.faults] + faults)
    result.faults += [*readable(crew, organization, every), *checks.promoted_in_order(books.events)]
    uncertain = {one.name for one in every if one.status == HTTPStatus.SERVICE_UNAVAILABLE}
    result.figures = {
        "rounds": [describe(one) for one in done],
        "answers": checks.statuses(every),
        "acknowledged_creates": sum(one.status == HTTPStatus.CREATED for one in every),
        "there_though_answered_503": sum(person.name in uncertain for person in books.people),
        "worst_gap_seconds": {
            kind: max((round(one.gap(), 3) for one in done if one.kind == kind), default=None)
            for kind in kinds
        },
    }
    return result


def requests(number: int, size: int, chance: random.Random) -> list[Sequence[Request]]:
    """Creates, and after one in eight the deletion of that person, so that seats move on, too."""
    dealt = share([create(f"round{number}x{one}@example.com") for one in range(size)], CLIENTS)
    delete = Request("DELETE", f"/Users/{LAST}")
    return [
        [step for one in mine for step in ((one, delete) if chance.random() < 0.125 else (one,))]
        for mine in dealt
    ]


def hit(
    stage: Stage,
    crew: Crew,
    organization: Organization,
    kind: str,
    load: list[Sequence[Request]],
    chance: random.Random,
    within: float,
) -> Round:
    """Run the load, cause the fault, wait for the recovery, and continue the load for a moment."""
    crew.begin(organization, load)
    time.sleep(chance.uniform(0.2, 1.5))
    workers, master = stage.workers(), stage.server.process.pid
    one = Round(kind, time.monotonic())
    if kind == "worker":
        kill(chance.choice(workers))
    elif kind == "group":
        os.killpg(master, signal.SIGKILL)
    elif kind == "master":
        kill(master)
    else:
        _end_backend(stage, kind)
    if kind in ("group", "master"):
        stage.server.process.wait(10)
        if stage.wait_until_gone(workers, within) is None:
            one.faults.append(f"{kind}: workers or the port were still there after {within} s")
            stage.wait_until_gone(workers, 30)
        stage.up()
    stage.wait_until_healthy()
    time.sleep(1.0)
    one.records = crew.finish(stop=True)
    return one


def _end_backend(stage: Stage, kind: str) -> None:
    backend = stage.backend()
    if kind == "backend killed":
        kill(backend)
        return
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (backend,))


def verify(
    stage: Stage,
    crew: Crew,
    organization: Organization,
    one: Round,
    before: Sequence[Record],
    allowed: Collection[int] = ALLOWED,
) -> None:
    """Recount, and read every acknowledged person of the round.

    Args:
        allowed: the answers that a client may get.
    """
    books, faults = stage.recount(organization)
    one.faults += [*faults, *stage.db_check(), *checks.kept([*before, *one.records], books)]
    one.faults += readable(crew, organization, one.records)
    one.faults += [
        f"{record.method} {record.name} was answered {record.status}"
        for record in one.records
        if record.status not in allowed
    ]


def readable(crew: Crew, organization: Organization, records: Sequence[Record]) -> list[str]:
    """By GET: acknowledged people are found, and people whose deletion was acknowledged are not."""
    deletions = {one.path.rpartition("/")[2]: one.status for one in records if one.method == "DELETE"}
    expected: dict[str, int] = {
        one.id: HTTPStatus.OK if one.id not in deletions else HTTPStatus.NOT_FOUND
        for one in records
        if one.method == "POST" and one.status == HTTPStatus.CREATED and one.id is not None
        if deletions.get(one.id, HTTPStatus.NO_CONTENT) == HTTPStatus.NO_CONTENT
    }
    found = crew.run(
        organization, share([Request("GET", f"/Users/{person}", person) for person in expected], CLIENTS)
    )
    wrong = [one for one in found if one.status != expected[one.name]]
    missing = len(expected) - len(found)
    faults = [f"GET {one.path} is {one.status} instead of {expected[one.name]}" for one in wrong]
    return [*faults, f"{missing} people were not read"] if missing else faults


def describe(one: Round) -> dict[str, object]:
    """A round in a line."""
    return {
        "killed": one.kind,
        "answers": checks.statuses(one.records),
        "nobody_served_seconds": round(one.silence(range(CLIENTS)), 3),
        "one_client_not_served_seconds": round(one.gap(), 3),
        "faults": len(one.faults),
    }
