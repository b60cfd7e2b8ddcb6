"""Two servers on one PostgreSQL, behind haproxy and PgBouncer: each process is killed under load."""

import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.campaigns import checks
from tests.campaigns.kill import ALLOWED, CLIENTS, Round, describe, readable, requests, verify
from tests.campaigns.load import Crew, Record, Request
from tests.campaigns.stage import Result, Stage, kill, log, wait
from tests.support.servers import proxies
from tests.support.servers.proxies import Proxy
from tests.support.servers.running import Organization, free_port

KINDS: Final = ("node 1", "web worker", "node 2", "PgBouncer", "node frozen", "haproxy", "node drained")
"""The targets of the faults, in turn.

A frozen node is stopped in the middle of its work, and goes on later. A drained one is restarted without a
kill, as the operator's page says.
"""
ANSWERS: Final = {*ALLOWED, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}
AWAY_SECONDS: Final = 3.0
FROZEN_SECONDS: Final = 15.0
DRAIN_SECONDS: Final = 30.0
GAPS: Final = {
    "node 1": 2.0,
    "node 2": 2.0,
    "web worker": 2.0,
    # Counted from the moment when it runs again: no request can be served meanwhile.
    "PgBouncer": 3.0,
    "haproxy": 2.0,
    "node drained": 2.0,
    # The lock of the organization is free when PostgreSQL has ended the frozen transaction, after 10 s.
    "node frozen": 14.0,
}
"""The longest permitted time without any good answer after each fault."""
CLIENT_SECONDS: Final = 8.0
"""The additional time that a single client may be without a good answer."""


@dataclass
class House:
    """All processes in front of the database."""

    nodes: tuple[Stage, Stage]
    haproxy: Proxy
    pgbouncer: Proxy

    def served(self) -> list[int]:
        """The number of requests that each node has answered since its first start."""
        return [(node.folder / "stderr.txt").read_bytes().count(b'"/orgs/') for node in self.nodes]


@contextmanager
def house(stage: Stage) -> Iterator[House]:
    """Two servers on the database of a stage, whose own server is stopped; all end with the block."""
    stage.down()
    proxies.limit(stage.database_url)
    with ExitStack() as stack:
        pgbouncer, address = stack.enter_context(proxies.pgbouncer(stage.database_url))
        database = address + urlsplit(stage.database_url).path
        ports, front = (free_port(), free_port()), free_port()
        settings = {
            "SCIM_SEATS_PUBLIC_URL": f"http://127.0.0.1:{front}",
            "SCIM_SEATS_TRUSTED_PROXY": "true",
        }
        nodes = [
            Stage(database, _folder(stage, number), port, stage.database_url, settings)
            for number, port in enumerate(ports, start=1)
        ]
        for node in nodes:
            stack.callback(node.down)
            node.up()
        haproxy = stack.enter_context(proxies.haproxy(ports, front))
        yield House((nodes[0], nodes[1]), haproxy, pgbouncer)


def _folder(stage: Stage, number: int) -> Path:
    folder = stage.folder / f"node{number}"
    folder.mkdir(exist_ok=True)
    return folder


def run(stage: Stage, crew: Crew, size: int, rounds: int, seed: int, kinds: Sequence[str] = KINDS) -> Result:
    """`rounds` faults, each while at most `size` people are created and some deleted again.

    Args:
        kinds: what is killed, in turn.
    """
    chance = random.Random(seed)
    done: list[Round] = []
    with house(stage) as place:
        first = place.nodes[0]
        organization = first.server.organization(overflow="queue", standard=200)
        for number in range(rounds):
            kind = kinds[number % len(kinds)]
            one = hit(place, crew, organization, kind, requests(number, size, chance), chance)
            before = [record for past in done for record in past.records]
            verify(first, crew, organization, one, before, ANSWERS)
            one.faults += [*interrupted(one), *refused(one)]
            done.append(one)
            log(f"round {number + 1} of {rounds}: {describe(one)}")
        every = [record for one in done for record in one.records]
        books, faults = first.recount(organization)
        result = Result(faults=[fault for one in done for fault in one.faults] + faults)
        result.faults += [*readable(crew, organization, every), *checks.promoted_in_order(books.events)]
        result.figures = figures(done, kinds, every, place.served())
    return result


