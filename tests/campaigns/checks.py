"""What must hold of the records and the books; each function returns the faults.

An empty list means no fault. `tests/campaigns/test_checks.py` shows each to fail on corrupted records.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from tests.campaigns.books import Books, Event, Person, Pool
from tests.campaigns.load import NO_ANSWER, Record

CREATIONS: Final = ("person.provisioned", "person.queued", "person.created")
UNCERTAIN: Final = (
    NO_ANSWER,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
"""Statuses without an answer, or of a proxy: it is unknown whether these requests were carried out."""


def statuses(records: Iterable[Record]) -> dict[str, int]:
    """The number of answers by status, for the report."""
    return _for_reading(Counter(record.status for record in records))


def answered(records: Sequence[Record], expected: Mapping[int, int]) -> list[str]:
    """Check that there are exactly this many answers of each status."""
    found, wanted = statuses(records), _for_reading(expected)
    return [] if found == wanted else [f"the answers were {found} instead of {wanted}"]


def _for_reading(counted: Mapping[int, int]) -> dict[str, int]:
    return {str(int(status) or "no answer"): counted[status] for status in sorted(counted) if counted[status]}


def recount(books: Books, *, still: bool = False) -> list[str]:
    """The counters are those of the rows and of the history, whose numbers have no gaps.

    Args:
        still: the queue does not move, because the contract is over: people may wait although a seat is free.
    """
    return [*_counters(books, still=still), *_history(books), *_people(books)]


def _counters(books: Books, *, still: bool) -> Iterator[str]:
    wait = sum(person.wants == "any" for person in books.people)
    if books.waiting_any != wait:
        yield f"{books.waiting_any} are counted as waiting for any tier, {wait} people wait"
    if books.people_counted != len(books.people):
        yield f"{books.people_counted} people are counted, there are {len(books.people)}"
    for pool in books.pools:
        yield from _tier(books, pool, still=still)


def _tier(books: Books, pool: Pool, *, still: bool) -> Iterator[str]:
    seated = sum(person.tier == pool.tier for person in books.people)
    waiting = sum(person.wants == pool.tier for person in books.people)
    deltas = [event.seats[pool.tier] for event in books.events if pool.tier in event.seats]
    summed = tuple(sum(delta[place] for delta in deltas) for place in range(3))
    if pool.assigned != seated:
        yield f"{pool.tier}: {pool.assigned} seats are counted as assigned, {seated} people sit on one"
    if pool.waiting != waiting:
        yield f"{pool.tier}: {pool.waiting} are counted as waiting, {waiting} people wait"
    if pool.assigned + pool.held > pool.purchased:
        yield f"{pool.tier}: oversold, {pool.assigned} + {pool.held} of {pool.purchased}"
    if (pool.purchased, pool.assigned, pool.held) != summed:
        yield f"{pool.tier}: {pool} is not the sum of the events {summed}"
    if not still and pool.assigned + pool.held < pool.purchased and pool.waiting + books.waiting_any:
        yield f"{pool.tier}: people wait although a seat is free"


def _history(books: Books) -> Iterator[str]:
    numbers = [event.sequence for event in books.events]
    if numbers != list(range(1, len(numbers) + 1)):
        gaps = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
        yield f"the history has gaps at {gaps[:5]} or numbers twice"
    if books.sequence != len(numbers):
        yield f"the clock stands at {books.sequence} after {len(numbers)} events"
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    # A change of tiers may use a seat that a later event of the same transaction frees: in swaps, and for
    # people whose seats an upgrade has taken.
    moved = {event.at: event.sequence for event in books.events if event.at and _changes_tiers(event)}
    for event in books.events:
        for tier, deltas in event.seats.items():
            totals[tier] = [total + delta for total, delta in zip(totals[tier], deltas, strict=True)]
            purchased, assigned, held = totals[tier]
            if assigned + held > purchased and event.sequence >= moved.get(event.at, 0):
                yield f"event {event.sequence} oversold {tier}: {assigned} + {held} of {purchased}"


def _changes_tiers(event: Event) -> bool:
    return {-1, 1} <= {deltas[1] for deltas in event.seats.values()}


def _people(books: Books) -> Iterator[str]:
    """Each row is whole: an event made it, its seat is that of its events, its values are next to it."""
    made = {(event.person, event.sequence) for event in books.events if event.type in CREATIONS}
    sits: dict[str, Counter[str]] = defaultdict(Counter)
    for event in books.events:
        for tier, deltas in event.seats.items():
            sits[event.person or ""][tier] += deltas[1]
    names = Counter(person.name for person in books.people)
    yield from (f"{name} is there {number} times" for name, number in names.items() if number > 1)
    for person in books.people:
        if (person.id, person.sequence) not in made:
            yield f"{person.name} was made by no event {person.sequence}"
        if +sits.pop(person.id, Counter()) != Counter([person.tier] if person.tier else []):
            yield f"{person.name} has the seat {person.tier} and other events"
        yield from _row(person)
    yield from (f"the person {gone} is gone and has {dict(seats)}" for gone, seats in sits.items() if +seats)


def _row(person: Person) -> Iterator[str]:
    if person.values != len(json.loads(person.document).get("emails", ())):
        yield f"{person.name} has {person.values} searchable values for {person.document}"
    if not person.active and (person.tier or person.wants):
        yield f"{person.name} is inactive and takes a seat or waits"


def kept(records: Sequence[Record], books: Books) -> list[str]:
    """Every acknowledged row is there, and every row was requested and not refused, with one event each."""
    return [*_lost(records, books.people), *_uncalled(records, books), *_events_of(records, books)]


def _lost(records: Sequence[Record], people: Sequence[Person]) -> Iterator[str]:
    there = {person.id: person for person in people}
    deleted = {record.path.rpartition("/")[2]: record for record in records if record.method == "DELETE"}
    for record in records:
        if record.method == "POST" and record.status == HTTPStatus.CREATED:
            person, deletion = there.get(record.id or ""), deleted.get(record.id or "")
            if person is None and deletion is None:
                yield f"{record.name} was acknowledged and is lost"
            elif person is not None and person.name != record.name:
                yield f"{record.name} was acknowledged and is {person.name}"
            elif person is not None and deletion is not None and deletion.status == HTTPStatus.NO_CONTENT:
                yield f"the deletion of {record.name} was acknowledged and is lost"


def _uncalled(records: Sequence[Record], books: Books) -> Iterator[str]:
    asked: dict[str, set[int]] = defaultdict(set)
    for record in records:
        if record.method == "POST":
            asked[record.name].add(record.status)
    for person in books.people:
        answers = asked.get(person.name)
        if answers is None:
            yield f"nobody asked for {person.name}"
        elif not answers & {HTTPStatus.CREATED, *UNCERTAIN}:
            yield f"{person.name} is there although the answers were {sorted(answers)}"


def _events_of(records: Sequence[Record], books: Books) -> Iterator[str]:
    made = Counter(event.person for event in books.events if event.type in CREATIONS)
    for record in records:
        if record.method == "POST" and record.status == HTTPStatus.CREATED and made[record.id] < 1:
            yield f"{record.name} was acknowledged and no event made them"
    known = {*books.refused, *(name for person in books.people for name in (person.id, person.name))}
    refused = {record.name for record in records if record.status == HTTPStatus.FORBIDDEN}
    yield from (f"{name} was refused and the log does not say so" for name in sorted(refused - known))


@dataclass(frozen=True, slots=True)
class Place:
    """A person's request and answer, and when their turn came: the number of an event; None for not yet."""

    name: str
    sent: float
    answered: float
    turn: int | None


