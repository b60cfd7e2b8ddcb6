"""Bursts of simultaneous requests: for one seat, for one userName, for seats that are freed meanwhile."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from tests.campaigns import checks
from tests.campaigns.load import Crew, Record, Request, activate, create
from tests.campaigns.stage import Result, Stage, log
from tests.support.servers.running import Organization


@dataclass
class Bursts:
    """The organizations of a run and their records.

    Attributes:
        size: how many requests are released at once.
        everything: the records of each organization, by its slug.
    """

    stage: Stage
    crew: Crew
    size: int
    result: Result
    everything: dict[str, list[Record]] = field(default_factory=dict)
    answers: dict[str, Counter[str]] = field(default_factory=dict)

    def burst(self, kind: str, organization: Organization, requests: Sequence[Request]) -> list[Record]:
        """Release one request of each client at once."""
        records = self.crew.run(organization, [[request] for request in requests], together=True)
        self.everything.setdefault(organization.slug, []).extend(records)
        self.answers.setdefault(kind, Counter()).update(checks.statuses(records))
        return records

    def expect(
        self, what: str, records: Sequence[Record], statuses: dict[int, int], seats: dict[str | None, int]
    ) -> None:
        """Exactly these answers, and these seats in those of 201."""
        faults = checks.answered(records, statuses)
        found = Counter(record.seat for record in records if record.status == HTTPStatus.CREATED)
        if found != Counter(seats):
            faults.append(f"the seats were {dict(found)} instead of {seats}")
        self.result.faults += [f"{what}: {fault}" for fault in faults]


def run(stage: Stage, crew: Crew, size: int, rounds: int, seed: int) -> Result:
    """Each kind of burst, `rounds` times, with `size` clients."""
    chance = random.Random(seed)
    bursts = Bursts(stage, crew, size, Result())
    refusing = stage.server.organization(standard=1)
    queueing = stage.server.organization(overflow="queue", standard=1)
    roomy = stage.server.organization(standard=rounds + size)
    races = [full_organization(bursts, mode) for mode in ("reject", "queue")]
    for number in range(rounds):
        one_free_seat(bursts, refusing, number)
        one_free_seat_and_a_queue(bursts, queueing, number)
        one_user_name(bursts, roomy, number)
        organization, people = races[number % 2]
        activations(bursts, organization, people, chance)
        log(f"burst {number + 1} of {rounds}: {len(bursts.result.faults)} faults")
    for organization in (refusing, queueing, roomy, *(each for each, _ in races)):
        recount(bursts, organization)
    bursts.result.faults += stage.db_check()
    bursts.result.figures = {"bursts_of_each_kind": rounds, "clients": size, "answers": bursts.answers}
    return bursts.result


def one_free_seat(bursts: Bursts, organization: Organization, number: int) -> None:
    """One is created, the others are refused; the winner leaves, so that the seat is free again."""
    names = [f"refused{number}x{client}@example.com" for client in range(bursts.size)]
    records = bursts.burst("one seat, reject", organization, [create(name) for name in names])
    wanted: dict[int, int] = {HTTPStatus.CREATED: 1, HTTPStatus.FORBIDDEN: bursts.size - 1}
    bursts.expect(f"one seat, reject, burst {number}", records, wanted, {None: 1})
    winners = [record.id for record in records if record.status == HTTPStatus.CREATED]
    gone = bursts.crew.run(organization, [[Request("DELETE", f"/Users/{winner}") for winner in winners]])
    bursts.everything[organization.slug] += gone


def one_free_seat_and_a_queue(bursts: Bursts, organization: Organization, number: int) -> None:
    """One is seated, the others wait; then seats are added for all of them, and one more."""
    names = [f"queued{number}x{client}@example.com" for client in range(bursts.size)]
    records = bursts.burst("one seat, queue", organization, [create(name) for name in names])
    what = f"one seat, queue, burst {number}"
    bursts.expect(what, records, {HTTPStatus.CREATED: bursts.size}, {"seated": 1, "waiting": bursts.size - 1})
    added = bursts.stage.server.json("seats", "add", organization.slug, f"standard={bursts.size}", "--yes")
    if added["promoted"] != bursts.size - 1:
        bursts.result.faults.append(f"{what}: {added['promoted']} were promoted")


def one_user_name(bursts: Bursts, organization: Organization, number: int) -> None:
    """One is created; the others are refused because the userName is taken."""
    requests = [create(f"same{number}@example.com")] * bursts.size
    records = bursts.burst("one userName", organization, requests)
    wanted: dict[int, int] = {HTTPStatus.CREATED: 1, HTTPStatus.CONFLICT: bursts.size - 1}
    bursts.expect(f"one userName, burst {number}", records, wanted, {None: 1})


def full_organization(bursts: Bursts, overflow: str) -> tuple[Organization, list[str]]:
    """An organization with seats for half of its people, and their ids; the others are inactive or wait."""
    half = bursts.size // 2
    organization = bursts.stage.server.organization(overflow=overflow, standard=half)
    requests = [
        create(f"race{number}@example.com", active=number < half or overflow == "queue")
        for number in range(bursts.size)
    ]
    records = bursts.crew.run(organization, [requests])
    bursts.everything[organization.slug] = list(records)
    return organization, [record.id or "" for record in records]


def activations(
    bursts: Bursts, organization: Organization, people: Sequence[str], chance: random.Random
) -> None:
    """People are activated and deactivated at once: seats are freed and taken, never oversold."""
    requests = [activate(chance.choice(people), active=chance.random() < 0.6) for _ in people]
    records = bursts.burst("activate and deactivate", organization, requests)
    unexpected = {record.status for record in records} - {HTTPStatus.OK, HTTPStatus.FORBIDDEN}
    if unexpected:
        bursts.result.faults.append(f"activations were answered {unexpected}")
    bursts.result.faults += bursts.stage.recount(organization)[1]


def recount(bursts: Bursts, organization: Organization) -> None:
    """The books of an organization against everything that was answered in it."""
    records = bursts.everything[organization.slug]
    books, faults = bursts.stage.recount(organization)
    places = checks.places(records, books.events)
    raced = any(record.method == "PATCH" for record in records)
    # A reactivated person has a new arrival: their creation does not determine their turn.
    order = [] if raced else checks.overtaken(places)
    bursts.result.faults += [*faults, *checks.kept(records, books), *order]
    bursts.result.faults += checks.promoted_in_order(books.events)
