"""Twice as many people as seats, all at once: no seat is oversold, no person lost or overtaken."""

import random
import statistics
import time
from collections.abc import Sequence
from http import HTTPStatus

from tests.campaigns import checks
from tests.campaigns.load import Crew, Record, Request, create, share
from tests.campaigns.stage import Result, Stage, log

CLIENTS = 16
ENDLESS = 16_000
"""More creates than are answered while a few commands run."""
Span = tuple[float, float]
ADD_SECONDS = 2.0
"""A command of the operator gets its turn within this time, however busy the server is. The median of
the commands less that of the start of a command: single starts vary by more on a busy machine."""


def run(stage: Stage, crew: Crew, size: int, seed: int) -> Result:
    """Send `size` create requests in each mode, then creates while seats are added five times."""
    result = Result()
    reject(stage, crew, size, result)
    queue(stage, crew, size, result)
    add_under_load(stage, crew, 5, seed, result)
    result.faults += stage.db_check()
    return result


def new_people(size: int) -> list[Sequence[Request]]:
    """Creates of different people, dealt out to the clients."""
    return share([create(f"person{number}@example.com") for number in range(size)], CLIENTS)


def rate(records: Sequence[Record]) -> float:
    """Requests answered a second."""
    span = max(record.answered for record in records) - min(record.sent for record in records)
    return round(len(records) / span, 1)


def reject(stage: Stage, crew: Crew, size: int, result: Result) -> None:
    """Half of them are seated, the others are refused."""
    organization = stage.server.organization(standard=size // 2)
    records = crew.run(organization, new_people(size))
    books, faults = stage.recount(organization)
    expected: dict[int, int] = {HTTPStatus.CREATED: size // 2, HTTPStatus.FORBIDDEN: size - size // 2}
    result.faults += [*checks.answered(records, expected), *faults, *checks.kept(records, books)]
    result.faults += checks.overtaken(checks.places(records, books.events))
    result.figures["reject"] = {
        "answers": checks.statuses(records),
        "creates_per_second": rate(records),
        "latency_ms": latencies(records),
    }
    log(f"reject: {result.figures['reject']}")


def queue(stage: Stage, crew: Crew, size: int, result: Result) -> None:
    """All are created; half of them wait, and are seated in order when seats are added."""
    organization = stage.server.organization(overflow="queue", standard=size // 2)
    records = crew.run(organization, new_people(size))
    books, faults = stage.recount(organization)
    result.faults += [*checks.answered(records, {HTTPStatus.CREATED: size}), *faults]
    waiting = sum(person.wants is not None for person in books.people)
    if waiting != size - size // 2:
        result.faults.append(f"{waiting} wait instead of {size - size // 2}")
    added = stage.server.json("seats", "add", organization.slug, f"standard={size - size // 2}", "--yes")
    books, faults = stage.recount(organization)
    result.faults += [*faults, *checks.kept(records, books), *checks.promoted_in_order(books.events)]
    result.faults += checks.overtaken(checks.places(records, books.events))
    result.faults += [f"{one.name} is not seated" for one in books.people if one.tier is None]
    result.figures["queue"] = {
        "answers": checks.statuses(records),
        "creates_per_second": rate(records),
        "latency_ms": latencies(records),
        "promoted_at_once": added["promoted"],
    }
    log(f"queue: {result.figures['queue']}")


def add_under_load(
    stage: Stage, crew: Crew, times: int, seed: int, result: Result, *, within: float | None = ADD_SECONDS
) -> None:
    """Commands add seats while people are created: each soon has its turn, and no person is overtaken.

    Args:
        within: seconds until its turn; None to let a command take its time.
    """
    chance = random.Random(seed)
    organization = stage.server.organization(overflow="queue", standard=50)
    crew.begin(organization, new_people(ENDLESS))
    commands: list[Span] = []
    starts: list[Span] = []
    if within is not None:
        starts.append(_timed(stage, "--version"))
    for _ in range(times):
        time.sleep(chance.uniform(0.1, 0.4))
        commands.append(_timed(stage, "seats", "add", organization.slug, "standard=100", "--yes"))
        if within is not None:
            starts.append(_timed(stage, "--version"))
    records = crew.finish(stop=True)
    books, faults = stage.recount(organization)
    result.faults += [*checks.answered(records, {HTTPStatus.CREATED: len(records)}), *faults]
    result.faults += [*checks.kept(records, books), *checks.promoted_in_order(books.events)]
    result.faults += checks.overtaken(checks.places(records, books.events))
    if within is not None:
        turn = statistics.median(map(_length, commands)) - statistics.median(map(_length, starts))
        if turn > within:
            result.faults.append(f"adding seats under load took {turn:.1f} s more than a command's start")
    result.figures["seats_add_under_load"] = {
        "command_seconds": [round(_length(span), 2) for span in commands],
        "start_of_a_command_seconds": [round(_length(span), 2) for span in starts],
        "creates_answered_meanwhile": [
            sum(begin < record.answered < end for record in records) for begin, end in commands
        ],
        "creates_per_second": rate(records),
    }
    log(f"seats add under load: {result.figures['seats_add_under_load']}")


def _timed(stage: Stage, *arguments: str) -> Span:
    began = time.monotonic()
    stage.server.separately(*arguments)
    return began, time.monotonic()


def _length(span: Span) -> float:
    return span[1] - span[0]


def latencies(records: Sequence[Record]) -> dict[str, int]:
    """Times of all answers, in milliseconds."""
    took = sorted(record.answered - record.sent for record in records)
    return {
        "p50": round(took[len(took) // 2] * 1000),
        "p99": round(took[len(took) * 99 // 100] * 1000),
        "max": round(took[-1] * 1000),
    }
