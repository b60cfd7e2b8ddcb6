"""The lines of a snapshot."""

from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import fields, validate

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

    kind: fields.Field[Any] = fields.Constant("snapshot")
    organization = fields.String()
    number = fields.Integer()
    cursor = fields.String()
    at = fields.String()


class TierLine(Tier):
    """The seats of one tier."""

    kind: fields.Field[Any] = fields.Constant("seats")
    tier = fields.String(attribute="tier.name")


class PersonLine(PersonRepresentation):
    """One person."""

    kind: fields.Field[Any] = fields.Constant("person")


class GroupLine(Representation):
    """One group, without its members."""

    kind: fields.Field[Any] = fields.Constant("group")
    id = fields.String()
    display_name = fields.String()
    external_id = fields.String(allow_none=True)


class MembersLine(Representation):
    """Some members of a group, as ids. A large group has several such lines."""

    kind: fields.Field[Any] = fields.Constant("members")
    group = fields.String()
    people = fields.List(fields.String())
    groups = fields.List(fields.String())


class ClosingLine(Representation):
    """The last line: how many people, groups and members the snapshot has."""

    kind: fields.Field[Any] = fields.Constant("end")
    total_people = fields.Integer()
    total_groups = fields.Integer()
    total_members = fields.Integer()


class SnapshotLine(OpeningLine, TierLine, PersonLine, GroupLine, MembersLine, ClosingLine):
    """A line of a snapshot. Its kind decides which keys it has."""

    kind: fields.Field[Any] = fields.String(
        validate=validate.OneOf(["snapshot", "seats", "person", "group", "members", "end"]),
        metadata={
            "description": "`snapshot`: organization, number, cursor and at. `seats`: the numbers of a tier. "
            "`person`: one person. `group`: one group. `members`: some people and groups of a group, as ids. "
            "`end`: the totals; without this line, the snapshot is not complete."
        },
    )


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
