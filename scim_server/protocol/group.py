"""A Group: its values, and changes of its members as sets of ids. The Group itself has no list of members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import orjson

from scim_server.protocol import patch
from scim_server.protocol.attributes import JSON, ResourceType
from scim_server.protocol.change import Change, Kind
from scim_server.protocol.dialects import Tolerance
from scim_server.protocol.errors import InvalidPath, InvalidValue
from scim_server.protocol.filter_tree import And, Comparison, Filter, Not, Operator, Or
from scim_server.protocol.match import element_matches
from scim_server.protocol.messages import get_any_case
from scim_server.protocol.normalise import fold, search_document
from scim_server.protocol.resources import GROUP_SCHEMA
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.tables.group import MEMBERS
from scim_server.protocol.user import meta, must_fit

MAX_MEMBERS: Final = 100_000
"""Largest number of members in one request. A larger group needs several requests."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group as a provider describes it, without its members.

    Attributes:
        display_name: the displayName as it was sent.
        display_name_key: the displayName in the form for comparison.
        external_id: the provider's own id.
        document: everything that was sent except `members`, as JSON text with canonical names.
        search: the same values in the form for comparison.
    """

    display_name: str
    display_name_key: str
    external_id: str | None
    document: str
    search: Mapping[str, JSON]

    @classmethod
    def of(cls, document: Mapping[str, JSON], resource_type: ResourceType) -> Self:
        """Make a group from a document with canonical names.

        Raises:
            InvalidValue: displayName is missing.
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
        kind: what happens to `ids`; replace removes all other members.
        ids: ids of people or groups, without duplicates, in the given order; None for all.
        type: the type of the members, in lower case; None for both types.
        chosen: the filter that selects members; None for all members.
        demanded: whether it is an error if the filter selects no members.
    """

    kind: Kind
    ids: tuple[str, ...] | None
    type: str | None = None
    chosen: Filter | None = None
    demanded: bool = False

    @property
    def looks(self) -> bool:
        """Whether the members themselves must be read, because ids alone are not enough."""
        return self.type is not None or self.chosen is not None

    @property
    def among(self) -> tuple[str, ...] | None:
        """The ids of the only members that can be selected; None if any member can be."""
        if self.ids is not None or self.chosen is None:
            return self.ids
        parts = self.chosen.operands if isinstance(self.chosen, And) else (self.chosen,)
        named = [part for part in parts if isinstance(part, Comparison) and _names_id(part)]
        return (str(named[0].value),) if named else None

    def meets(self, member: "Member") -> bool:
        """Whether a member is one of those that are removed."""
        if self.type is not None and fold(member.kind) != self.type:
            return False
        if self.ids is not None and member.id not in self.ids:
            return False
        values: dict[str, JSON] = {
            "value": member.id,
            "type": member.kind,
            "$ref": f"/{member.kind}s/{member.id}",
            "display": member.display_name,
        }
        return self.chosen is None or element_matches(MEMBERS, values, self.chosen)


def parse_group(body: dict[str, JSON], reader: ResourceSchema) -> tuple[Group, tuple[str, ...]]:
    """Read the body of a POST or PUT: the group and the ids of its members.

    Raises:
        InvalidValue: displayName is missing, or a value has the wrong type.
    """
    document = reader.load_named(body)
    return Group.of(document, reader.resource_type), _ids(document.get("members"))


def parse_group_patch(
    body: dict[str, JSON], reader: ResourceSchema
) -> tuple[list[Change], list[MemberChange]]:
    """Read a PATCH body: changes of the group's own values and changes of its members, each in order."""
    own: list[Change] = []
    members: list[MemberChange] = []
    for change in patch.changes(body, reader):
        if change.attribute.name == "members":
            members += _member_changes(change, reader)
        else:
            own.append(change)
    return own, members


