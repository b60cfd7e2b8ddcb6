"""Entitlements of the simple model (tests.model): a tier, a role, a place in the queue."""

from collections.abc import Sequence
from typing import NamedTuple

from tests.model.rows import ANY, TIERS, USUAL_PRIORITY, Group, Mapping, Person
from tests.model.seats import Seats

ROLES = ("user", "admin", "owner")  # the least privileged first


class Entitlement(NamedTuple):
    """The entitlement of a person; `wants` is None before a group gives a tier."""

    wants: str | None
    role: str | None
    priority: int


class Entitlements(Seats):
    def _mapping(self, name: str) -> Mapping | None:
        return next((one for one in self.mappings if one.name.lower() == name.lower()), None)

    def _mappings_of(self, group: Group) -> list[Mapping]:
        return [one for one in self.mappings if one.covers(group)]

    def _covered(self, *mappings: Mapping) -> list[Person]:
        groups = [group for group in self.groups if any(one.covers(group) for one in mappings)]
        return [person for person in self.people if any(person.key in group.members for group in groups)]

    def _tiers_are_mapped(self) -> bool:
        return any(one.tier for one in self.mappings)

    def _given(self, person: Person) -> list[Mapping]:
        mine = [group for group in self.groups if person.key in group.members]
        return [one for one in self.mappings if any(one.covers(group) for group in mine)]

    def _entitlement(self, given: Sequence[Mapping]) -> Entitlement:
        """The highest tier, the most privileged role and the best priority that groups give."""
        tiers = [one.tier for one in given if one.tier]
        roles = [one.role for one in given if one.role]
        priorities = [one.priority for one in given if one.priority is not None]
        unmapped = {"highest": ANY, "lowest": TIERS[-1], "none": None}[self.unmapped]
        return Entitlement(
            min(tiers, key=TIERS.index) if tiers else unmapped if self._tiers_are_mapped() else ANY,
            max(roles, key=ROLES.index) if roles else None,
            min(priorities, default=USUAL_PRIORITY),
        )

    def _entitlement_of(self, person: Person) -> Entitlement:
        return self._entitlement(self._given(person))

    def _may_sit(self, person: Person, tier: str) -> bool:
        """Whether an admin may assign this tier: no other than the one that the person's groups give."""
        given = [one.tier for one in self._given(person) if one.tier]
        return person.primary or not given or self._entitlement_of(person).wants == tier
