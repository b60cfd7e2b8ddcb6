"""The organizations of a filled database."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from benchmarks.corpus import person, person_id
from benchmarks.filling.inserting import inserter
from benchmarks.filling.multiply import Template, multiply
from benchmarks.sizes import GROUP_SIZES, SIDE_ORGANIZATIONS, group_name
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.group import parse_group
from scim_server.protocol.user import parse_user
from scim_server.services.groups import provision as groups
from scim_server.services.modes import accepting_scim
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import provision
from scim_server.store.database.session import OPERATOR, Actor, Database, Write
from scim_server.store.tables import group_members

PROVIDER: Final = Actor("provider", "scim")
ROOM: Final = 5_000_000
"""Free seats beside those in use, so that no threshold is crossed."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What the benchmark must know of an organization.

    Attributes:
        groups: ids by size.
    """

    slug: str
    token: str
    people: int
    groups: dict[int, str]


def fill(database: Database, people: int) -> list[Filled]:
    """An organization of so many people with groups, ten others beside it, and one without free seats."""
    filled = [_organization(database, "main", people, room=ROOM, group_sizes=GROUP_SIZES)]
    side = min(people, 1_000)
    filled += [
        _organization(database, f"side-{number}", side, room=ROOM)
        for number in range(1, SIDE_ORGANIZATIONS + 1)
    ]
    filled.append(_organization(database, "full", 100, room=0))
    with database.writer.begin() as connection:
        connection.execute(text("ANALYZE"))
    return filled


def _organization(
    database: Database, slug: str, people: int, *, room: int, group_sizes: tuple[int, ...] = ()
) -> Filled:
    seats = {"standard": people + room, "premium": 0}
    founded = organizations.create(database, OPERATOR, NewOrganization(slug, seats))
    organization = founded.organization.id
    template = database.write(organization, PROVIDER, lambda write: _template(write, slug))
    with database.writer.begin() as connection:
        multiply(connection, template, people - 1, inserter(connection))
        _count(connection, organization, people - 1)
    made = {
        size: database.write(organization, PROVIDER, _group_of(slug, size))
        for size in group_sizes
        if size <= people
    }
    return Filled(slug, founded.token.secret, people, made)


def _template(write: Write, slug: str) -> Template:
    id_ = person_id(slug, 0)
    user = parse_user(person("p", 0), STANDARD.user_reader(seats=False, strict=False))
    outcome = provision.create(write, accepting_scim(write), user, id_=id_)
    if not isinstance(outcome, provision.Saved) or outcome.person.tier != "standard":
        raise RuntimeError(f"the first person of {slug} has no seat")
    return Template(write.organization, slug, "p", id_, outcome.person.sequence)


def _count(connection: Connection, organization: str, added: int) -> None:
    """Move the counters on by as many people as were added, each with one event."""
    values: dict[str, Any] = {"org": organization, "added": added}
    for statement in (
        "UPDATE organization_clock SET sequence = sequence + :added, people = people + :added "
        "WHERE organization = :org",
        "UPDATE seat_pool SET assigned = assigned + :added WHERE organization = :org AND tier = 'standard'",
    ):
        connection.execute(text(statement), values)


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
