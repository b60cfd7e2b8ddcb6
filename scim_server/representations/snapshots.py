"""The lines of a snapshot."""

from collections.abc import Iterable, Iterator

from marshmallow import fields

from scim_server.representations.base import Representation, dump
from scim_server.representations.people import PersonRepresentation
from scim_server.representations.seats import Tier
from scim_server.services.events.queries import (
    Closing,
    MembersOf,
    Opening,
    Person,
    SnapshotPart,
    StoredGroup,
    TierSeats,
)


class OpeningLine(Representation):
    """The first line of a snapshot: the state that it shows."""

    kind = fields.Constant("snapshot")
    organization = fields.String()
    number = fields.Integer()
    cursor = fields.String()
    at = fields.String()


class TierLine(Tier):
    """The seats of one tier."""

    kind = fields.Constant("seats")
    tier = fields.String(attribute="tier.name")


class PersonLine(PersonRepresentation):
    """One person."""

    kind = fields.Constant("person")


class GroupLine(Representation):
    """One group, without its members."""

    kind = fields.Constant("group")
    id = fields.String()
    display_name = fields.String()
    external_id = fields.String(allow_none=True)


class MembersLine(Representation):
    """Some members of a group, as ids. A large group has several such lines."""

    kind = fields.Constant("members")
    group = fields.String()
    people = fields.List(fields.String())
    groups = fields.List(fields.String())


class ClosingLine(Representation):
    """The last line: how many people, groups and members the snapshot has."""

    kind = fields.Constant("end")
    people = fields.Integer()
    groups = fields.Integer()
    members = fields.Integer()


_LINES: dict[type, Representation] = {
    Opening: OpeningLine(),
    TierSeats: TierLine(),
    Person: PersonLine(),
    StoredGroup: GroupLine(),
    MembersOf: MembersLine(),
    Closing: ClosingLine(),
}


def lines(parts: Iterable[SnapshotPart]) -> Iterator[dict[str, object]]:
    """The lines of a snapshot, one for each part."""
    return (dump(_LINES[type(one)], one) for one in parts)
