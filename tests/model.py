"""A naive organization to compare the real one with, written from the seat rules and nothing else.

It keeps no counters: every number is counted again from plain lists, and the queue is sorted anew, each
time somebody asks. An operation returns what became of the person: `seated on premium`, `waiting`,
`inactive`, `refused`; or, where the whole request is turned away, `taken`, `forbidden` or `wrong`.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

ANY = "any"
TIERS = ("premium", "standard")  # the highest rank first
USUAL_PRIORITY = 100

State = dict[str, object]


@dataclass
class Person:
    """Someone with a row; `key` is the userName without regard to case."""

    name: str
    title: str
    active: bool = True
    owner: bool = False
    tier: str | None = None
    wants: str | None = None
    priority: int = USUAL_PRIORITY
    arrival: int = 0
    version: int = 1

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def status(self) -> str:
        if not self.active:
            return "inactive"
        return f"seated on {self.tier}" if self.tier else "waiting" if self.wants else "none"


@dataclass
class Refusal:
    """Someone left out; `newcomer` tells a refused create from a refused reactivation."""

    key: str
    name: str
    title: str
    wants: str
    newcomer: bool
    attempts: int = 1
    open: bool = True


@dataclass
class Group:
    name: str
    members: list[str]
    version: int = 1


@dataclass
class Organization:
    purchased: dict[str, int]
    overflow: str
    people: list[Person] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)  # (type, whom it is about)

    def find(self, key: str) -> Person | None:
        return next((person for person in self.people if person.key == key), None)

    def free(self, tier: str) -> int:
        return self.purchased[tier] - len([person for person in self.people if person.tier == tier])

    def queue(self) -> list[Person]:
        waiting = [person for person in self.people if person.wants]
        return sorted(waiting, key=lambda person: (person.priority, person.arrival))

    def open_refusals(self) -> list[Refusal]:
        return [refusal for refusal in self.refusals if refusal.open]

    # People

    def create(self, name: str, title: str, *, active: bool = True, wants: str = ANY) -> str:
        if self.find(name.lower()):
            return "taken"
        person = Person(name, title, active=active)
        if not active:
            self._record("person.created", name)
        elif self._admit(person, wants, name) == "refused":
            return self._refuse(person, wants, newcomer=True)
        self.people.append(person)
        self._close(person.key)
        return person.status

    def save(self, key: str, name: str, title: str, *, active: bool | None = None, wants: str = ANY) -> str:
        person = self._of(key)
        active = person.active if active is None else active
        if person.owner and (not active or name.lower() != key):
            return "forbidden"
        if name.lower() != key and self.find(name.lower()):
            return "taken"
        if active and not person.active:
            if self._admit(person, wants, name) == "refused":
                return self._refuse(person, wants, newcomer=False)
            self._close(key)
        elif person.active and not active:
            self._record("person.deprovisioned", name)
            person.tier = person.wants = None
        elif (name, title) != (person.name, person.title):
            self._record("person.updated", name)
        else:
            return person.status
        self._follow(key, name)
        self._rename_in_groups(key, name.lower())
        person.name, person.title, person.active, person.version = name, title, active, person.version + 1
        self._promote()
        return person.status

    def delete(self, key: str) -> str:
        person = self._of(key)
        if person.owner:
            return "forbidden"
        self._record("person.deleted", person.name)
        self.people.remove(person)
        self._close(key)
        for group in self.groups:
            if key in group.members:
                group.members.remove(key)
                group.version += 1
        self._promote()
        return "deleted"

    def prioritise(self, key: str, priority: int) -> None:
        self._of(key).priority = priority

    # The plan

    def add(self, quantities: Mapping[str, int], for_people: Sequence[str] = ()) -> str:
        trial = deepcopy(self)
        trial.purchased = {tier: trial.purchased[tier] + quantities.get(tier, 0) for tier in TIERS}
        trial._record("seats.added")
        for person in [trial._of(key) for key in for_people]:
            tiers = [tier for tier in TIERS if tier in quantities and trial.free(tier)]
            if person.status != "waiting" or not tiers:
                return "wrong"
            trial._seat(person, tiers[0])
            trial._record("person.provisioned", person.name)
            person.version += 1
        trial._promote()
        self.__dict__ = trial.__dict__
        return "done"

    def grant(self, totals: Mapping[str, int]) -> str:
        for tier, total in totals.items():
            if total < self.purchased[tier] - self.free(tier):
                return "wrong"
        if any(total != self.purchased[tier] for tier, total in totals.items()):
            self.purchased = {**self.purchased, **totals}
            self._record("seats.granted")
            self._promote()
        return "done"

    def set_overflow(self, overflow: str) -> None:
        if overflow != self.overflow:
            self.overflow = overflow
            self._record("organization.updated")

    def retry(self, refusal: Refusal) -> str:
        if refusal.newcomer:
            return self.create(refusal.name, refusal.title, wants=refusal.wants)
        person = self._of(refusal.key)
        return self.save(refusal.key, person.name, person.title, active=True, wants=refusal.wants)

    def retry_all(self) -> list[str]:
        """The oldest first; nobody is tried who wants what somebody before them was refused again."""
        outcomes: list[str] = []
        missing: set[str] = set()
        for refusal in self.open_refusals():
            if refusal.wants not in missing:
                outcomes.append(self.retry(refusal))
                missing |= {refusal.wants} if outcomes[-1] == "refused" else set()
        return outcomes

    # Groups

    def create_group(self, name: str, members: Sequence[str]) -> None:
        self.groups.append(Group(name, []))
        self._record("group.created", name)
        self._change_members(self.groups[-1], members, ())

    def change_group(self, group: Group, name: str, add: Sequence[str], remove: Sequence[str]) -> None:
        changes = [key for key in add if key not in group.members] + [
            key for key in remove if key in group.members
        ]
        if changes or name != group.name:
            group.name, group.version = name, group.version + 1
            self._record("group.updated", name)
            self._change_members(group, add, remove)

    def delete_group(self, group: Group) -> None:
        self._record("group.deleted", group.name)
        self._change_members(group, (), list(group.members))
        self.groups.remove(group)

    # What the real one is compared by

    def state(self) -> State:
        return {
            "people": {p.key: (p.name, p.status, p.wants, p.priority, p.version) for p in self.people},
            "queue": [person.key for person in self.queue()],
            "tiers": {
                tier: (
                    self.purchased[tier],
                    len([person for person in self.people if person.tier == tier]),
                    len([person for person in self.people if person.wants == tier]),
                )
                for tier in TIERS
            },
            "waiting_any": len([person for person in self.people if person.wants == ANY]),
            "refusals": [(entry.key, entry.wants, entry.attempts, entry.open) for entry in self.refusals],
            "groups": {group.name: (sorted(group.members), group.version) for group in self.groups},
            "events": list(self.events),
        }

    # The rules that the operations share

    def _admit(self, person: Person, wants: str, name: str) -> str:
        """A newcomer takes a free seat that nobody waits for, or waits at the tail, or is refused."""
        for tier in TIERS if wants == ANY else (wants,):
            ahead = [waiting for waiting in self.queue() if waiting.wants in (tier, ANY)]
            if self.free(tier) > 0 and not ahead:
                person.tier = tier
                self._record("person.provisioned", name)
                return "seated"
        if self.overflow == "reject":
            return "refused"
        self._record("person.queued", name)
        person.wants, person.arrival = wants, len(self.events)
        return "waiting"

    def _refuse(self, person: Person, wants: str, *, newcomer: bool) -> str:
        for entry in self.open_refusals():
            if entry.key == person.key:
                entry.attempts, entry.wants = entry.attempts + 1, wants
                entry.name, entry.title = person.name, person.title
                return "refused"
        self._record("person.rejected", person.name)
        self.refusals.append(Refusal(person.key, person.name, person.title, wants, newcomer))
        return "refused"

    def _follow(self, key: str, name: str) -> None:
        """An entry goes with its person to a new name; who was refused under that name cannot have it."""
        if name.lower() != key:
            self._close(name.lower())
        for entry in self.open_refusals():
            if entry.key == key:
                entry.key, entry.name = name.lower(), name

    def _close(self, key: str) -> None:
        for entry in self.open_refusals():
            if entry.key == key:
                entry.open = False

    def _promote(self) -> None:
        for tier in TIERS:
            for person in self.queue():
                if self.free(tier) > 0 and person.wants in (tier, ANY):
                    self._seat(person, tier)
                    self._record("person.promoted", person.name)
                    person.version += 1

    def _seat(self, person: Person, tier: str) -> None:
        person.tier, person.wants = tier, None

    def _change_members(self, group: Group, add: Sequence[str], remove: Sequence[str]) -> None:
        after = [key for key in {*group.members, *add} if key not in remove]
        for key in {*after} ^ {*group.members}:
            self._of(key).version += 1
        group.members = after

    def _rename_in_groups(self, before: str, after: str) -> None:
        for group in self.groups:
            group.members = [after if key == before else key for key in group.members]

    def _record(self, event: str, about: str = "") -> None:
        self.events.append((event, about))

    def _of(self, key: str) -> Person:
        person = self.find(key)
        assert person is not None, f"the test named {key}, who is not there"
        return person
