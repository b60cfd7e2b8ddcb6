"""Groups and mappings, as rules of the state machine (tests.machine)."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.machine.one_organization import (
    GROUPS,
    Machine,
    anyone,
    externals,
    mapped_names,
    mappings,
    members,
    provided,
    unmapped,
)
from tests.model.rows import Mapping


class GroupRules(Machine):
    @precondition(lambda self: len(self.model.groups) < 4 and provided(self))
    @rule(which=anyone, members=members, external=externals)
    def create_group(self, *, which: int, members: set[int], external: str | None) -> None:
        keys, name = self.keys(members), self.unused(which)

        outcome = self.real.create_group(name, keys, external)

        assert outcome == self.model.create_group(name, external, keys)

    @precondition(lambda self: self.model.groups and provided(self))
    @rule(which=anyone, add=st.sets(anyone, max_size=3), remove=st.sets(anyone, max_size=3))
    def change_members(self, *, which: int, add: set[int], remove: set[int]) -> None:
        group = self.model.groups[which % len(self.model.groups)]
        removed = self.keys(remove)
        added = [key for key in self.keys(add) if key not in removed]

        outcome = self.real.change_group(group.name, group.name, added, removed)

        assert outcome == self.model.change_group(group, group.name, added, removed)

    @precondition(lambda self: self.model.groups and provided(self))
    @rule(which=anyone, other=anyone, add=st.sets(anyone, max_size=2))
    def rename_group(self, *, which: int, other: int, add: set[int]) -> None:
        group = self.model.groups[which % len(self.model.groups)]
        name, added = self.unused(other), self.keys(add)

        outcome = self.real.change_group(group.name, name, added, ())

        assert outcome == self.model.change_group(group, name, added, ())

    @precondition(lambda self: self.model.groups and provided(self))
    @rule(which=anyone)
    def delete_group(self, *, which: int) -> None:
        group = self.model.groups[which % len(self.model.groups)]

        outcome = self.real.delete_group(group.name)

        assert outcome == self.model.delete_group(group)

    @precondition(
        lambda self: len({one.tier for one in self.model.people if one.tier}) > 1 and provided(self)
    )
    @rule(one=anyone, other=anyone)
    def cross(self, *, one: int, other: int) -> None:
        """Let groups give each of two people the tier of the other's seat."""
        first = self.pick(one, "seated")
        others = [person for person in self.model.people if person.tier not in (None, first.tier)]
        second = others[other % len(others)]
        tiers = str(second.tier), str(first.tier)
        for person, tier in zip((first, second), tiers, strict=True):
            self._move_between_groups(person.key, tier)

    def _move_between_groups(self, key: str, tier: str) -> None:
        for group in [one for one in self.model.groups if one.name.startswith("People of")]:
            outcome = self.real.change_group(group.name, group.name, (), [key])
            assert outcome == self.model.change_group(group, group.name, (), [key])
        name = f"People of {tier}"
        there = [one for one in self.model.groups if one.name == name]
        if there:
            outcome = self.real.change_group(name, name, [key], ())
            assert outcome == self.model.change_group(there[0], name, [key], ())
        else:
            outcome = self.real.create_group(name, [key])
            assert outcome == self.model.create_group(name, None, [key])
            self.map(mapping=Mapping(name, tier))

    # Mappings: a preview shows the effects of saving, and changes nothing

    @rule(mapping=mappings)
    def map(self, *, mapping: Mapping) -> None:
        shown = self.real.save_mapping(mapping, preview=True)

        effects = self.real.save_mapping(mapping)

        assert shown == effects == self.model.save_mapping(mapping)

    @precondition(lambda self: self.model.mappings)
    @rule(name=mapped_names)
    def unmap(self, *, name: str) -> None:
        shown = self.real.remove_mapping(name, preview=True)

        effects = self.real.remove_mapping(name)

        assert shown == effects == self.model.remove_mapping(name)

    @rule(choice=unmapped)
    def choose_unmapped(self, *, choice: str) -> None:
        shown = self.real.choose_unmapped(choice, preview=True)

        effects = self.real.choose_unmapped(choice)

        assert shown == effects == self.model.choose_unmapped(choice)

    def unused(self, which: int) -> str:
        """A name that no group has now."""
        taken = {group.name for group in self.model.groups}
        free = [name for name in (*GROUPS, f"Group {len(self.model.events)}") if name not in taken]
        return free[which % len(free)]