def overtaken(places: Iterable[Place]) -> list[str]:
    """SEATS I5: a person answered before another request was sent has their turn no later."""
    never = float("inf")
    latest: Place | None = None
    wrong = []
    for place in sorted(places, key=lambda one: never if one.turn is None else one.turn):
        if latest is not None and latest.turn is not None and place.answered < latest.sent:
            wrong.append(f"{latest.name} came after {place.name} and had their turn before ({latest.turn})")
        if latest is None or place.sent > latest.sent:
            latest = place
    return wrong


def places(records: Iterable[Record], events: Iterable[Event]) -> list[Place]:
    """For every created person: their turn is the first event that gave them a seat."""
    turns: dict[str, int] = {}
    for event in events:
        if event.person is not None and any(deltas[1] > 0 for deltas in event.seats.values()):
            turns.setdefault(event.person, event.sequence)
    return [
        Place(record.name, record.sent, record.answered, turns.get(record.id or ""))
        for record in records
        if record.method == "POST" and record.status == HTTPStatus.CREATED
    ]


def promoted_in_order(events: Iterable[Event]) -> list[str]:
    """People of equal priority are promoted in the order in which they were queued."""
    queued: dict[str | None, int] = {}
    wrong, last = [], 0
    for event in events:
        if event.type == "person.queued":
            queued[event.person] = event.sequence
        elif event.type == "person.promoted":
            arrival = queued.get(event.person, 0)
            if arrival <= last:
                wrong.append(f"event {event.sequence} promotes who arrived as {arrival}, after {last}")
            last = max(last, arrival)
    return wrong
