"""Simulations for the people of a file, or for the members of a group. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from scim_server.protocol.attributes import JSON
from scim_server.protocol.normalise import fold
from scim_server.protocol.schemas import ResourceSchema
from scim_server.services.context import Context
from scim_server.services.errors import NoSuchGroup, WrongLines
from scim_server.services.scim import queries as scim
from scim_server.services.simulation import files
from scim_server.services.simulation.files import MOST_BYTES, MOST_PEOPLE, PeopleFile
from scim_server.services.simulation.requests import Outcome, SimulatedPerson
from scim_server.services.simulation.run import Foreseen, Simulation, TierSummary, foresee
from scim_server.store.database.session import Read
from scim_server.store.rows import mappings, members, organizations, seats
from seat_policy.contract import ANY

__all__ = [
    "MOST_BYTES",
    "MOST_PEOPLE",
    "Foreseen",
    "Outcome",
    "PeopleFile",
    "Simulated",
    "Simulation",
    "TierSummary",
    "of_file",
    "of_group",
    "of_people",
    "read_file",
    "read_people",
]


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulation and the source of its people.

    Attributes:
        organization: its slug.
        file: the parsed file; it has no people if a group was simulated.
        only: the outcome of the people to list; None for all people. All people are counted.
    """

    organization: str
    simulation: Simulation
    file: PeopleFile
    only: Outcome | None = None

    @property
    def listed(self) -> tuple[Foreseen, ...]:
        """The people to list, in the order in which they were added."""
        return tuple(one for one in self.simulation.people if self.only in (None, one.outcome))


def of_people(context: Context, people: Sequence[SimulatedPerson]) -> Simulation:
    """Simulate that SCIM creates or activates people one after another now, in any mode.

    Args:
        comers: the people, each only once, in the order in which they are added.

    Raises:
        PolicyError: a person wants a tier that the organization does not have.
    """
    return foresee(context, lambda _: people)


def of_group(context: Context, group: str, wants: str | None = None) -> Simulated:
    """Simulate the members of a group in the order of their creation, as if all were active.

    Args:
        group: the displayName in upper or lower case, or the externalId; members of nested groups are
            included.
        wants: the tier that people request instead of what their groups give, or `any`; None for what their
            groups give.

    Raises:
        NoSuchGroup: the group does not exist.
        PolicyError: the tier does not exist.
    """

    def members_of(read: Read) -> list[SimulatedPerson]:
        groups = mappings.groups_called(read, fold(group), group)
        if not groups:
            raise NoSuchGroup(f"this organization has no group '{group}'")
        found = members.of_ids(read, mappings.people_under(read, groups))
        return [SimulatedPerson.member(person, wants) for person in found]

    return Simulated(_slug(context), foresee(context, members_of), PeopleFile((), ()))


def read_file(context: Context, content: bytes, tier: str | None = None) -> PeopleFile:
    """Read the people of a file, and the faults of the file.

    Args:
        tier: the tier of people who have no tier in the file; None for what their groups give.

    Raises:
        UnreadableFile: the whole file cannot be read.
        PolicyError: the tier does not exist.
    """
    return files.read(content, *_reading(context, tier))


def read_people(context: Context, people: Sequence[JSON], tier: str | None = None) -> PeopleFile:
    """Read a list of SCIM Users, as an array in a file.

    Args:
        tier: as for `read_file`.

    Raises:
        UnreadableFile: there are too many people.
        PolicyError: the tier does not exist.
    """
    return files.listed(people, *_reading(context, tier))


def _reading(context: Context, tier: str | None) -> tuple[ResourceSchema, Sequence[str], str | None]:
    """The reader of Users, the tiers that people may request, and the tier of people without one."""
    with context.read() as read:
        organization, availability = organizations.get(read), seats.availability(read)
    if tier is not None:
        availability.wanted(tier)
    of_users = scim.directory(context, organization)
    reader = of_users.user_reader(seats=organization.shows_seats, strict=organization.strict)
    tiers = [one.tier.name for one in reversed(availability.tiers)]
    return reader, [*tiers, ANY], tier


def of_file(context: Context, listed: PeopleFile, *, skip_bad: bool = False) -> Simulated:
    """Simulate the people of a file, in the order of the file.

    Args:
        skip_bad: whether wrong entries are ignored.

    Raises:
        WrongLines: the file has wrong entries, and they are not ignored.
    """
    if listed.bad and not skip_bad:
        raise WrongLines(f"the simulation did not run: {listed.bad_in_words} wrong")
    return Simulated(_slug(context), of_people(context, listed.people), listed)


def _slug(context: Context) -> str:
    with context.read() as read:
        return organizations.get(read).slug
