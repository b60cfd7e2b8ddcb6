"""Groups: members as sets of ids (DESIGN, wire 11 to 13; IDP 9 to 12, 20, 21, 25)."""

import orjson
import pytest

from scim_server.protocol.attributes import JSON
from scim_server.protocol.change import Kind
from scim_server.protocol.dialects import STRICT, TOLERANT
from scim_server.protocol.errors import InvalidPath, InvalidValue, MutabilityViolation, ScimError
from scim_server.protocol.group import (
    MAX_MEMBERS,
    Member,
    MemberChange,
    ShownGroup,
    apply_own,
    parse_group,
    parse_group_patch,
    render_group,
)
from scim_server.protocol.patch import PATCH_URN
from scim_server.protocol.resources import GROUP
from scim_server.protocol.schemas import ResourceSchema

READER = ResourceSchema(GROUP, TOLERANT)
ADD, REPLACE, REMOVE = Kind.ADD, Kind.REPLACE, Kind.REMOVE

Document = dict[str, JSON]


def members_of(**body: JSON) -> tuple[str, ...]:
    return parse_group({"displayName": "Navy", **body}, READER)[1]


def changes(*operations: Document, reader: ResourceSchema = READER) -> list[MemberChange]:
    return parse_group_patch({"schemas": [PATCH_URN], "Operations": list(operations)}, reader)[1]


def test_members_are_unique_ids_in_the_order_of_the_body() -> None:
    sent: JSON = [
        {"value": "2"},
        {"value": "1", "$ref": None, "display": "Ada"},
        {"VALUE": "2", "type": "User"},
    ]

    assert members_of(members=sent) == ("2", "1")
    assert members_of(members="3") == members_of(members={"value": "3"}) == ("3",)
    assert members_of() == members_of(members=[]) == members_of(members=None) == ()


def test_members_are_not_part_of_the_stored_group() -> None:
    group, _ = parse_group({"displayName": "Navy", "externalId": "x", "members": [{"value": "1"}]}, READER)

    assert orjson.loads(group.document) == {"displayName": "Navy", "externalId": "x"}
    assert "members" not in group.search
    assert (group.display_name_key, group.external_id) == ("navy", "x")


@pytest.mark.parametrize("body", [{}, {"displayName": ""}, {"displayName": "  "}, {"displayName": None}])
def test_a_group_without_a_name_is_refused(body: Document) -> None:
    with pytest.raises(InvalidValue, match="displayName is required"):
        parse_group(body, READER)


@pytest.mark.parametrize(
    "member",
    [
        {"value": 7},
        {"type": "User"},
        {},
        {"value": None},
        {"display": "Ada"},
        7,
        ["1"],
        {"value": ["1", "2"]},
    ],
)
def test_a_member_without_an_id_is_refused(member: JSON) -> None:
    with pytest.raises(InvalidValue):
        members_of(members=[{"value": "1"}, member])
    with pytest.raises(InvalidValue):
        members_of(members=[member])


def test_too_many_members_are_refused() -> None:
    with pytest.raises(InvalidValue, match="at most 100000 members"):
        members_of(members=[{"value": str(number)} for number in range(MAX_MEMBERS + 1)])


ONE: JSON = [{"value": "1"}]
OPERATIONS: dict[str, tuple[Document, list[MemberChange]]] = {
    "add": ({"op": "add", "path": "members", "value": ONE}, [MemberChange(ADD, ("1",))]),
    "add one object": (
        {"op": "Add", "path": "members", "value": {"value": "1"}},
        [MemberChange(ADD, ("1",))],
    ),
    "add a text": ({"op": "add", "path": "members", "value": "1"}, [MemberChange(ADD, ("1",))]),
    "add without a path": ({"op": "add", "value": {"members": ONE}}, [MemberChange(ADD, ("1",))]),
    "replace": ({"op": "replace", "path": "members", "value": ONE}, [MemberChange(REPLACE, ("1",))]),
    "replace by none": ({"op": "replace", "path": "members", "value": []}, [MemberChange(REPLACE, ())]),
    "replace without a path": ({"op": "replace", "value": {"members": ONE}}, [MemberChange(REPLACE, ("1",))]),
    "remove all": ({"op": "remove", "path": "members"}, [MemberChange(REMOVE, None)]),
    "remove a list": ({"op": "remove", "path": "members", "value": ONE}, [MemberChange(REMOVE, ("1",))]),
    "remove an empty list": ({"op": "remove", "path": "members", "value": []}, [MemberChange(REMOVE, ())]),
    "remove null": ({"op": "remove", "path": "members", "value": None}, [MemberChange(REMOVE, None)]),
    "remove by a filter": (
        {"op": "remove", "path": 'members[value eq "1"]'},
        [MemberChange(REMOVE, ("1",))],
    ),
    "remove by a filter on several": (
        {"op": "remove", "path": 'members[value eq "1" or value eq "2"]'},
        [MemberChange(REMOVE, ("1", "2"))],
    ),
    "replace one by a filter": (
        {"op": "replace", "path": 'members[value eq "1"]', "value": [{"value": "2"}]},
        [MemberChange(REMOVE, ("1",)), MemberChange(ADD, ("2",))],
    ),
    "a new name alone": ({"op": "replace", "value": {"id": "7", "displayName": "Army"}}, []),
}


