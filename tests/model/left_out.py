"""Left-out people in the simple model (tests.model): retries, purchases, dismissals."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from tests.model.people import People
from tests.model.rows import ANY, TIERS, Better, Person, Refusal
from tests.model.seats import request

LONGEST_AGE = timedelta(days=7)
"""A refusal without an attempt for longer is retried only by its reference."""


class Log(People):
    def recent_refusals(self) -> list[Refusal]:
        return [entry for entry in self.open_refusals() if self.now - entry.tried <= LONGEST_AGE]

    @request
    def retry(self, entry: Refusal) -> str:
        """Admit a person from the log; they are unconfirmed until their provider names them."""
        attempts, tried = entry.attempts, entry.tried
        if entry.new_person:
            outcome = self._create(Person(entry.name, entry.title, email=entry.email), wants=entry.wants)
        else:
            person = self.of(entry.key)
            if not person.active:
                outcome = self._save(person, person, active=True, wants=entry.wants)
            else:  # they await a group, and the seat that one gives
                refused = self._bring([person])
                outcome = "refused" if refused else "gone" if person.status == "none" else person.status
        entry.attempts, entry.tried = attempts, tried
        if outcome.startswith(("seated", "waiting")):
            self.of(entry.key).unconfirmed = True
        return outcome

    @request
    def retry_better(self, better: Better) -> str:
        """Give a seated person the tier that was refused, or let them wait for it; they keep their seat."""
        if better not in self.better_tiers():
            return "gone"
        person = self.of(better.key)
        decided = self._decide(better.wants, person.tier)
        if decided is None:
            return "refused"
        tier, waits_for = decided
        self._seat(person, tier or person.tier)
        self._record("person.moved" if tier else "person.queued", person.name)
        if waits_for:
            self._wait(person, waits_for)
        person.version += 1
        status = "waiting" if waits_for else person.status
        self._promote()
        return status

    def retry_all(self) -> list[str]:
        """The oldest first; a person is not tried if an earlier one was refused the same tier again."""
        outcomes: list[str] = []
        missing: set[str] = set()
        entries: list[Refusal | Better] = [*self.recent_refusals(), *self.better_tiers()]
        for entry in sorted(entries, key=lambda one: one.number):
            outcomes.append("not_tried" if entry.wants in missing else self.retry_any(entry))
            missing |= {entry.wants} if outcomes[-1] == "refused" else set()
        return outcomes

    def retry_any(self, entry: Refusal | Better) -> str:
        return self.retry(entry) if isinstance(entry, Refusal) else self.retry_better(entry)

    def left_out(self) -> list[Refusal | Better]:
        """What can be retried or dismissed by its reference."""
        return [*self.open_refusals(), *self.better_tiers()]

    @request
    def dismiss(self, entry: Refusal | Better) -> str:
        if isinstance(entry, Refusal):
            self._record("person.dismissed", entry.called)
            entry.open = False
            return "done"
        person = self.of(entry.key)
        self._record("person.dismissed", person.name)
        person.recorded.pop("person.tier_refused")
        return "done"

    def better_tiers(self) -> list[Better]:
        return [Better(one.key, wants, one.recorded_at) for one, wants in self._wanting_better()]

    @request
    def clear(self, chosen: Sequence[Refusal]) -> tuple[dict[str, int], list[str]] | str:
        """Buy the missing seats; admit waiting people first, then recently refused or selected people."""
        included = [entry for entry in self.open_refusals() if entry in (*self.recent_refusals(), *chosen)]
        better = self._wanting_better()
        missing = self.missing(included, better)
        if self.suspended or not (missing or included or better):
            return "wrong"
        for person, wants in better:
            self._record("person.queued", person.name)
            self._wait(person, wants)
            person.version += 1
        if missing:
            self._buy_seats(missing)
        if missing or better:
            self._seat_all(Counter(entry.wants for entry in included))
        retried = {
            id(entry): self.retry(entry) for entry in sorted(included, key=lambda one: one.wants == ANY)
        }
        return missing, [retried[id(entry)] for entry in included]

    def _seat_all(self, new_people: Counter[str]) -> None:
        """Seat all: a person who accepts any tier gets a seat that no other person wants, now or later."""
        while heads := self._to_seat(new_people):
            tier, people = heads
            for person in people:
                self._seat(person, tier)
                self._record("person.promoted", person.name)
                person.version += 1
        self._promote()

    def _to_seat(self, new_people: Counter[str]) -> tuple[str, list[Person]] | None:
        for wants in (ANY, None):
            for tier in TIERS:
                waiting = [one for one in self.queue() if one.wants == (wants or tier)]
                others = [one for one in self.queue() if one.wants == tier]
                free = self.free(tier) - (len(others) + new_people[tier] if wants else 0)
                if waiting and free > 0:
                    return tier, waiting[:free]
        return None

    def _wanting_better(self) -> list[tuple[Person, str]]:
        """Seated people who were refused the tier that their groups still give, the oldest refusal first."""
        found = []
        for person in self.people:
            wants, entitlement = person.recorded.get("person.tier_refused"), self._entitlement_of(person)
            idle = person.active and person.tier and not person.wants and not person.primary
            if not idle or wants is None or wants in (ANY, person.tier):
                continue
            stored = any(one.tier for one in self._given(person))
            given = {one.tier for one in self.mappings} if self.mode == "jit" and not stored else set()
            if wants == entitlement.wants or wants in given:
                found.append((person, wants))
        return sorted(found, key=lambda one: one[0].recorded_at)

    def missing(
        self, included: Sequence[Refusal], better: Sequence[tuple[Person, str]] = ()
    ) -> dict[str, int]:
        """The missing seats by tier, if every person is to get the tier they want."""
        wants = [person.wants for person in self.queue()] + [entry.wants for entry in included]
        wants += [tier for _, tier in better]
        upward = [person for person, _ in better]
        missing, spare = {}, 0
        for tier in TIERS:
            leaving = [one for one in self.people if one.tier == tier and (one.wants or one in upward)]
            short = wants.count(tier) - self.free(tier) - len(leaving)
            missing[tier], spare = max(short, 0), spare + max(-short, 0)
        missing[TIERS[-1]] += max(wants.count(ANY) - spare, 0)
        return {tier: number for tier, number in missing.items() if number}

    def _buy_seats(self, quantities: dict[str, int]) -> None:
        self.purchased = {tier: self.purchased[tier] + quantities.get(tier, 0) for tier in TIERS}
        self._record("seats.added")
        if self.contract:
            self.invoices.append(("purchase", dict(quantities)))
