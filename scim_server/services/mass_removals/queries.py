"""Queries of mass removals: a list, and one with its people (SEATS 34)."""

from collections import Counter
from dataclasses import dataclass

from scim_server.services.context import Context
from scim_server.services.errors import UnknownRemoval
from scim_server.services.lists import SHEET, Page, Reference, Sheet, page_of
from scim_server.services.mass_removals import restore
from scim_server.store.database.session import Read
from scim_server.store.rows import organizations, removals
from scim_server.store.rows.removals import Removal, RemovedPerson


@dataclass(frozen=True, slots=True)
class Removed:
    """A person in a mass removal, and what they had.

    Attributes:
        back: whether the person is back, or another person has the name now.
    """

    removed: RemovedPerson
    back: bool

    @property
    def held(self) -> bool:
        """Whether a seat is held for the person."""
        return self.removed.held is not None


@dataclass(frozen=True, slots=True)
class MassRemoval:
    """A mass removal and the people in it.

    Attributes:
        people: the removed people, in the order of their removal.
        back: the ids of people who are back, or whose name another person has now.
    """

    reference: Reference
    removal: Removal
    people: tuple[RemovedPerson, ...]
    back: frozenset[str]

    @property
    def count(self) -> int:
        """How many people were removed."""
        return len(self.people)

    @property
    def count_back(self) -> int:
        """How many people are back."""
        return len(self.back)

    @property
    def held(self) -> dict[str, int]:
        """The seats that are held for the people, by tier."""
        return dict(Counter(one.held for one in self.people if one.held is not None))

    @property
    def removed_people(self) -> list[Removed]:
        """The people, each with the fact whether the person is back."""
        return [Removed(one, one.person in self.back) for one in self.people]


@dataclass(frozen=True, slots=True)
class Counted:
    """A mass removal in numbers.

    Attributes:
        count: how many people were removed.
        held: the seats that are held for them, by tier.
    """

    reference: Reference
    removal: Removal
    count: int
    held: dict[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A mass removal with a numbered page of its people."""

    counted: Counted
    people: Sheet[Removed]


def sheet(context: Context, number: int = 1) -> Sheet[Counted]:
    """A numbered page of the mass removals, newest first. Only counts of people are read."""
    with context.read() as read:
        slug = organizations.get(read).slug
        found, total = removals.page(read, (number - 1) * SHEET, SHEET)
        counts = removals.counted(read, [one.id for one in found])
    listed = tuple(Counted(Reference(slug, one.id), one, *counts[one.id]) for one in found)
    return Sheet(listed, total, number, SHEET)


def part(context: Context, reference: str, number: int = 1) -> Part:
    """One mass removal with a numbered page of its people, in the order of their removal.

    Raises:
        InvalidReference, UnknownRemoval: no mass removal has this reference.
    """
    with context.read() as read:
        named = Reference.parse(organizations.get(read).slug, reference)
        removal = existing(read, named)
        count, held = removals.counted(read, [removal.id])[removal.id]
        people = removals.part_of(read, removal.id, (number - 1) * SHEET, SHEET)
        away = restore.away(read, people)
    removed = tuple(Removed(one, one.person not in away) for one in people)
    return Part(Counted(named, removal, count, held), Sheet(removed, count, number, SHEET))


def page(context: Context, *, after: str | None = None, limit: int = 100) -> Page[MassRemoval]:
    """List mass removals, newest first.

    Args:
        after: the reference at which the previous page ended.

    Raises:
        InvalidCursor: `after` is not a reference.
    """
    with context.read() as read:
        slug = organizations.get(read).slug
        before = Reference.number_after(slug, after)
        found = removals.every(read, limit + 1, before=before)
        with_people = [_with_people(read, slug, one) for one in found]
    return page_of(with_people, limit, lambda one: str(one.reference))


def show(context: Context, reference: str) -> MassRemoval:
    """One mass removal.

    Raises:
        InvalidReference, UnknownRemoval: no mass removal has this reference.
    """
    with context.read() as read:
        named = Reference.parse(organizations.get(read).slug, reference)
        return _with_people(read, named.slug, existing(read, named))


def _with_people(read: Read, slug: str, removal: Removal) -> MassRemoval:
    people = removals.people_of(read, removal.id)
    back = frozenset(one.person for one in people) - restore.away(read, people)
    return MassRemoval(Reference(slug, removal.id), removal, tuple(people), back)


def existing(read: Read, reference: Reference) -> Removal:
    """The mass removal with the given reference.

    Raises:
        UnknownRemoval: no mass removal has this reference.
    """
    found = removals.get(read, reference.number)
    if found is None:
        raise UnknownRemoval(f"removal {reference} does not exist")
    return found
