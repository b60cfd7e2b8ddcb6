"""What stands behind a refusal: a new person, a person who comes back, or a member who awaits a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from scim_server.store.database.session import Read
from scim_server.store.rows import members, people
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal


class Kind(Enum):
    """What a retry of a refusal does.

    Attributes:
        NEW: it creates a person.
        RETURNING: it activates an inactive person.
        MEMBER: it gives an active person the seat that a group gives.
        TAKEN: it fails, because another person has the userName.
        GONE: nothing is left to do.
    """

    NEW = auto()
    RETURNING = auto()
    MEMBER = auto()
    TAKEN = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Case:
    """A refusal with the stored person, if there is one."""

    refusal: Refusal
    kind: Kind
    person: Person | None = None


def cases(read: Read, refused: Sequence[Refusal]) -> list[Case]:
    """The refusals in the same order, each with its kind."""
    taken = people.by_keys(read, [one.user_name_key for one in refused if one.person is None])
    ids = [one.person for one in refused if one.person is not None]
    stored = {one.id: one for one in members.of_ids(read, ids)}
    return [_case(one, taken.get(one.user_name_key), stored) for one in refused]


def _case(refusal: Refusal, namesake: Person | None, stored: dict[str, Person]) -> Case:
    if refusal.person is None:
        return Case(refusal, Kind.NEW if namesake is None else Kind.TAKEN)
    person = stored.get(refusal.person)
    if person is None:
        return Case(refusal, Kind.GONE)
    return Case(refusal, Kind.MEMBER if person.active else Kind.RETURNING, person)
