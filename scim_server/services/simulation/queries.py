"""Simulations for the people of a file, or for the members of a group. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from scim_server.protocol.normalise import fold
from scim_server.services.context import Context
from scim_server.services.errors import NoSuchGroup, WrongLines
from scim_server.services.scim import queries as scim
from scim_server.services.simulation import files
from scim_server.services.simulation.files import PeopleFile
from scim_server.services.simulation.requests import SimulatedPerson
from scim_server.services.simulation.run import Simulation, foresee
from scim_server.store.database.session import Read
from scim_server.store.rows import mappings, members, organizations, seats
from seat_policy.contract import ANY


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulation and the source of its people.

    Attributes:
        organization: its slug.
        file: the parsed file; without people if a group was simulated.
    """

    organization: str
    simulation: Simulation
    file: PeopleFile


def of_people(context: Context, people: Sequence[SimulatedPerson]) -> Simulation:
    """Simulate people who are created or activated by SCIM one after another now, in any mode.

    Args:
        comers: each once, in the order of arrival.

    Raises:
        PolicyError: a person wants a tier that the organization does not have.
    """
    return foresee(context, lambda _: people)


def of_group(context: Context, group: str, wants: str | None = None) -> Simulated:
    """Simulate a group's members as if all were active, in their order of arrival.

    Args:
        group: its displayName in upper or lower case, or its externalId; nested groups count.
        wants: the tier they request in place of what their groups give, or `any`; None for what groups give.

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
    """The people of a file, and its faults.

    Args:
        tier: the tier of people without one in the file; None for what their groups give.

    Raises:
        UnreadableFile: the whole file cannot be read.
        PolicyError: the tier does not exist.
    """
    with context.read() as read:
        organization, availability = organizations.get(read), seats.availability(read)
    if tier is not None:
        availability.wanted(tier)
    of_users = scim.directory(context, organization)
    reader = of_users.user_reader(seats=organization.shows_seats, strict=organization.strict)
    tiers = [one.tier.name for one in reversed(availability.tiers)]
    return files.read(content, reader, [*tiers, ANY], tier)


def of_file(context: Context, listed: PeopleFile, *, skip_bad: bool = False) -> Simulated:
    """Simulate the people of a file, in its order.

    Args:
        skip_bad: whether wrong entries are left out.

    Raises:
        WrongLines: the file has wrong entries, and they are not left out.
    """
    if listed.bad and not skip_bad:
        raise WrongLines(f"the simulation did not run: {listed.bad_in_words} wrong")
    return Simulated(_slug(context), of_people(context, listed.people), listed)


def _slug(context: Context) -> str:
    with context.read() as read:
        return organizations.get(read).slug
