"""Simulations of people who come: those of a file, or the members of a group. Nothing is written."""

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
    """A simulation and where its people come from.

    Attributes:
        organization: the slug.
        file: what was read; without people where a group was simulated.
    """

    organization: str
    simulation: Simulation
    file: PeopleFile


def of_people(context: Context, people: Sequence[SimulatedPerson]) -> Simulation:
    """What would become of people who come by SCIM one after another now, in whatever mode they are here.

    Args:
        comers: each once, in the order in which they come.

    Raises:
        PolicyError: a person wants a tier that the organization does not have.
    """
    return foresee(context, lambda _: people)


def of_group(context: Context, group: str, wants: str | None = None) -> Simulated:
    """What would become of a group's members if all were active, in the order in which they came here.

    Args:
        group: its displayName in any case, or its externalId; nested groups count.
        wants: the tier they ask for whatever their groups give, or `any`; None for what those give.

    Raises:
        NoSuchGroup: there is no such group.
        PolicyError: there is no such tier.
    """

    def members_of(read: Read) -> list[SimulatedPerson]:
        groups = mappings.groups_called(read, fold(group), group)
        if not groups:
            raise NoSuchGroup(f"there is no group '{group}' in this organization")
        found = members.of_ids(read, mappings.people_under(read, groups))
        return [SimulatedPerson.member(person, wants) for person in found]

    return Simulated(_slug(context), foresee(context, members_of), PeopleFile((), ()))


def read_file(context: Context, content: bytes, tier: str | None = None) -> PeopleFile:
    """The people of a file, and what is wrong with it.

    Args:
        tier: what people want of whom the file says no tier; None for what their groups give.

    Raises:
        UnreadableFile: it cannot be read as a whole.
        PolicyError: there is no such tier.
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
    """What would become of the people of a file, in its order.

    Args:
        skip_bad: leave out what is wrong.

    Raises:
        WrongLines: something is wrong with the file, and is not left out.
    """
    if listed.bad and not skip_bad:
        raise WrongLines(f"nothing was simulated: {listed.bad_in_words} wrong")
    return Simulated(_slug(context), of_people(context, listed.people), listed)


def _slug(context: Context) -> str:
    with context.read() as read:
        return organizations.get(read).slug
