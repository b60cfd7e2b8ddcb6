"""Everything of an organization except secrets, from one consistent state, in the form that an import reads.

Each line is one JSON object. People, groups, members and resources are read in parts, so an organization of
any size needs the same memory.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar

import orjson

from scim_server.protocol.group import render_group
from scim_server.protocol.projection import EVERYTHING
from scim_server.protocol.resource import ShownResource, render_resource
from scim_server.protocol.user import render_user
from scim_server.services.context import Context
from scim_server.services.invoicing.invoices import described
from scim_server.services.organizations import overflow
from scim_server.services.scim.schemas import directory_of
from scim_server.services.scim.search import shown, without_members
from scim_server.store.database.session import Read, clock_in
from scim_server.store.rows import contracts, exported, mappings, organizations, schemas, seats
from scim_server.store.rows.people import Person
from scim_server.store.rows.resources import Resource


class _Numbered(Protocol):
    """A row with the number that orders its list."""

    @property
    def sequence(self) -> int:
        """The number."""


T = TypeVar("T", bound=_Numbered)
Line = dict[str, Any]

FORMAT: Final = 1
"""The version of the form of exports."""
_PART: Final = 500
_MEMBERS: Final = 1_000
_HERE_ONLY: Final = ("location", "version")
"""Values of `meta` that only this server gives."""


def lines(context: Context) -> Iterator[Line]:
    """The lines of an export, read while they are used. The last line shows that the export is complete."""
    count = 0
    with context.read() as read:
        for line in _lines(read):
            count += 1
            yield line
    yield {"type": "end", "lines": count}


def _lines(read: Read) -> Iterator[Line]:
    yield _organization(read)
    for schema in schemas.every(read):
        yield {
            "type": "schema",
            "extends": schema.extends or None,
            "definition": orjson.loads(schema.definition),
        }
    for type_ in schemas.types(read):
        yield {"type": "resource_type", "definition": orjson.loads(type_.definition)}
    for mapped in mappings.every(read):
        gives = mapped.gives
        yield {
            "type": "mapping",
            "group": mapped.name,
            "tier": gives.tier,
            "role": gives.role,
            "priority": gives.priority,
        }
    for people in _parts(lambda after: exported.people_after(read, after, _PART)):
        yield from _people(read, people)
    # Waiting people come last, in the order of the queue. In an import, they would else get seats of others.
    last: Person | None = None
    while waiting := exported.waiting_after(read, last, _PART):
        yield from _people(read, waiting)
        last = waiting[-1]
    for groups in _parts(lambda after: exported.groups_after(read, after, _PART)):
        for group in groups:
            yield {"type": "group", "scim": _portable(render_group(without_members(group), ""))}
            yield from _members(read, group.id)
    for resources in _parts(lambda after: exported.resources_after(read, after, _PART)):
        yield from _resources(read, resources)


def _parts(following: Callable[[int], Sequence[T]]) -> Iterator[Sequence[T]]:
    """All rows in parts; `following` returns those after a sequence number."""
    after = 0
    while rows := following(after):
        yield rows
        after = rows[-1].sequence


def _organization(read: Read) -> Line:
    settings, clock = organizations.get(read), clock_in(read)
    availability, policies, plan = seats.availability(read), overflow.by_tier(read), contracts.get(read)
    return {
        "type": "organization",
        "format": FORMAT,
        "organization": settings.slug,
        "event": clock.sequence,
        "people": clock.people,
        "groups": clock.groups,
        "created": settings.created,
        "suspended": clock.suspended,
        "settings": {
            "mode": settings.mode,
            "overflow": settings.overflow,
            "strict": settings.strict,
            "require_if_match": settings.require_if_match,
            "allow_invitations": settings.allow_invitations,
            "hold_removals": settings.hold_removals,
            "seat_extension": settings.shows_seats,
            "unmapped": mappings.unmapped(read),
        },
        "tiers": [
            {
                "tier": one.tier.name,
                "rank": one.tier.rank,
                "purchased": one.purchased,
                "assigned": one.assigned,
                "held": one.held,
                "waiting": one.waiting,
                "overflow": policies[one.tier.name].overflow,
                "ceiling": policies[one.tier.name].ceiling,
            }
            for one in reversed(availability.tiers)
        ],
        "contract": None if plan is None else {**described(plan.contract), "ended": plan.ended},
    }


def _people(read: Read, people: Sequence[Person]) -> Iterator[Line]:
    for person, one in zip(people, shown(read, people, EVERYTHING, seats=False, memberships={}), strict=True):
        yield {
            "type": "person",
            "scim": _portable(render_user(one, "")),
            "seat": {
                "status": person.status,
                "tier": person.tier,
                "waits_for": person.wants,
                "waiting_since": person.waiting_since,
                "reason": person.unseated,
            },
            "role": person.role,
            "role_mapped": person.role_mapped,
            "priority": person.priority,
            "way_in": person.way_in,
        }


def _members(read: Read, group: str) -> Iterator[Line]:
    after = ""
    while ids := exported.members_after(read, group, after, _MEMBERS):
        yield {"type": "members", "group": group, "members": ids}
        after = ids[-1]


def _resources(read: Read, resources: Sequence[Resource]) -> Iterator[Line]:
    directory = directory_of(read, organizations.get(read))
    for one in resources:
        type_ = directory.own(one.type)
        stored = ShownResource(one.id, one.created, one.modified, one.version, one.document)
        yield {
            "type": "resource",
            "endpoint": type_.endpoint,
            "scim": _portable(render_resource(stored, type_, "")),
        }


def _portable(resource: Line) -> Line:
    """A resource without the values that only this server gives."""
    meta = resource["meta"]
    resource["meta"] = {name: value for name, value in meta.items() if name not in _HERE_ONLY}
    return resource
