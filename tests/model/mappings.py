"""Mappings of the simple model (tests.model): tiers, roles, places in the queue.

An answer names every changed person and every person refused the tier of their groups, with role, seat,
entitlement and whether they were refused; or it is `wrong`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from tests.model.entitlements import Entitlement
from tests.model.members import Members
from tests.model.rows import ANY, USUAL_PRIORITY, Group, Mapping, Person
from tests.model.seats import request

Effects = dict[str, tuple[str, str | None, str | None, bool]]


class Recorded(NamedTuple):
    """The change of a person; `queues` if the event's number is their place in the queue."""

    event: str
    person: Person
    queues: bool = False


class Mappings(Members):
    @request
    def save_mapping(self, mapping: Mapping) -> Effects:
        before = self._mapping(mapping.name)
        if before == mapping:
            return {}
        first = mapping.tier and not self._tiers_are_mapped()
        gives_no_tier_any_more = before and before.tier and not mapping.tier
        concerned = self._covered(*filter(None, [before, mapping]))
        self.mappings = [*(one for one in self.mappings if one is not before), mapping]
        self._record("mapping.saved")
        return self._effects(
            [*concerned, *self._unmapped()] if first or gives_no_tier_any_more else concerned
        )

    @request
    def remove_mapping(self, name: str) -> Effects | str:
        before = self._mapping(name)
        if before is None:
            return "wrong"
        concerned = self._covered(before)
        self.mappings.remove(before)
        self._record("mapping.removed")
        return self._effects(concerned if self._tiers_are_mapped() else [*concerned, *self._unmapped()])

    @request
    def choose_unmapped(self, choice: str) -> Effects:
        if choice == self.unmapped:
            return {}
        self.unmapped = choice
        self._record("organization.updated")
        return self._effects(self._unmapped())

    def _unmapped(self) -> list[Person]:
        """People who may be without a group that gives a tier: groups in sign-ins are not stored here."""
        kept = self.mode == "jit"
        return [one for one in self.people if one.active and (not kept or one.unseated == "awaiting_group")]

    # Groups

    @request
    def create_group(self, name: str, external: str | None, members: Sequence[str]) -> str:
        if self.mode != "scim":
            return "forbidden"
        self.groups.append(Group(name, [], external))
        self._record("group.created", name)
        self._follow(self._change_members(self.groups[-1], members, ()))
        return "done"

    @request
    def change_group(self, group: Group, name: str, add: Sequence[str], remove: Sequence[str]) -> str:
        if self.mode != "scim":
            return "forbidden"
        changes = [key for key in add if key not in group.members] + [
            key for key in remove if key in group.members
        ]
        if changes or name != group.name:
            before = self._mappings_of(group)
            other_name = name.lower() != group.name.lower()
            group.name, group.version = name, group.version + 1
            self._record("group.updated", name)
            touched = self._change_members(group, add, remove)
            self._record_lost(before, self._mappings_of(group))
            self._follow([*touched, *map(self.of, group.members)] if other_name else touched)
        return "done"

    @request
    def delete_group(self, group: Group) -> str:
        if self.mode != "scim":
            return "forbidden"
        self._record("group.deleted", group.name)
        self._record_lost(self._mappings_of(group), [])
        touched = self._change_members(group, (), list(group.members))
        self.groups.remove(group)
        self._follow(touched)
        return "done"

    def _change_members(self, group: Group, add: Sequence[str], remove: Sequence[str]) -> list[Person]:
        after = [key for key in {*group.members, *add} if key not in remove]
        touched = [self.of(key) for key in {*after} ^ {*group.members}]
        for person in touched:
            person.version += 1
        group.members = after
        return touched

    def _follow(self, touched: Sequence[Person]) -> None:
        """Groups give nothing while none is mapped."""
        if self.mappings:
            self._bring(touched)

    def _record_lost(self, before: Sequence[Mapping], after: Sequence[Mapping]) -> None:
        for mapping in before:
            if mapping not in after:
                self._record("mapping.group_gone")

    # Applying entitlements

    def _effects(self, concerned: Collection[Person]) -> Effects:
        """A change by an admin; for people who are refused again it is not an attempt."""
        before = {person.key: _traits(person) for person in self.people}
        attempts = [(entry, entry.attempts, entry.tried) for entry in self.open_refusals()]
        refused = self._bring(concerned)
        for entry, number, tried in attempts:
            entry.attempts, entry.tried = number, tried
        return {
            person.key: (person.role, person.tier, person.wants, person.key in refused)
            for person in self.people
            if _traits(person) != before[person.key] or person.key in refused
        }

    def _bring(self, concerned: Iterable[Person], entitlement: Entitlement | None = None) -> set[str]:
        """Give every affected person their entitlement, all at once; returns the refused people.

        The Primary Owner is skipped. Roles and priorities apply to all people, seats to active ones.
        """
        keys = {person.key for person in concerned}
        people = [person for person in self.people if person.key in keys and not person.primary]
        entitlements = {person.key: entitlement or self._entitlement_of(person) for person in people}
        before = {person.key: _traits(person) for person in self.people}
        self._close_what_no_group_gives(people, entitlements)
        recorded = [
            Recorded(event, person) for person in people for event in self._adapt(person, entitlements)
        ]
        movers = [person for person in people if _is_moving(person, entitlements[person.key].wants)]
        recorded += self._rearrange(
            movers, {person.key: str(entitlements[person.key].wants) for person in movers}
        )
        self._record_all(
            [one for one in recorded if not (entitlement and self._is_repeated(one, entitlement))],
            entitlements,
        )
        for person in self.people:
            if _traits(person) != before[person.key]:
                person.version += 1
                if person.tier or person.wants:
                    self._close(person.key)
        for event, person, _ in recorded:
            if event == "refused":
                self._refuse(person, str(entitlements[person.key].wants), new_person=False)
        self._promote()
        return {person.key for event, person, _ in recorded if event in ("refused", "person.tier_refused")}

    def _close_what_no_group_gives(
        self, people: Sequence[Person], entitlements: dict[str, Entitlement]
    ) -> None:
        for person in people:
            if person.unseated == "awaiting_group" and not entitlements[person.key].wants:
                self._close(person.key)

    def _record_all(self, recorded: Sequence[Recorded], entitlements: dict[str, Entitlement]) -> None:
        for event, person, queues in recorded:
            if event != "refused":
                self._record(event, person.name)
                self._remember(event, person, entitlements)
            if queues:
                person.arrival = len(self.events)

    def _is_repeated(self, one: Recorded, entitlement: Entitlement) -> bool:
        """Whether a sign-in only repeats a recorded refusal; it is not recorded again."""
        wanted = _role_of(entitlement) if one.event == "person.role_kept" else entitlement.wants
        return one.person.recorded.get(one.event) == str(wanted)

    def _remember(self, event: str, person: Person, entitlements: dict[str, Entitlement]) -> None:
        if event == "person.role_changed":
            person.recorded.pop("person.role_kept", None)
        elif event == "person.role_kept":
            person.recorded[event] = _role_of(entitlements[person.key])
        elif event == "person.tier_refused":
            person.recorded[event] = str(entitlements[person.key].wants)
            person.recorded_at = len(self.events)

    def _adapt(self, person: Person, entitlements: dict[str, Entitlement]) -> Iterator[str]:
        """Change role, priority and the wanted tier; returns the events."""
        entitlement = entitlements[person.key]
        role = entitlement.role or ("user" if person.mapped else person.role)
        if role != person.role and self._would_be_the_last(person, role, entitlements):
            yield "person.role_kept"
        else:
            if role != person.role:
                yield "person.role_changed"
            person.role, person.mapped = role, entitlement.role is not None
        kept = person.prioritised and person.wants and entitlement.priority == USUAL_PRIORITY
        if entitlement.priority != person.priority and not kept:
            yield "person.prioritised"
            person.priority, person.prioritised = entitlement.priority, False
        # A person who waits for any tier came before groups decided, and stays in the queue.
        if person.wants and person.wants != entitlement.wants and (entitlement.wants or person.wants != ANY):
            ends = person.tier or not entitlement.wants
            yield "person.wait_ended" if ends else "person.requeued"
            person.left = (person.arrival, self.now) if ends else None
            person.wants = None if ends else entitlement.wants
            person.unseated = None if person.tier or entitlement.wants else "awaiting_group"

    def _would_be_the_last(self, person: Person, role: str, entitlements: dict[str, Entitlement]) -> bool:
        """Whether no Owner with access, or no Owner at all, would remain when all have their roles."""
        others = [one for one in self.people if one.active and one is not person]
        owning = [
            one
            for one in others
            if one.owns or (one.key in entitlements and entitlements[one.key].role == "owner")
        ]
        if not person.active or not person.owns or role == "owner" or any(one.tier for one in owning):
            return False
        return bool(person.tier) or not owning

    def _rearrange(self, movers: Sequence[Person], wanted: dict[str, str]) -> list[Recorded]:
        """Move, queue or refuse people who should have another seat, in order; no person loses a seat."""
        waiting = [person for person in self.queue() if person.tier]
        wanted |= {person.key: str(person.wants) for person in waiting}
        # `sorted` keeps the order of people of one priority.
        places = {person.key: self._place_of(person) for person in movers}
        first = sorted([one for one in movers if places[one.key]], key=lambda one: places[one.key] or 0)
        movers = [*first, *(one for one in movers if not places[one.key])]
        everybody = [*waiting, *sorted(movers, key=lambda person: person.priority)]
        moving = self._most_who_can_move([one for one in everybody if one.tier], wanted)
        events = {one.key: "person.promoted" if one.wants else "person.moved" for one in moving}
        for person in moving:
            self._seat(person, wanted[person.key])
        recorded = []
        for person in everybody:
            if person.key in events:
                recorded.append(Recorded(events[person.key], person))
            elif person not in waiting:
                recorded.append(self._settle(person, wanted[person.key]))
        return recorded

    def _settle(self, person: Person, wants: str) -> Recorded:
        """A person who gets no seat by an exchange requests one like a newcomer."""
        decided = self._decide(wants, person.tier)
        if decided is None:
            return Recorded("person.tier_refused" if person.tier else "refused", person)
        tier, waits_for = decided
        event = "person.queued" if not tier else "person.moved" if person.tier else "person.provisioned"
        place = self._place_of(person)
        self._seat(person, tier or person.tier)
        person.wants = waits_for
        if waits_for and place:
            person.arrival = place
        return Recorded(event, person, waits_for is not None and not place)

    def _place_of(self, person: Person) -> int | None:
        """The retained queue place of a person who left a group at most a day ago."""
        return person.left[0] if person.left and self.now - person.left[1] <= timedelta(days=1) else None


def _role_of(entitlement: Entitlement) -> str:
    """A person whose groups give no role any more becomes a user."""
    return entitlement.role or "user"


def _is_moving(person: Person, wants: str | None) -> bool:
    if not person.active or not wants or person.wants:
        return False
    return wants not in (ANY, person.tier) if person.tier else person.unseated == "awaiting_group"


def _traits(person: Person) -> tuple[object, ...]:
    return person.role, person.mapped, person.tier, person.wants, person.priority, person.unseated