def hit(
    place: House,
    crew: Crew,
    organization: Organization,
    kind: str,
    load: list[Sequence[Request]],
    chance: random.Random,
) -> Round:
    """Run the load, cause the fault, wait for the recovery, and continue the load for a moment."""
    crew.begin(organization, load)
    time.sleep(chance.uniform(0.5, 1.5))
    at = time.monotonic()
    if kind == "web worker":
        kill(chance.choice(chance.choice(place.nodes).workers()))
        time.sleep(AWAY_SECONDS)
    elif kind == "node frozen":
        _freeze(chance.choice(place.nodes))
    elif kind == "node drained":
        _restart_drained(place, chance.randrange(2))
    elif kind in ("PgBouncer", "haproxy"):
        at = _restart(place.pgbouncer if kind == "PgBouncer" else place.haproxy)
    else:
        _replace(place.nodes[int(kind.removeprefix("node ")) - 1])
    for node in place.nodes:
        node.wait_until_healthy()
    # haproxy has to detect that a node is up again.
    time.sleep(2.0)
    served = place.served()
    time.sleep(1.0)
    one = Round(kind, at, crew.finish(stop=True))
    one.faults += idle(served, place.served())
    return one


def _freeze(node: Stage) -> None:
    group = node.server.process.pid
    os.killpg(group, signal.SIGSTOP)
    try:
        time.sleep(FROZEN_SECONDS)
    finally:
        os.killpg(group, signal.SIGCONT)


def _restart(proxy: Proxy) -> float:
    """Kill a proxy and start it again; returns the moment when it accepts connections."""
    proxy.kill()
    time.sleep(AWAY_SECONDS)
    proxy.up()
    return time.monotonic()


def _replace(node: Stage) -> None:
    """Kill a node, all its processes, and start it again; the other one serves meanwhile."""
    os.killpg(node.server.process.pid, signal.SIGKILL)
    node.server.process.wait(10)
    time.sleep(AWAY_SECONDS)
    node.up()


def _restart_drained(place: House, at: int) -> None:
    server = f"set server scim-seats/node{at + 1} state"
    assert place.haproxy.ask(f"{server} drain") == ""
    finished = wait(lambda: place.haproxy.under_way(f"node{at + 1}") == 0, time.monotonic(), DRAIN_SECONDS)
    assert finished is not None, f"node {at + 1} has requests {DRAIN_SECONDS} s after it was drained"
    place.nodes[at].up()
    assert place.haproxy.ask(f"{server} ready") == ""


def refused(one: Round) -> list[str]:
    """Requests that failed although a node was only drained."""
    answers = checks.statuses(record for record in one.records if not 0 < record.status < 400)
    return [f"{one.kind}: answers were {answers}"] if answers and one.kind == "node drained" else []


def interrupted(one: Round) -> list[str]:
    """Whether the service, or that of a single client, was interrupted for longer than the fault allows."""
    limit, silence, gap = GAPS[one.kind], one.silence(range(CLIENTS)), one.gap()
    faults = []
    if silence > limit:
        faults.append(
            f"{one.kind}: nobody had a good answer for {silence:.1f} s instead of {limit} s at most"
        )
    if gap > limit + CLIENT_SECONDS:
        faults.append(f"{one.kind}: a client had no good answer for {gap:.1f} s")
    return faults


def idle(before: Sequence[int], after: Sequence[int]) -> list[str]:
    """Nodes without an answer between two counts, although all are up again."""
    return [
        f"node {number} answered nothing after the fault"
        for number, (earlier, later) in enumerate(zip(before, after, strict=True), start=1)
        if later <= earlier
    ]


def figures(
    done: Sequence[Round], kinds: Sequence[str], every: Sequence[Record], served: Sequence[int]
) -> dict[str, object]:
    """The measured figures."""
    return {
        "rounds": [describe(one) for one in done],
        "answers": checks.statuses(every),
        "acknowledged_creates": sum(one.status == HTTPStatus.CREATED for one in every),
        "answered_by_node": list(served),
        "worst_gap_seconds": {kind: worst(done, kind) for kind in kinds},
    }


def worst(done: Sequence[Round], kind: str) -> dict[str, float]:
    """The longest waits after faults of a kind: until any client, and until every client was served again."""
    mine = [one for one in done if one.kind == kind]
    return {
        "nobody_served": round(max((one.silence(range(CLIENTS)) for one in mine), default=0.0), 3),
        "one_client_not_served": round(max((one.gap() for one in mine), default=0.0), 3),
    }
