"""The base of the simple model: seats, the queue, and due changes (tests.model)."""

from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from itertools import product
from typing import Concatenate, ParamSpec, TypeVar

from tests.model.rows import (
    ANY,
    TIERS,
    TURNED_AWAY,
    USUAL_PRIORITY,
    Group,
    Invitation,
    Mapping,
    Person,
    Refusal,
)

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Seats")


def request(work: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """One write: changes due by its time are applied first, and undone if the write is refused."""

    @wraps(work)
    def whole(self: S, /, *given: P.args, **said: P.kwargs) -> R:
        if not self.is_due():
            return work(self, *given, **said)
        before = deepcopy(vars(self))
        self.apply_due()
        outcome = work(self, *given, **said)
        if outcome in TURNED_AWAY:
            vars(self).update(before)
        return outcome

    return whole


@dataclass
class Seats:
    now: datetime
    purchased: dict[str, int]
    overflow: str
    contract: bool = False
    mode: str = "scim"
    inviting: bool = False  # also in other modes than `manual`
    suspended: bool = False
    own_overflow: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(TIERS))
    ceilings: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(TIERS))
    bought: list[str] = field(default_factory=list)  # the tier of every seat bought for a newcomer
    unbilled: list[str] = field(default_factory=list)  # those of one day
    day_of_purchases: date = date.min
    invoices: list[tuple[str, dict[str, int]]] = field(default_factory=list)  # (reason, seats by tier)
    people: list[Person] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)  # (type, person)
    mappings: list[Mapping] = field(default_factory=list)
    unmapped: str = "highest"
    invitations: list[Invitation] = field(default_factory=list)

    def find(self, key: str) -> Person | None:
        return next((person for person in self.people if person.key == key), None)

    def free(self, tier: str) -> int:
        sitting = [person for person in self.people if person.tier == tier]
        held = [one for one in self.invitations if one.held == tier]
        return self.purchased[tier] - len(sitting) - len(held)

    def queue(self) -> list[Person]:
        waiting = [person for person in self.people if person.wants]
        return sorted(waiting, key=lambda person: (person.priority, person.arrival))

    def open_refusals(self) -> list[Refusal]:
        return [refusal for refusal in self.refusals if refusal.open]

    def _open_to_new_people(self, tier: str) -> bool:
        """Whether a seat is left when every person who waits for one has theirs."""
        return self.free(tier) > len([person for person in self.queue() if person.wants in (tier, ANY)])

    def _admit(self, person: Person, wants: str, name: str) -> str:
        """A person without a seat gets one, or a place in the queue, or is refused."""
        decided = self._decide(wants)
        if decided is None:
            return "refused"
        tier, waits_for = decided
        if tier:
            self._provision(person, tier, name)
        else:
            self._record("person.queued", name)
        return self._wait(person, waits_for) if waits_for else "seated"

    def _decide(self, wants: str, keeps: str | None = None) -> tuple[str | None, str | None] | None:
        """The seat that a person gets and what they wait for; None is a refusal.

        A newcomer takes a seat that is open to them, or is treated as the policy says; a seated person keeps
        that seat until they have the one they want. A seat that is bought is bought here.
        """
        if self.suspended:
            return None
        tiers = [tier for tier in TIERS if wants in (tier, ANY)]
        for tier in tiers:
            if self._open_to_new_people(tier):
                return tier, None
        policy = self.own_overflow.get(wants) or self.overflow
        if policy == "reject":
            return None
        if policy == "buy":
            bought = self._buy_lowest(tiers)
            return bought, None if bought else wants
        lower = TIERS[TIERS.index(wants) + 1 :] if policy == "fallback" and wants != ANY and not keeps else ()
        return next((tier for tier in lower if self._open_to_new_people(tier)), None), wants

    def _provision(self, person: Person, tier: str, name: str) -> str:
        self._seat(person, tier)
        self._record("person.provisioned", name)
        return "seated"

    def _wait(self, person: Person, wants: str) -> str:
        """Queue a person at the end: the arrival is the number of the event just recorded.

        A priority that an admin set was for an earlier wait.
        """
        if person.prioritised:
            person.priority, person.prioritised = USUAL_PRIORITY, False
        person.wants, person.arrival, person.unseated, person.left = wants, len(self.events), None, None
        return "waiting"

    def _buy_lowest(self, tiers: list[str]) -> str | None:
        """A seat of the lowest of these tiers that is below its ceiling."""
        for tier in reversed(tiers):
            if self.bought.count(tier) < (self.ceilings[tier] or 0):
                self._buy(tier)
                return tier
        return None

    def _buy(self, tier: str) -> None:
        self.purchased = {**self.purchased, tier: self.purchased[tier] + 1}
        self.bought.append(tier)
        self.unbilled.append(tier)
        self.day_of_purchases = self.now.date()
        self._record("seats.added")

    def _seat(self, person: Person, tier: str | None) -> None:
        """Give a seat, or none, in place of the present one, and end the wait."""
        person.tier, person.wants, person.unseated, person.left = tier, None, None, None
        if tier:
            person.recorded.pop("person.tier_refused", None)

    def _promote(self) -> int:
        """Promote the first people for each tier, from the highest down; seats they leave go to others."""
        promoted = 0
        while heads := self._heads():
            tier, people = heads
            for person in people:
                self._seat(person, tier)
                self._record("person.promoted", person.name)
                person.version += 1
            promoted += len(people)
        return promoted + self._change_places()

    def _change_places(self) -> int:
        """Exchange the seats of people who wait for each other's seats."""
        waiting = [person for person in self.queue() if person.tier]
        wanted = {person.key: str(person.wants) for person in waiting}
        moving = self._most_who_can_move(waiting, wanted)
        for person in [one for one in waiting if one in moving]:
            self._seat(person, wanted[person.key])
            self._record("person.promoted", person.name)
            person.version += 1
        return len(moving)

    def _most_who_can_move(self, movers: Sequence[Person], wanted: dict[str, str]) -> list[Person]:
        """The most people who can exchange seats, or move to free ones that no unseated person waits for."""
        if self.suspended:
            return []
        lines = {tier: [one for one in movers if wanted[one.key] == tier] for tier in TIERS}
        found: list[Person] = []
        for numbers in product(*(range(len(line) + 1) for line in lines.values())):
            moving = [
                one for line, number in zip(lines.values(), numbers, strict=True) for one in line[:number]
            ]
            if len(moving) > len(found) and self._fit(moving, wanted):
                found = moving
        return found

    def _fit(self, moving: Sequence[Person], wanted: dict[str, str]) -> bool:
        for tier in TIERS:
            entering = len([one for one in moving if wanted[one.key] == tier])
            gone = len([one for one in moving if one.tier == tier])
            without = len([one for one in self.queue() if one.wants in (tier, ANY) and not one.tier])
            if entering and entering > self.free(tier) - without + gone:
                return False
        return True

    def _heads(self) -> tuple[str, list[Person]] | None:
        """The highest tier with a free seat that a person waits for, and the first of them."""
        for tier in TIERS if not self.suspended else ():
            wanting = [person for person in self.queue() if person.wants in (tier, ANY)]
            if wanting and self.free(tier) > 0:
                return tier, wanting[: self.free(tier)]
        return None

    def _last_owner(self, person: Person) -> bool:
        """Whether without them no Owner with access, or no Owner at all, would remain."""
        others = [one for one in self.people if one.active and one.owns and one is not person]
        if not person.active or not person.owns or any(one.tier for one in others):
            return False
        return bool(person.tier) or not others

    # The log of refusals

    def _refuse(self, person: Person, wants: str, *, new_person: bool) -> str:
        for entry in self.open_refusals():
            if entry.key == person.key:
                entry.attempts, entry.wants, entry.tried = entry.attempts + 1, wants, self.now
                entry.name, entry.title, entry.email = person.name, person.title, person.email
                return "refused"
        self._record("person.rejected", person.name)
        entry = Refusal(person.key, person.name, person.title, wants, new_person, self.now, person.email)
        entry.number = len(self.events)
        self.refusals.append(entry)
        return "refused"

    def _close(self, key: str) -> None:
        for entry in self.open_refusals():
            if entry.key == key:
                entry.open = False

    # Time

    def is_due(self) -> bool:
        """Whether a change is due that no write has applied yet."""
        return self._day_is_over() or any(one.pending and one.expires <= self.now for one in self.invitations)

    def apply_due(self) -> None:
        """Bill automatic purchases; expire invitations and end terms in the order of their times."""
        if self._day_is_over():
            self._record("seats.billed")
            self.invoices.append(("automatic", dict(Counter(self.unbilled))))
            self.unbilled = []
        over = [one for one in self.invitations if one.pending and one.expires <= self.now]
        for moment in sorted({one.expires for one in over}):
            for one in over:
                if one.expires == moment:
                    self._record("invitation.expired", one.name)
                    one.state, one.held = "expired", None
            self._promote()

    def _day_is_over(self) -> bool:
        return bool(self.unbilled) and self.day_of_purchases < self.now.date()

    def _record(self, event: str, about: str = "") -> None:
        self.events.append((event, about))

    def of(self, key: str) -> Person:
        person = self.find(key)
        assert person is not None, f"the test named {key}, who is not there"
        return person
