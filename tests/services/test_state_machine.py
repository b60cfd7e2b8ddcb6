"""Random histories of one organization, on the real databases, step by step beside the naive model.

After every step three accounts agree: the answer, the rows, and what the model expects of both; and the
rows are counted again for every invariant of the seat rules.
"""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from scim_server.protocol.errors import Forbidden, Uniqueness, VersionMismatch
from scim_server.services import people, purchases
from scim_server.services.modes import accepting_scim
from scim_server.services.purchases import Request
from scim_server.store.session import Database, Write
from seat_policy.invoices import Order
from tests.customer import moved
from tests.machine import Machine, names, overflows, own_overflows, wishes
from tests.model_seats import TIERS
from tests.organization import OWNER, described

A_FEW = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow],
)

titles = st.sampled_from(["Engineer", "Artist"])
ways = st.sampled_from(["PUT", "PATCH"])
whom = st.integers(0, 9)
quantities = st.dictionaries(st.sampled_from(TIERS), st.just(1), min_size=1)
changes = st.dictionaries(st.sampled_from(TIERS), st.sampled_from([1, 2, 0, -1, -2]), min_size=1)


class Undone(Exception):
    pass


def nobody_sits_lower(before: dict[str, str], after: dict[str, str]) -> bool:
    """Who waited on a lower tier for a higher one may have it now."""
    ranked = [f"seated on {tier}" for tier in TIERS]
    return all(key in after and ranked.index(after[key]) <= ranked.index(before[key]) for key in before)


def with_people(machine: "OneOrganization") -> bool:
    return bool(machine.model.people)


def with_somebody_out(machine: "OneOrganization") -> bool:
    return bool(machine.model.queue() or machine.model.open_refusals())


