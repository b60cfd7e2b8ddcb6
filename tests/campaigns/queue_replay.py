"""An organization's history, event by event: each person's seat and wanted tier, and the order of the queue.

Turns are judged at the end of each transaction, whose events have one moment: a batch of a mapping seats
people in its own order, and only the people left waiting count. It may seat a person directly who would
be ahead of those: with a better priority, or with a place that was retained between two groups.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from tests.campaigns.ledger import Entry
from tests.campaigns.roster import Member

OVERRIDES: Final = ("assigned", "reassigned", "swapped", "invited")
"""Reasons by which a person is seated past the queue: by an admin, or on a seat that was held for them."""
SEATED: Final = ("person.provisioned", "person.moved", "person.promoted")
MAPPING: Final = "mapping"
RELEASED: Final = ("person.unassigned", "person.deprovisioned", "person.deleted")


@dataclass(frozen=True, slots=True)
class Place:
    """The state of one person; `arrival` is kept when they get a seat, to judge the turn.

    It may be older than the event by which they wait, `since`: a retained queue place keeps the old arrival.
    `retained` is the arrival of a wait that ended without a seat, until the next seat or wait.
    """

    tier: str | None = None
    wants: str | None = None
    priority: int = 100
    arrival: int = 0
    since: int = 0
    retained: int | None = None

    @property
    def turn(self) -> tuple[int, int]:
        """The place in the queue: a smaller one is served first."""
        return self.priority, self.arrival


@dataclass
class Replay:
    """The state of each person after the events so far, and the faults found."""

    places: dict[str, Place] = field(default_factory=dict)
    free: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def apply(self, entry: Entry) -> None:
        """Apply one event."""
        for tier, (purchased, assigned, held) in entry.seats.items():
            self.free[tier] += purchased - assigned - held
        if entry.person is None or not entry.type.startswith("person."):
            return
        before = self.places.get(entry.person, Place())
        left, taken = self._seats(entry, before)
        seat = replace(before, tier=taken if taken or left else before.tier)
        self.places[entry.person] = self._placed(entry, before, seat)
        if entry.type == "person.deleted":
            del self.places[entry.person]

    def _placed(self, entry: Entry, before: Place, after: Place) -> Place:
        """The place in the queue after an event."""
        place = entry.payload.get("arrival", entry.sequence)
        if entry.type == "person.queued":
            wants = entry.payload["wants"]
            after = replace(after, wants=wants, arrival=place, since=entry.sequence, retained=None)
        elif entry.type in SEATED:
            wants = entry.payload.get("wants")
            arrival, since = (place, entry.sequence) if wants else (before.arrival, before.since)
            if before.wants is None and not wants:
                arrival = entry.sequence if before.retained is None else before.retained
            after = replace(after, wants=wants, arrival=arrival, since=since, retained=None)
        elif entry.type in RELEASED:
            after = replace(after, wants=None, retained=None)
        elif entry.type == "person.wait_ended":
            after = replace(after, wants=None, retained=entry.payload.get("arrival"))
        elif entry.type == "person.requeued":
            after = replace(after, wants=entry.payload["to"])
        elif entry.type == "person.prioritised":
            after = replace(after, priority=entry.payload["to"])
        return after

    def _seats(self, entry: Entry, before: Place) -> tuple[str | None, str | None]:
        """The seat that is given back and the one that is taken."""
        left = [tier for tier, change in entry.seats.items() if change[1] < 0]
        taken = [tier for tier, change in entry.seats.items() if change[1] > 0]
        if left != [one for one in [before.tier] if one and (taken or entry.type in RELEASED)]:
            self.faults.append(f"event {entry.sequence} takes {left} of who has {before.tier}")
        if (entry.type in SEATED) != bool(taken):
            self.faults.append(f"event {entry.sequence} {entry.type} gives {taken}")
        return next(iter(left), None), next(iter(taken), None)

    def judge(self, entries: Sequence[Entry]) -> Iterator[str]:
        """Report people seated before a person who still waits, and free seats that were not assigned."""
        for tier in {tier for entry in entries for tier in entry.seats if self.free[tier] > 0}:
            if any(place.wants in (tier, "any") for place in self.places.values()):
                yield f"event {entries[-1].sequence} leaves a {tier} seat free for which a person waits"
        gained = [
            (entry, tier)
            for entry in entries
            if entry.reason not in OVERRIDES
            for tier, change in entry.seats.items()
            if change[1] > 0 and entry.person is not None
        ]
        for tier in {tier for _, tier in gained}:
            waiting = [
                place
                for place in self.places.values()
                if place.wants in (tier, "any") and place.since < entries[0].sequence
            ]
            if not waiting:
                continue
            head = min(waiting, key=lambda place: place.turn)
            for entry, other in gained:
                mine = self.places.get(str(entry.person))
                queued = entry.type == "person.promoted" or entry.reason == MAPPING
                late = not queued or mine is None or mine.turn > head.turn
                if other == tier and late:
                    yield f"event {entry.sequence} {entry.type} seats on {tier} before {head.turn}"


def replayed(entries: Iterable[Entry], members: Iterable[Member]) -> list[str]:
    """The history is possible, no person was overtaken in it, and it ends in the state of the rows."""
    replay = Replay()
    for _, transaction in groupby(entries, key=lambda entry: entry.at):
        together = list(transaction)
        for entry in together:
            replay.apply(entry)
        replay.faults += replay.judge(together)
    there = {member.id: member for member in members}
    for id_, member in there.items():
        place = replay.places.get(id_, Place())
        waits = member.wants is not None
        found = (member.tier, member.wants, member.priority, member.arrival)
        if found != (place.tier, place.wants, place.priority, place.arrival if waits else None):
            replay.faults.append(f"{member.name} is {found}, and by the events {place}")
    gone = [id_ for id_, place in replay.places.items() if id_ not in there and place.tier]
    return [*replay.faults, *(f"{one} sits by the events, and is gone" for one in gone)]
