"""A naive organization to compare the real one with, written from the seat rules and nothing else.

It keeps no counters: every number is counted again from plain lists, and the queue is sorted anew, each
time somebody asks. An operation returns what became of the person: `seated on premium`, `waiting`,
`inactive`, `refused`; or, where the whole request is turned away, `taken`, `forbidden` or `wrong`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy

from tests.model_members import Members
from tests.model_seats import ANY, TIERS, Group, Person, Refusal

State = dict[str, object]


class Organization(Members):
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
        stays_out = active is False and not person.active
        active = person.active if active is None else active
        if person.primary and (not active or name.lower() != key):
            return "forbidden"
        if not active and self._last_owner(person):
            return "forbidden"
        if name.lower() != key and self.find(name.lower()):
            return "taken"
        if stays_out:
            self._withdraw(key, person.name)
        if active and not person.active:
            if self._admit(person, wants, name) == "refused":
                return self._refuse(person, wants, newcomer=False)
            self._close(key)
        elif person.active and not active:
            self._record("person.deprovisioned", name)
            self._seat(person, None)
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
        if person.primary or self._last_owner(person):
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
        if len(for_people) > sum(quantities.values()):
            return "wrong"
        trial = deepcopy(self)
        trial.purchased = {tier: trial.purchased[tier] + quantities.get(tier, 0) for tier in TIERS}
        trial._record("seats.added")
        if trial.contract:
            trial.invoices.append(("purchase", dict(quantities)))
        for person in [trial._of(key) for key in for_people]:
            tiers = [tier for tier in TIERS if tier in quantities and trial.free(tier)]
            if person.status not in ("waiting", "none") or not tiers:
                return "wrong"
            trial._provision(person, tiers[0], person.name)
            person.version += 1
        trial._promote()
        self.__dict__ = trial.__dict__
        return "done"

    def grant(self, totals: Mapping[str, int]) -> str:
        if self.contract:
            return "wrong"
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

    def set_tier_overflow(self, tier: str, overflow: str | None, ceiling: int | None = None) -> str:
        """No ceiling is the one there is."""
        ceiling = self.ceilings[tier] if ceiling is None else ceiling
        if ceiling and not self.contract:
            return "wrong"
        if (overflow, ceiling) != (self.own_overflow[tier], self.ceilings[tier]):
            self.own_overflow[tier], self.ceilings[tier] = overflow, ceiling
            self._record("organization.updated")
        return "done"

    def sign(self) -> None:
        self.contract = True
        self._record("contract.signed")

    def end_day(self) -> None:
        """What was bought for newcomers today makes one invoice."""
        if self.unbilled:
            self._record("seats.billed")
            self.invoices.append(("automatic", dict(Counter(self.unbilled))))
            self.unbilled = []

    # The log of refusals

    def retry(self, refusal: Refusal) -> str:
        """By the operator, which is no attempt of a provider."""
        attempts = refusal.attempts
        outcome = self._retry(refusal)
        refusal.attempts = attempts
        return outcome

    def _retry(self, refusal: Refusal) -> str:
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
            "people": {
                p.key: (p.name, p.status, p.wants, p.unseated, p.role, p.priority, p.version)
                for p in self.people
            },
            "queue": [person.key for person in self.queue()],
            "tiers": {
                tier: {
                    "purchased": self.purchased[tier],
                    "assigned": len([person for person in self.people if person.tier == tier]),
                    "waiting": len([person for person in self.people if person.wants == tier]),
                    "overflow": self.own_overflow[tier],
                    "ceiling": self.ceilings[tier],
                    "automatic": self.bought.count(tier),
                    "unbilled": self.unbilled.count(tier),
                }
                for tier in TIERS
            },
            "waiting_any": len([person for person in self.people if person.wants == ANY]),
            "refusals": [(entry.key, entry.wants, entry.attempts, entry.open) for entry in self.refusals],
            "groups": {group.name: (sorted(group.members), group.version) for group in self.groups},
            "invoices": list(self.invoices),
            "events": list(self.events),
        }

    # What the operations share

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

    def _withdraw(self, key: str, name: str) -> None:
        """Who is sent as inactive is not to come in any more."""
        if any(entry.key == key for entry in self.open_refusals()):
            self._record("person.dismissed", name)
            self._close(key)

    def _close(self, key: str) -> None:
        for entry in self.open_refusals():
            if entry.key == key:
                entry.open = False

    def _change_members(self, group: Group, add: Sequence[str], remove: Sequence[str]) -> None:
        after = [key for key in {*group.members, *add} if key not in remove]
        for key in {*after} ^ {*group.members}:
            self._of(key).version += 1
        group.members = after

    def _rename_in_groups(self, before: str, after: str) -> None:
        for group in self.groups:
            group.members = [after if key == before else key for key in group.members]
