"""The organizations of a filled database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import text

from benchmarks.corpus import person, person_id
from benchmarks.filling.inserting import inserter
from benchmarks.filling.multiply import Template, multiply
from benchmarks.sizes import GROUP_SIZES, MIXED, SIDE_ORGANIZATIONS, WAITING, group_name
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.group import parse_group
from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.groups import provision as groups
from scim_server.services.mappings import commands as mappings
from scim_server.services.modes import accepting_scim
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import provision
from scim_server.store.database.session import OPERATOR, Actor, Database, Write
from scim_server.store.tables import group_members
from seat_policy.mapping import GroupMapping
from seat_policy.overflow import Overflow
from seat_policy.ways_in import WayIn

PROVIDER: Final = Actor("provider", WayIn.SCIM)
ROOM: Final = 4_000_000
"""Free seats besides those in use, so that no threshold is crossed."""
_NUMBERED: Final = (
    "UPDATE organization_clock SET sequence = sequence + :added, people = people + :added "
    "WHERE organization = :org"
)
_SEATED: Final = (
    "UPDATE seat_pool SET assigned = assigned + :added WHERE organization = :org AND tier = 'standard'"
)
_QUEUED: Final = "UPDATE organization_clock SET waiting_any = waiting_any + :added WHERE organization = :org"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An organization to fill.

    Attributes:
        room: free standard seats besides those of the people.
        premium: premium seats, assigned after the people are created.
        groups: sizes of the groups; the members are the people with the lowest numbers.
        waiting: how many people are in its queue.
        mapped: the size of the group that gives premium seats.
    """

    slug: str
    people: int
    room: int = ROOM
    premium: int = 0
    overflow: Overflow = Overflow.REJECT
    groups: tuple[int, ...] = ()
    waiting: int = 0
    mapped: int | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """What the benchmark must know about an organization.

    Attributes:
        groups: ids of the groups by size.
    """

    slug: str
    token: str
    people: int
    groups: dict[int, str] = field(default_factory=dict)


def wanted(people: int) -> list[Wanted]:
    """One organization with the given number of people, and smaller ones for workloads that need them."""
    side = min(people, 1_000)
    sizes = tuple(size for size in GROUP_SIZES if size <= people)
    return [
        Wanted("main", people, groups=sizes),
        *(Wanted(f"side-{number}", side) for number in range(1, SIDE_ORGANIZATIONS + 1)),
        Wanted("full", 100, room=0),
        Wanted(MIXED, side, room=50, premium=200, overflow=Overflow.QUEUE, groups=(100,), mapped=100),
        Wanted(WAITING, 100, room=0, overflow=Overflow.QUEUE, waiting=min(people, 10_000)),
    ]


def fill(database: Database, people: int) -> list[Filled]:
    """Fill an empty database with all organizations."""
    filled = [_organization(database, one) for one in wanted(people)]
    with database.writer.begin() as connection:
        connection.execute(text("ANALYZE"))
    return filled


def _organization(database: Database, wanted: Wanted) -> Filled:
    seats = {"standard": wanted.people + wanted.room, "premium": 0}
    new = NewOrganization(wanted.slug, seats, overflow=wanted.overflow)
    founded = organizations.create(database, OPERATOR, new)
    context = Context(database, founded.organization.id, PROVIDER)
    _multiply(context, wanted.slug, "p", wanted.people)
    if wanted.waiting:
        _multiply(context, wanted.slug, "w", wanted.waiting)
    made = {size: context.write(_group_of(wanted.slug, size)) for size in wanted.groups}
    if wanted.premium:
        organizations.configure(context, organizations.Changes(totals={"premium": wanted.premium}))
    if wanted.mapped:
        mappings.save(context, group_name(wanted.mapped), GroupMapping(tier="premium"))
    return Filled(wanted.slug, founded.token.secret, wanted.people, made)


def _multiply(context: Context, slug: str, series: str, count: int) -> None:
    template, counting = context.write(lambda write: _template(write, slug, series))
    values: dict[str, Any] = {"org": template.organization, "added": count - 1}
    with context.database.writer.begin() as connection:
        multiply(connection, template, count - 1, inserter(connection))
        for statement in (_NUMBERED, counting):
            connection.execute(text(statement), values)


def _template(write: Write, slug: str, series: str) -> tuple[Template, str]:
    """The first person of a group of copies, and the statement that counts one more person."""
    scope = slug if series == "p" else f"{slug}/{series}"
    user = parse_user(person(series, 0), STANDARD.user_reader(seats=False, strict=False))
    outcome = provision.create(write, accepting_scim(write), user, id_=person_id(scope, 0))
    if not isinstance(outcome, provision.Saved):
        raise TypeError(f"the first person of {slug} was refused")
    first = outcome.person
    template = Template(write.organization, scope, series, first.id, first.sequence)
    if first.tier == "standard":
        return template, _SEATED
    if first.wants == "any":
        return template, _QUEUED
    raise RuntimeError(f"the first person of {slug} has {first.tier} and wants {first.wants}")


def _group_of(slug: str, size: int) -> Callable[[Write], str]:
    def work(write: Write) -> str:
        described = parse_group({"displayName": group_name(size)}, STANDARD.group_reader(strict=False))[0]
        group = groups.create(write, accepting_scim(write), described, ())
        rows = ((write.organization, group.id, person_id(slug, number)) for number in range(size))
        inserter(write.connection)(group_members, ["organization", "group_id", "person"], rows)
        write.connection.execute(
            text("UPDATE groups SET members = :size WHERE organization = :org AND id = :group"),
            {"size": size, "org": write.organization, "group": group.id},
        )
        return group.id

    return work
