"""A Group: its own values, and changes of its members as sets of ids, never as a list inside the group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import orjson

from scim_server.protocol import patch
from scim_server.protocol.attributes import JSON, ResourceType
from scim_server.protocol.errors import InvalidPath, InvalidValue
from scim_server.protocol.filter_tree import And, Comparison, Filter, Operator, Or
from scim_server.protocol.messages import get_any_case
from scim_server.protocol.normalise import fold, search_document
from scim_server.protocol.patch import Change, Kind
from scim_server.protocol.resources import GROUP_SCHEMA
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import meta, must_fit

MAX_MEMBERS: Final = 100_000
"""In one request; a larger group is built by several."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group as a provider describes it, without its members.

    Attributes:
        display_name: as sent.
        display_name_key: folded.
        external_id: the provider's own id.
        document: everything sent but `members`, as JSON text under canonical names.
        search: the same values normalised.
    """

    display_name: str
    display_name_key: str
    external_id: str | None
    document: str
    search: Mapping[str, JSON]

    @classmethod
    def of(cls, document: Mapping[str, JSON], resource_type: ResourceType) -> Self:
        """From a document under canonical names.

        Raises:
            InvalidValue: there is no displayName.
        """
        values = {name: value for name, value in document.items() if name != "members"}
        display_name, external_id = values.get("displayName"), values.get("externalId")
        if not isinstance(display_name, str) or not display_name.strip():
            raise InvalidValue("displayName is required.")
        must_fit({"displayName": display_name, "externalId": external_id})
        return cls(
            display_name=display_name,
            display_name_key=fold(display_name),
            external_id=external_id if isinstance(external_id, str) else None,
            document=orjson.dumps(values).decode(),
            search=search_document(resource_type, values),
        )


@dataclass(frozen=True, slots=True)
class MemberChange:
    """Add, remove or replace members.

    Attributes:
        kind: what happens to `ids`; replacing removes everybody else.
        ids: of people, without repeats, in the order given; None removes all.
    """

    kind: Kind
    ids: tuple[str, ...] | None


def parse_group(body: dict[str, JSON], reader: ResourceSchema) -> tuple[Group, tuple[str, ...]]:
    """Read the body of a POST or PUT: the group and the ids of its members.

    Raises:
        InvalidValue: displayName is missing or a value is not of its type.
    """
    document = reader.load(body)
    return Group.of(document, reader.resource_type), _ids(document.get("members"))


def parse_group_patch(
    body: dict[str, JSON], reader: ResourceSchema
) -> tuple[list[Change], list[MemberChange]]:
    """Read a PATCH body: changes of the group's own values, and changes of its members, each in order."""
    own: list[Change] = []
    members: list[MemberChange] = []
    for change in patch.changes(body, reader):
        if change.attribute.name == "members":
            members += _member_changes(change, reader)
        else:
            own.append(change)
    return own, members


def _member_changes(change: Change, reader: ResourceSchema) -> list[MemberChange]:
    if change.sub is not None:
        raise InvalidPath("A member's values cannot be changed; remove the member and add another.")
    chosen = _chosen(change.filter) if change.filter is not None else None
    if change.kind is Kind.REMOVE:
        if chosen is not None or not change.has_value:
            return [MemberChange(Kind.REMOVE, chosen)]
        return [MemberChange(Kind.REMOVE, _given(change, reader))]
    given = MemberChange(Kind.ADD if chosen is not None else change.kind, _given(change, reader))
    if chosen is not None and change.kind is Kind.REPLACE:
        return [MemberChange(Kind.REMOVE, chosen), given]
    return [given]


def _given(change: Change, reader: ResourceSchema) -> tuple[str, ...]:
    return _ids(reader.load_value(change.attribute, change.value, "members"))


def _ids(members: JSON) -> tuple[str, ...]:
    """The ids in a list of members, each once."""
    if not isinstance(members, list):
        return ()
    if len(members) > MAX_MEMBERS:
        raise InvalidValue(f"One request changes at most {MAX_MEMBERS} members; send the rest in another.")
    ids: dict[str, None] = {}
    for index, member in enumerate(members):
        value = get_any_case(member, "value") if isinstance(member, dict) else None
        if not isinstance(value, str):
            raise InvalidValue(f"members[{index}].value is required: the id of a person.")
        ids[value] = None
    return tuple(ids)


def _chosen(condition: Filter) -> tuple[str, ...]:
    """The ids that `members[value eq "…"]` names, also several joined by `or`."""
    parts = condition.operands if isinstance(condition, Or) else (condition,)
    ids: list[str] = []
    for part in parts:
        # `value eq "x" and type eq "User"` says no more than the first: all members are people.
        comparisons = part.operands if isinstance(part, And) else (part,)
        values = [
            c.value
            for c in comparisons
            if isinstance(c, Comparison) and c.operator is Operator.EQ and c.path.name.lower() == "value"
        ]
        if len(values) != 1 or not isinstance(values[0], str):
            raise InvalidPath('Members are chosen by id, as in members[value eq "<id>"].')
        ids.append(values[0])
    return tuple(dict.fromkeys(ids))


def apply_own(document: str, changes: Sequence[Change], reader: ResourceSchema) -> Group:
    """The group's own values after changes.

    Raises:
        InvalidValue, NoTarget, InvalidPath: a change cannot be carried out.
    """
    values: dict[str, JSON] = orjson.loads(document)
    for change in changes:
        patch.apply(values, change, reader)
    return Group.of(values, reader.resource_type)


@dataclass(frozen=True, slots=True)
class Member:
    """A member as an answer shows it.

    Attributes:
        kind: `User` or `Group`.
    """

    id: str
    display_name: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A stored group, with its members where they are shown.

    Attributes:
        id, created, modified, version, document: as stored.
        members: None where they are left out.
    """

    id: str
    created: str
    modified: str
    version: int
    document: str
    members: tuple[Member, ...] | None


def render_group(group: ShownGroup, base_url: str) -> dict[str, JSON]:
    """The resource as SCIM shows it (RFC 7643 section 4.2)."""
    document: dict[str, JSON] = orjson.loads(group.document)
    extensions = [urn for urn in document if urn.lower().startswith("urn:")]
    resource: dict[str, JSON] = {"schemas": [GROUP_SCHEMA.id, *extensions], "id": group.id, **document}
    if group.members:
        resource["members"] = [_member(member, base_url) for member in group.members]
    location = f"{base_url}/Groups/{group.id}"
    resource["meta"] = meta("Group", location, group.created, group.modified, group.version)
    return resource


def _member(member: Member, base_url: str) -> JSON:
    location = f"{base_url}/{member.kind}s/{member.id}"
    shown: dict[str, JSON] = {"value": member.id, "$ref": location, "type": member.kind}
    if member.display_name is not None:
        shown["display"] = member.display_name
    return shown
