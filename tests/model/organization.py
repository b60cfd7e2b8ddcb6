"""A naive organization to compare the real one with, written from the seat rules and nothing else.

It keeps no counters: every number is counted again from plain lists, and the queue is sorted anew, each
time a person asks. An operation returns the result for the person: `seated on premium`, `waiting`,
`inactive`, `refused`; or, if the whole request is refused, `taken`, `forbidden` or `wrong`.

rows            people, groups, refusals, invitations as they stand there
seats           the gate, the queue, due changes
entitlements    what groups give a person
members         changes that an admin makes
mappings        groups and mappings: many people who change seats at once
invitations, people, left_out: as their names say
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy

from tests.model.left_out import Log
from tests.model.rows import ANY, TIERS, USUAL_PRIORITY, Person
from tests.model.seats import request

State = dict[str, object]


class Organization(Log):
    # The plan

    @request
    def add(self, quantities: Mapping[str, int], for_people: Sequence[str] = ()) -> str:
        if self.suspended or len(for_people) > sum(quantities.values()):
            return "wrong"
        before = deepcopy(vars(self)) if for_people else {}
        self._buy_seats(dict(quantities))
        for person in [self.of(key) for key in for_people]:
            tiers = [
                tier
                for tier in TIERS
                if tier in quantities and self.free(tier) > 0 and self._may_sit(person, tier)
            ]
            if person.status not in ("waiting", "none") or not tiers:
                vars(self).update(before)
                return "wrong"
            self._provision(person, tiers[0], person.name)
            self._close(person.key)
            person.version += 1
        self._promote()
        return "done"

    @request
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

    @request
    def set_overflow(self, overflow: str) -> None:
        if overflow != self.overflow:
            self.overflow = overflow
            self._record("organization.updated")

    @request
    def set_tier_overflow(self, tier: str, overflow: str | None, ceiling: int | None = None) -> str:
        """Without a ceiling the present one stays."""
        ceiling = self.ceilings[tier] if ceiling is None else ceiling
        if ceiling and not self.contract:
            return "wrong"
        if (overflow, ceiling) != (self.own_overflow[tier], self.ceilings[tier]):
            self.own_overflow[tier], self.ceilings[tier] = overflow, ceiling
            self._record("organization.updated")
        return "done"

    @request
    def set_ways_in(self, mode: str, *, inviting: bool) -> None:
        if (mode, inviting) != (self.mode, self.inviting):
            self.mode, self.inviting = mode, inviting
            self._record("organization.updated")

    @request
    def suspend(self) -> bool:
        """Whether that was a change."""
        return self._suspend(yes=True, event="organization.suspended")

    @request
    def resume(self) -> bool:
        return self._suspend(yes=False, event="organization.resumed")

    @request
    def prioritise(self, key: str, priority: int) -> str:
        """Set the priority of a waiting person, unless a group gives one."""
        person = self.of(key)
        given = self._entitlement_of(person).priority != USUAL_PRIORITY
        if not person.wants or given or (person.priority != USUAL_PRIORITY and not person.prioritised):
            return "wrong"
        if priority != person.priority:
            self._record("person.prioritised", person.name)
            person.priority, person.prioritised = priority, priority != USUAL_PRIORITY
            person.version += 1
        return "done"

    @request
    def sign(self) -> None:
        self.contract = True
        self._record("contract.signed")

    @request
    def nothing(self) -> None:
        """A write that only applies due changes."""

    def _suspend(self, *, yes: bool, event: str) -> bool:
        if self.suspended == yes:
            return False
        self.suspended = yes
        self._record(event)
        self._promote()
        return True

    # The state that is compared with the real one

    def state(self) -> State:
        return {
            "people": {p.key: _person_values(p) for p in self.people},
            "queue": [person.key for person in self.queue()],
            "tiers": {tier: self._tier_values(tier) for tier in TIERS},
            "waiting_any": len([person for person in self.people if person.wants == ANY]),
            "refusals": [(entry.key, entry.wants, entry.attempts, entry.open) for entry in self.refusals],
            "groups": {group.name: (sorted(group.members), group.version) for group in self.groups},
            "invoices": list(self.invoices),
            "invitations": [
                (
                    one.key,
                    one.role,
                    one.wants,
                    one.held,
                    one.state,
                    one.expires,
                    self._invitee_name(one.person),
                )
                for one in self.invitations
            ],
            "events": list(self.events),
        }

    def _tier_values(self, tier: str) -> dict[str, object]:
        return {
            "purchased": self.purchased[tier],
            "assigned": len([person for person in self.people if person.tier == tier]),
            "held": len([one for one in self.invitations if one.held == tier]),
            "waiting": len([person for person in self.people if person.wants == tier]),
            "overflow": self.own_overflow[tier],
            "ceiling": self.ceilings[tier],
            "automatic": self.bought.count(tier),
            "unbilled": self.unbilled.count(tier),
        }

    def _invitee_name(self, person: Person | None) -> str | None:
        return None if person is None else person.key if person in self.people else "gone"


def _person_values(p: Person) -> tuple[object, ...]:
    return p.name, p.status, p.wants, p.unseated, p.role, p.mapped, p.priority, p.version, p.unconfirmed
