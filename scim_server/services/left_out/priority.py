"""Changes the priority of a waiting person, and tells which people this passes (SEATS 25)."""

from dataclasses import dataclass, replace
from typing import Final

from scim_server.history import PersonPrioritised
from scim_server.services import roles
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.errors import GivenByGroup, InvalidPriority, NotWaiting
from scim_server.services.people.find import named
from scim_server.store.database.session import Write
from scim_server.store.rows import events, people, places
from scim_server.store.rows.people import Person
from seat_policy.roles import Role
from seat_policy.waitlist import DEFAULT_PRIORITY

MOST: Final = 1_000
"""The largest priority, which is served last."""


@dataclass(frozen=True, slots=True)
class Prioritised:
    """A changed priority, or its preview.

    Attributes:
        before, after: the person before and after the change.
        place_before, place_after: the place among the people who may get the same seats; 1 is served first.
        passed: the first of the people whom the change passes, or who pass the person, in the order of the
            queue.
        preview: whether the change was rolled back.
    """

    before: Person
    after: Person
    place_before: int
    place_after: int
    passed: tuple[Person, ...]
    preview: bool

    @property
    def raised(self) -> bool:
        """Whether the person is served earlier now."""
        return self.place_after < self.place_before

    @property
    def count(self) -> int:
        """How many people are passed, or pass the person."""
        return abs(self.place_after - self.place_before)


def change(write: Write, name: str, priority: int, *, preview: bool) -> Prioritised:
    """Set the priority of a waiting person. The arrival stays the same.

    Raises:
        InvalidPriority: the number is too small or too large.
        NotWaiting: the person does not wait.
        GivenByGroup: groups give the priority, and an admin cannot override a group (SEATS 21).
        RoleTooLow: the acting person is not an Admin.
    """
    if not 1 <= priority <= MOST:
        raise InvalidPriority(f"a priority is a whole number from 1 to {MOST}, not {priority}")
    roles.require_above(write, Role.ADMIN)
    before = named(write, name)
    if before.wants is None:
        raise NotWaiting(f"{before.user_name} does not wait for a seat")
    _require_own_choice(write, before)
    place, after = places.of(write, before), before
    if priority != before.priority:
        event = PersonPrioritised(
            person=before.id,
            reason="by_hand",
            override=True,
            before=before.priority,
            after=priority,
            personal={"userName": before.user_name},
        )
        events.append(write, event)
        changed = replace(before, priority=priority, prioritised=priority != DEFAULT_PRIORITY)
        after = people.change(write, before, changed)
    passed = places.between(write, before, after)
    return Prioritised(before, after, place, places.of(write, after), tuple(passed), preview)


def _require_own_choice(write: Write, person: Person) -> None:
    given = entitlements.of_people(write, [person.id])[person.id]
    # Groups in a sign-in are not stored.
    by_sign_in = person.priority != DEFAULT_PRIORITY and not person.prioritised
    if entitlements.gives_priority(given) or by_sign_in:
        raise GivenByGroup(
            f"{person.user_name} has the priority {person.priority} from a group. Change the mapping or the "
            "group instead"
        )
