"""The plan, time, and left-out people, as rules of the state machine (tests.machine)."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.machine.one_organization import Machine, anyone, overflows, own_overflows
from tests.model.rows import TIERS

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
later = st.sampled_from([timedelta(), timedelta(), 7 * 24 * HOUR, 7 * 24 * HOUR + SECOND])
quantities = st.dictionaries(st.sampled_from(TIERS), st.just(1), min_size=1)
changes = st.dictionaries(st.sampled_from(TIERS), st.sampled_from([1, 2, 0, -1, -2]), min_size=1)


class PlanRules(Machine):
    # The plan: none of these rules takes a seat from a person (I9)

    @precondition(lambda self: self.model.queue() or self.model.open_refusals())
    @rule(added=quantities, named=st.lists(anyone, max_size=2), preview=st.booleans())
    def add_seats(self, *, added: dict[str, int], named: list[int], preview: bool) -> None:
        keys = [self.pick(who, "seatless").key for who in named] if self.model.people else []
        if preview:
            self.real.add(added, keys, preview=True)
        before, waiting = self.real.seated(), self.waiting()

        outcome = self.real.add(added, keys)

        assert outcome == self.model.add(added, keys)
        assert self.no_seat_was_lost(before, waiting), "I9: a person lost a seat"

    @rule(changed=changes)
    def grant(self, *, changed: dict[str, int]) -> None:
        totals = {tier: self.model.purchased[tier] + change for tier, change in changed.items()}
        before, waiting = self.real.seated(), self.waiting()

        outcome = self.real.grant(totals)

        assert outcome == self.model.grant(totals)
        assert self.no_seat_was_lost(before, waiting), "I9: a person lost a seat"

    @rule(overflow=overflows)
    def change_overflow(self, *, overflow: str) -> None:
        self.note()
        before = self.real.seated()

        self.real.set_overflow(overflow)

        self.model.set_overflow(overflow)
        assert before == self.real.seated(), "I9: a person's seat changed"

    @rule(tier=st.sampled_from(TIERS), overflow=own_overflows, ceiling=st.sampled_from([None, 0, 1, 3]))
    def change_overflow_of_a_tier(self, *, tier: str, overflow: str | None, ceiling: int | None) -> None:
        self.note()
        before = self.real.seated()

        outcome = self.real.set_tier_overflow(tier, overflow, ceiling)

        assert outcome == self.model.set_tier_overflow(tier, overflow, ceiling)
        assert before == self.real.seated(), "I9: a person's seat changed"

    # The log of refusals

    @precondition(lambda self: self.model.left_out())
    @rule(which=anyone)
    def retry_one(self, *, which: int) -> None:
        numbers = self.real.left_out()
        entry = self.model.left_out()[which % len(self.model.left_out())]

        outcomes = self.real.retry(numbers[entry.key])

        assert outcomes == [self.model.retry_any(entry)]

    @precondition(lambda self: self.model.left_out())
    @rule(later=later)
    def retry_all(self, *, later: timedelta) -> None:
        self.set_clock(self.model.now + later)

        outcomes = self.real.retry()

        assert outcomes == self.model.retry_all()

    @precondition(lambda self: self.model.left_out())
    @rule(which=anyone)
    def dismiss(self, *, which: int) -> None:
        numbers = self.real.left_out()
        entry = self.model.left_out()[which % len(self.model.left_out())]

        outcome = self.real.dismiss(numbers[entry.key], "left the company")

        assert outcome == self.model.dismiss(entry)

    @precondition(lambda self: self.model.queue() or self.model.open_refusals())
    @rule(chosen=st.sets(anyone, max_size=2), preview=st.booleans(), later=later)
    def buy_to_clear(self, *, chosen: set[int], preview: bool, later: timedelta) -> None:
        """Older refusals only if they are chosen."""
        self.set_clock(self.model.now + later)
        numbers, entries = self.real.open_refusals(), self.model.open_refusals()
        asked = [entries[one] for one in sorted(chosen) if one < len(entries)]
        ids = [numbers[entry.key] for entry in asked]
        confirmation = self.real.clear_preview(ids) if preview else None

        outcome = self.real.clear(ids, confirmation=confirmation)

        assert outcome == self.model.clear(asked)

    # Time: any next write applies due changes

    @rule(how_long=st.sampled_from([HOUR, 24 * HOUR, 7 * 24 * HOUR, 7 * 24 * HOUR + SECOND]))
    def wait(self, *, how_long: timedelta) -> None:
        self.set_clock(self.model.now + how_long)

    @precondition(lambda self: any(one.pending for one in self.model.invitations))
    @rule(until=st.sampled_from(["just before", "the first", "the first", "the last"]))
    def wait_for_an_expiry(self, *, until: str) -> None:
        expiries = [one.expires for one in self.model.invitations if one.pending]
        moment = max(expiries) if until == "the last" else min(expiries)
        early = SECOND if until == "just before" else timedelta()

        self.set_clock(max(self.model.now, moment - early))

    @precondition(lambda self: self.model.is_due())
    @rule()
    def note_due_changes(self) -> None:
        self.real.nothing()

        self.model.nothing()

    # Suspension: no person gets or loses a seat

    @precondition(lambda self: not self.model.suspended)
    @rule(steps=st.integers(1, 6), leaver=st.none() | anyone)
    def suspend(self, *, steps: int, leaver: int | None) -> None:
        """In some cases a person is unassigned meanwhile, and their seat stays free."""
        self.note()
        before = self.real.seated()

        changed = self.real.suspend()

        assert changed == self.model.suspend()
        assert before == self.real.seated(), "SEATS 10: nobody is evicted"
        self.until_resumed = steps
        if leaver is not None and self.model.people:
            person = self.pick(leaver, "seated")
            assert self.real.unassign(person.key) == self.model.unassign(person.key)

    def waiting(self) -> dict[str, str]:
        return {person.key: f"seated on {person.wants}" for person in self.model.queue()}

    def no_seat_was_lost(self, before: dict[str, str], waiting: dict[str, str]) -> bool:
        """Whether seats changed only for people who waited for another tier."""
        after = self.real.seated()
        return all(after.get(key) in (tier, waiting.get(key, tier)) for key, tier in before.items())