def _member_changes(change: Change, reader: ResourceSchema) -> list[MemberChange]:
    clears = change.sub is not None and change.sub.name == "value" and not change.has_value
    if (
        change.sub is not None
        and not clears
        and not (change.sub.name == "value" and change.kind is Kind.REMOVE)
    ):
        raise InvalidPath("A member's values cannot be changed. Remove the member and add another one.")
    removes = change.kind is Kind.REMOVE or change.sub is not None
    if change.filter is not None:
        demanded = change.kind is Kind.REPLACE and Tolerance.TARGET_CREATED not in reader.allowed
        chosen = _choosing(change.filter, demanded=demanded)
        given = [] if removes else [MemberChange(Kind.ADD, _given(change, reader))]
        return [*([] if change.kind is Kind.ADD else [chosen]), *given]
    if removes and (change.sub is not None or change.removes_all):
        return [MemberChange(Kind.REMOVE, None)]
    return _listed(change, reader) if removes else [MemberChange(change.kind, _given(change, reader))]


def _given(change: Change, reader: ResourceSchema) -> tuple[str, ...]:
    value: JSON = (
        [change.value] if change.filter is not None and isinstance(change.value, dict) else change.value
    )
    return _ids(reader.load_value(change.attribute, value, "members"))


def _listed(change: Change, reader: ResourceSchema) -> list[MemberChange]:
    """Removal of the members in a list, by id, and by type if it is given."""
    members = reader.load_value(change.attribute, change.value, "members")
    _ids(members)
    by_type: dict[str | None, list[JSON]] = {None: []}
    for member in members if isinstance(members, list) else []:
        type_ = member.get("type") if isinstance(member, dict) else None
        by_type.setdefault(fold(type_) if isinstance(type_, str) else None, []).append(member)
    return [
        MemberChange(Kind.REMOVE, _ids(some), type=type_)
        for type_, some in by_type.items()
        if some or len(by_type) == 1
    ]


def _choosing(condition: Filter, *, demanded: bool) -> MemberChange:
    """Removal of the members that a path's filter selects. If it filters ids only, no member is read."""
    parts = condition.operands if isinstance(condition, Or) else (condition,)
    if not demanded and all(isinstance(part, Comparison) and _names_id(part) for part in parts):
        values = [str(part.value) for part in parts if isinstance(part, Comparison)]
        return MemberChange(Kind.REMOVE, tuple(dict.fromkeys(values)))
    return MemberChange(Kind.REMOVE, None, chosen=_by_place(condition), demanded=demanded)


def _names_id(part: Comparison) -> bool:
    return part.operator is Operator.EQ and part.path.name.lower() == "value" and isinstance(part.value, str)


def _by_place(condition: Filter) -> Filter:
    """A filter in which URIs of resources are replaced by the stored form, which is endpoint and id."""
    match condition:
        case And(operands):
            return And(tuple(_by_place(one) for one in operands))
        case Or(operands):
            return Or(tuple(_by_place(one) for one in operands))
        case Not(operand):
            return Not(_by_place(operand))
        case Comparison(path, Operator.EQ | Operator.NE, str(value)) if path.name.lower() == "$ref":
            return Comparison(path, condition.operator, "/" + "/".join(value.split("/")[-2:]))
    return condition


def _ids(members: JSON) -> tuple[str, ...]:
    """The ids in a list of members, without duplicates."""
    if not isinstance(members, list):
        return ()
    if len(members) > MAX_MEMBERS:
        raise InvalidValue(
            f"One request can change at most {MAX_MEMBERS} members. Send the rest in another request."
        )
    ids: dict[str, None] = {}
    for index, member in enumerate(members):
        value = get_any_case(member, "value") if isinstance(member, dict) else None
        if not isinstance(value, str):
            raise InvalidValue(f"members[{index}].value is required. It must be the id of a person.")
        ids[value] = None
    return tuple(ids)


def apply_own(document: str, changes: Sequence[Change], reader: ResourceSchema) -> Group:
    """The group's values after changes.

    Raises:
        InvalidValue, NoTarget, InvalidPath: a change cannot be carried out.
    """
    values = patch.apply_all(orjson.loads(document), changes, reader)
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
    """A stored group, with its members if they are shown.

    Attributes:
        id, created, modified, version, document: the stored values.
        members: the members; None if the answer leaves them out.
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