@pytest.mark.parametrize(("operation", "expected"), OPERATIONS.values(), ids=OPERATIONS.keys())
def test_an_operation_becomes_a_change_of_a_set_of_members(
    operation: Document, expected: list[MemberChange]
) -> None:
    assert changes(operation) == expected


def test_removals_and_additions_of_one_request_stay_in_order() -> None:
    first: Document = {"op": "remove", "path": 'members[value eq "1"]'}
    second: Document = {"op": "add", "path": "members", "value": [{"value": "1"}, {"value": "2"}]}

    assert changes(first, second) == [MemberChange(REMOVE, ("1",)), MemberChange(ADD, ("1", "2"))]


@pytest.mark.parametrize(
    "path",
    [
        "members.type",
        'members[value eq "1"].display',
        'members[name eq "1"]',
        'members[value eq "1" and name eq "2"]',
        "member",
    ],
)
def test_a_value_inside_a_member_cannot_be_changed_by_a_path(path: str) -> None:
    with pytest.raises(ScimError) as caught:
        changes({"op": "remove", "path": path})

    assert caught.value.scim_type in ("invalidPath", "mutability")


ADA, BOB, SUB = Member("a", "Ada", "User"), Member("b", None, "User"), Member("s", "Sub", "Group")


@pytest.mark.parametrize(
    ("condition", "chosen"),
    [
        ('type eq "User"', "ab"),
        ('type eq "group"', "s"),
        ('not (type eq "User")', "s"),
        ('display eq "ada"', "a"),
        ("display pr", "as"),
        ('value ne "a"', "bs"),
        ('value eq "a" and value eq "b"', ""),
        ('value eq "a" and type eq "Group"', ""),
        ('value eq "a" or display sw "s"', "as"),
        ('$ref eq "https://scim.example/scim/v2/Users/b"', "b"),
        ('not (value eq "a" or value eq "b")', "s"),
    ],
)
def test_a_filter_selects_members_by_any_of_their_values(condition: str, chosen: str) -> None:
    (change,) = changes({"op": "remove", "path": f"members[{condition}]"})

    assert "".join(one.id for one in (ADA, BOB, SUB) if change.meets(one)) == chosen


def test_listed_members_are_removed_only_if_all_their_given_values_match() -> None:
    listed: list[JSON] = [{"value": "a", "type": "Group"}, {"value": "b"}, {"value": "s", "type": "group"}]
    removals = changes({"op": "remove", "path": "members", "value": listed})

    gone = {one.id for change in removals for one in (ADA, BOB, SUB) if change.meets(one)}
    assert gone == {"b", "s"}


def test_changing_the_name_or_external_id_keeps_members() -> None:
    own, members = parse_group_patch(
        {"Operations": [{"op": "replace", "value": {"displayName": "Army", "externalId": "y"}}]}, READER
    )

    group = apply_own('{"displayName":"Navy"}', own, READER)

    assert members == []
    assert (group.display_name, group.display_name_key, group.external_id) == ("Army", "army", "y")


def test_the_name_cannot_be_removed() -> None:
    own, _ = parse_group_patch({"Operations": [{"op": "remove", "path": "displayName"}]}, READER)

    with pytest.raises(MutabilityViolation, match="displayName is required"):
        apply_own('{"displayName":"Navy"}', own, READER)


def test_strict_refuses_forms_that_the_rfc_does_not_define() -> None:
    strict = ResourceSchema(GROUP, STRICT)

    with pytest.raises(InvalidValue):
        changes({"op": "add", "path": "members", "value": "1"}, reader=strict)
    with pytest.raises(InvalidPath):
        changes({"op": "replace", "value": {"shoeSize": 44}}, reader=strict)


def test_a_group_is_shown_with_its_members_if_they_were_read() -> None:
    there = ShownGroup(
        "7",
        "then",
        "now",
        3,
        '{"displayName":"Navy"}',
        (Member("1", "Grace", "User"), Member("2", None, "User")),
    )

    answer = render_group(there, "https://scim.example")

    assert answer == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": "7",
        "displayName": "Navy",
        "members": [
            {"value": "1", "$ref": "https://scim.example/Users/1", "type": "User", "display": "Grace"},
            {"value": "2", "$ref": "https://scim.example/Users/2", "type": "User"},
        ],
        "meta": {
            "resourceType": "Group",
            "created": "then",
            "lastModified": "now",
            "version": 'W/"3"',
            "location": "https://scim.example/Groups/7",
        },
    }
    for none in ((), None):
        empty = ShownGroup("7", "then", "now", 3, '{"displayName":"Navy"}', none)
        assert "members" not in render_group(empty, "https://scim.example")