class OneOrganization(Machine):
    # People

    @rule(name=names, title=titles, active=st.sampled_from([True, True, True, None, False]))
    def create(self, *, name: str, title: str, active: bool | None) -> None:
        outcome = self.real.create(described(name, title, active=active))

        assert outcome == self.model.create(name, title, active=active is not False)

    @rule(name=names, title=titles, wants=wishes)
    def create_wanting(self, *, name: str, title: str, wants: str) -> None:
        outcome = self.real.create_wanting(described(name, title), wants)

        assert outcome == self.model.create(name, title, wants=wants)

    @precondition(with_people)
    @rule(who=whom, title=titles, backwards=st.booleans(), says_active=st.booleans())
    def describe(self, *, who: int, title: str, backwards: bool, says_active: bool) -> None:
        """The same values, in any order and with `active` as it is or not at all, are no change of them."""
        person = self.somebody(who)
        active = person.active if says_active else None

        outcome = self.real.replace(
            person.key, described(person.name, title, backwards=backwards, active=active)
        )

        assert outcome == self.model.save(person.key, person.name, title, active=active)

    @precondition(with_people)
    @rule(who=whom, name=names, way=ways)
    def rename(self, *, who: int, name: str, way: str) -> None:
        person = self.somebody(who)
        if person.key == OWNER and not person.primary:
            way = "PUT"  # whose address goes with the name, so that it can be told what they were sent as

        outcome = self.save(way, person, described(name, person.title), userName=name)

        assert outcome == self.model.save(person.key, name, person.title)

    @precondition(with_people)
    @rule(who=whom, title=titles, way=ways, kind=st.sampled_from(["seated", "both", "wanting", "owner", ""]))
    def deactivate(self, *, who: int, title: str, way: str, kind: str) -> None:
        person = self.somebody(who, kind)
        sent = described(person.name, title, active=False)

        outcome = self.save(way, person, sent, title=title, active=False)

        assert outcome == self.model.save(person.key, person.name, title, active=False)

    @precondition(with_people)
    @rule(who=whom, title=titles, way=ways, status=st.sampled_from(["inactive", "inactive", ""]))
    def activate(self, *, who: int, title: str, way: str, status: str) -> None:
        person = self.somebody(who, status)
        sent = described(person.name, title, active=True)

        outcome = self.save(way, person, sent, active="True", title=title)

        assert outcome == self.model.save(person.key, person.name, title, active=True)

    @precondition(with_people)
    @rule(who=whom, wants=wishes)
    def activate_wanting(self, *, who: int, wants: str) -> None:
        person = self.somebody(who, "inactive")
        sent = described(person.name, person.title, active=True)

        outcome = self.real.save_wanting(person.key, sent, wants)

        assert outcome == self.model.save(person.key, person.name, person.title, active=True, wants=wants)

    @precondition(with_people)
    @rule(who=whom, kind=st.sampled_from(["seated", "wanting", "owner", ""]))
    def delete(self, *, who: int, kind: str) -> None:
        person = self.somebody(who, kind)

        outcome = self.real.delete(person.key)

        assert outcome == self.model.delete(person.key)

    @precondition(lambda self: self.model.queue())
    @rule(who=whom, priority=st.sampled_from([1, 100, 900]))
    def prioritise(self, *, who: int, priority: int) -> None:
        person = self.somebody(who, "wanting")

        self.real.prioritise(person.key, priority)

        self.model.prioritise(person.key, priority)

    # By hand: past the queue, and nobody takes the role of the last Owner

    @precondition(with_people)
    @rule(
        who=whom,
        kind=st.sampled_from(["seatless", "seatless", "both", ""]),
        tier=st.sampled_from([None, *TIERS]),
    )
    def assign(self, *, who: int, kind: str, tier: str | None) -> None:
        person = self.somebody(who, kind)

        outcome = self.real.assign(person.key, tier)

        assert outcome == self.model.assign(person.key, tier)

    @precondition(with_people)
    @rule(who=whom, kind=st.sampled_from(["seated", "both", "wanting", "owner"]))
    def unassign(self, *, who: int, kind: str) -> None:
        person = self.somebody(who, kind)

        outcome = self.real.unassign(person.key)

        assert outcome == self.model.unassign(person.key)

    @precondition(with_people)
    @rule(giver=whom, taker=whom, kind=st.sampled_from(["seatless", "seatless", "inactive", ""]))
    def reassign(self, *, giver: int, taker: int, kind: str) -> None:
        one, other = self.somebody(giver, "seated"), self.somebody(taker, kind)

        outcome = self.real.reassign(one.key, other.key)

        assert outcome == self.model.reassign(one.key, other.key)

    @precondition(with_people)
    @rule(
        one=whom,
        other=whom,
        kinds=st.sampled_from([("both", "seated"), ("seated", "seated"), ("seated", "")]),
    )
    def swap(self, *, one: int, other: int, kinds: tuple[str, str]) -> None:
        first, second = self.somebody(one, kinds[0]), self.somebody(other, kinds[1])

        outcome = self.real.swap(first.key, second.key)

        assert outcome == self.model.swap(first.key, second.key)

    @precondition(with_people)
    @rule(
        who=whom,
        kind=st.sampled_from(["", "owner"]),
        role=st.sampled_from(["user", "admin", "owner", "owner", "primary_owner"]),
    )
    def set_role(self, *, who: int, kind: str, role: str) -> None:
        person = self.somebody(who, kind)

        outcome = self.real.set_role(person.key, role)

        assert outcome == self.model.set_role(person.key, role)

    @precondition(with_people)
    @rule(who=whom)
    def transfer(self, *, who: int) -> None:
        person = self.somebody(who)

        outcome = self.real.transfer(person.key)

        assert outcome == self.model.transfer(person.key)

    # The plan: nothing here takes a seat from anybody (I9)

    @precondition(with_somebody_out)
    @rule(added=quantities, named=st.lists(whom, max_size=2))
    def add_seats(self, *, added: dict[str, int], named: list[int]) -> None:
        keys = [self.somebody(who, "seatless").key for who in named] if self.model.people else []
        before = self.real.seated()

        outcome = self.real.add(added, keys)

        assert outcome == self.model.add(added, keys)
        assert nobody_sits_lower(before, self.real.seated()), "I9: somebody lost a seat"

    @rule(changed=changes)
    def grant(self, *, changed: dict[str, int]) -> None:
        totals = {tier: self.model.purchased[tier] + change for tier, change in changed.items()}
        before = self.real.seated()

        outcome = self.real.grant(totals)

        assert outcome == self.model.grant(totals)
        assert nobody_sits_lower(before, self.real.seated()), "I9: somebody lost a seat"

    @rule(overflow=overflows)
    def change_overflow(self, *, overflow: str) -> None:
        before = self.real.seated()

        self.real.set_overflow(overflow)

        self.model.set_overflow(overflow)
        assert before == self.real.seated(), "I9: somebody's seat changed"

    @rule(tier=st.sampled_from(TIERS), overflow=own_overflows, ceiling=st.sampled_from([None, 0, 1, 3]))
    def change_overflow_of_a_tier(self, *, tier: str, overflow: str | None, ceiling: int | None) -> None:
        before = self.real.seated()

        outcome = self.real.set_tier_overflow(tier, overflow, ceiling)

        assert outcome == self.model.set_tier_overflow(tier, overflow, ceiling)
        assert before == self.real.seated(), "I9: somebody's seat changed"

    @precondition(lambda self: self.model.unbilled)
    @rule()
    def end_the_day(self) -> None:
        self.real.end_day()

        self.model.end_day()

    # The log of refusals

    @precondition(lambda self: self.model.open_refusals())
    @rule(which=whom)
    def retry_one(self, *, which: int) -> None:
        numbers = self.real.open_refusals()
        entry = self.model.open_refusals()[which % len(self.model.open_refusals())]

        outcomes = self.real.retry(numbers[entry.key])

        assert outcomes == [self.model.retry(entry)]

    @precondition(lambda self: self.model.open_refusals())
    @rule()
    def retry_all(self) -> None:
        outcomes = self.real.retry()

        assert outcomes == self.model.retry_all()

    # Groups take no seats, but share the history and bump versions

    @precondition(lambda self: len(self.model.groups) < 2)
    @rule(members=st.sets(whom, max_size=4))
    def create_group(self, *, members: set[int]) -> None:
        keys, name = self.keys(members), f"Group {len(self.model.events)}"

        self.real.create_group(name, keys)

        self.model.create_group(name, keys)

    @precondition(lambda self: self.model.groups)
    @rule(which=whom, add=st.sets(whom, max_size=3), remove=st.sets(whom, max_size=3), renamed=st.booleans())
    def change_group(self, *, which: int, add: set[int], remove: set[int], renamed: bool) -> None:
        group = self.model.groups[which % len(self.model.groups)]
        removed = self.keys(remove)
        added = [key for key in self.keys(add) if key not in removed]
        name = f"Group {len(self.model.events)}" if renamed else group.name

        self.real.change_group(group.name, name, added, removed)

        self.model.change_group(group, name, added, removed)

    @precondition(lambda self: self.model.groups)
    @rule(which=whom)
    def delete_group(self, *, which: int) -> None:
        group = self.model.groups[which % len(self.model.groups)]

        self.real.delete_group(group.name)

        self.model.delete_group(group)

    # A failed request is all or nothing (I8): the model does not move, so nothing else may

    @precondition(with_people)
    @rule(
        step=st.sampled_from(["create", "activate", "deactivate", "add"]), name=names, who=whom, wants=wishes
    )
    def undo(self, *, step: str, name: str, who: int, wants: str) -> None:
        chosen = self.somebody(who)
        person, newcomer = self.real.person(chosen.key), described(name, "Ghost")
        sent = described(chosen.name, "Ghost", active=step == "activate")
        steps: dict[str, Callable[[Write], object]] = {
            "create": lambda write: people.create_in(write, accepting_scim(write), newcomer, wants=wants),
            "activate": lambda write: people.save_in(write, accepting_scim(write), person, sent),
            "deactivate": lambda write: people.save_in(write, accepting_scim(write), person, sent),
            "add": lambda write: purchases.place_in(write, Request(Order({"standard": 1, "premium": 1}))),
        }

        def unit(write: Write) -> None:
            steps[step](write)
            raise Undone

        with pytest.raises((Undone, Uniqueness, Forbidden)):
            self.real.write(unit)

    @rule(added=quantities)
    def preview_seats(self, *, added: dict[str, int]) -> None:
        self.real.add(added, preview=True)

    @precondition(with_people)
    @rule(who=whom)
    def replace_an_old_version(self, *, who: int) -> None:
        person = self.somebody(who)
        sent = described(person.name, "Ghost", active=not person.active)

        with pytest.raises(VersionMismatch):
            self.real.replace(person.key, sent, if_match='W/"0"')


def test_any_history_of_an_organization_goes_as_the_seat_rules_say(database: Database) -> None:
    campaign = settings.get_current_profile_name() == "campaign"

    with moved(database):
        run_state_machine_as_test(
            lambda: OneOrganization(database),  # type: ignore[arg-type]
            settings=settings.get_profile("campaign") if campaign else A_FEW,
        )
