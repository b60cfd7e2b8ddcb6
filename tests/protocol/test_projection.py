"""`attributes` and `excludedAttributes` (RFC 7644 section 3.9)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.protocol.resources import GROUP, user_type

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEAT = "urn:scim-seats:params:scim:schemas:extension:seat:1.0:User"
USER = user_type(seat_extension=True)

ALWAYS: dict[str, JSON] = {"schemas": [CORE, ENTERPRISE, SEAT], "id": "1"}
GRACE: dict[str, JSON] = {
    **ALWAYS,
    "externalId": "x",
    "userName": "grace",
    "name": {"givenName": "Grace", "familyName": "Hopper"},
    "active": True,
    "emails": [{"value": "g@example.com", "type": "work"}, {"type": "home"}],
    "groups": [{"value": "g1", "display": "Navy"}],
    "title": "Rear Admiral",
    ENTERPRISE: {"department": "Compilers", "manager": {"value": "2", "displayName": "Ada"}},
    SEAT: {"status": "seated", "tier": "standard"},
    "meta": {"resourceType": "User", "version": 'W/"1"'},
}


def shown(attributes: str | None = None, excluded: str | None = None) -> dict[str, JSON]:
    return Projection.read((USER,), attributes, excluded).apply(USER, dict(GRACE))


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_a_selection_all_attributes_are_shown(nothing: str | None) -> None:
    assert shown(nothing, nothing) == GRACE
    assert EVERYTHING.everything


ONLY: dict[str, dict[str, JSON]] = {
    "userName": {"userName": "grace"},
    "USERNAME": {"userName": "grace"},
    f"{CORE}:userName": {"userName": "grace"},
    " userName , title ": {"userName": "grace", "title": "Rear Admiral"},
    "name": {"name": {"givenName": "Grace", "familyName": "Hopper"}},
    "name.givenName": {"name": {"givenName": "Grace"}},
    "name.givenName,name": {"name": {"givenName": "Grace", "familyName": "Hopper"}},
    "emails.value": {"emails": [{"value": "g@example.com"}]},
    "name.middleName": {},
    "department": {ENTERPRISE: {"department": "Compilers"}},
    f"{ENTERPRISE}:manager.displayName": {ENTERPRISE: {"manager": {"displayName": "Ada"}}},
    ENTERPRISE.upper(): {ENTERPRISE: GRACE[ENTERPRISE]},
    SEAT: {SEAT: GRACE[SEAT]},
    "password": {},
    "id": {},
    "shoeSize": {},
    ",": {},
    "][": {},
}


@pytest.mark.parametrize(("asked", "expected"), ONLY.items(), ids=ONLY.keys())
def test_only_requested_and_always_returned_attributes_are_shown(
    asked: str, expected: dict[str, JSON]
) -> None:
    assert shown(attributes=asked) == {**ALWAYS, **expected}


@pytest.mark.parametrize("name", ["title", "TITLE", f"{CORE}:title", "title,shoeSize", "title,id,schemas"])
def test_excluded_attributes_are_omitted_but_always_returned_ones_stay(name: str) -> None:
    assert shown(excluded=name) == {key: value for key, value in GRACE.items() if key != "title"}


def test_sub_attributes_can_be_excluded() -> None:
    answer = shown(excluded="name.givenName,emails.type,manager.value,meta.version")

    assert answer["name"] == {"familyName": "Hopper"}
    assert answer["emails"] == [{"value": "g@example.com"}]
    assert answer[ENTERPRISE] == {"department": "Compilers", "manager": {"displayName": "Ada"}}
    assert answer["meta"] == {"resourceType": "User"}


def test_an_extension_without_remaining_attributes_is_omitted() -> None:
    assert ENTERPRISE not in shown(excluded="department,manager")
    assert ENTERPRISE not in shown(excluded=ENTERPRISE)


def test_attributes_and_excluded_attributes_together_are_refused() -> None:
    with pytest.raises(InvalidValue):
        Projection.read((USER,), "title", "name")


def test_the_order_of_the_attributes_is_kept() -> None:
    assert list(shown(attributes="title,userName,externalId")) == [*ALWAYS, "externalId", "userName", "title"]


@pytest.mark.parametrize(
    ("attributes", "excluded", "needed"),
    [
        (None, None, True),
        ("groups", None, True),
        ("groups.display", None, True),
        (CORE, None, True),
        ("title", None, False),
        (ENTERPRISE, None, False),
        (None, "groups", False),
        (None, "groups.display", True),
        (None, "title", True),
    ],
)
def test_an_attribute_that_is_not_shown_is_not_computed(
    attributes: str | None, excluded: str | None, *, needed: bool
) -> None:
    projection = Projection.read((USER,), attributes, excluded)

    assert projection.has("groups") is needed
    assert needed or "groups" not in projection.apply(USER, dict(GRACE))


def test_members_of_a_group_are_omitted_when_excluded() -> None:
    group: dict[str, JSON] = {"schemas": [], "id": "1", "displayName": "Navy", "members": [{"value": "2"}]}

    answer = Projection.read((GROUP,), None, "members").apply(GROUP, group)

    assert answer == {"schemas": [], "id": "1", "displayName": "Navy"}


NAMES = [name for name in GRACE if name not in (*ALWAYS, ENTERPRISE, SEAT)]
lists_of_names: st.SearchStrategy[list[str]] = st.lists(
    st.sampled_from([*NAMES, "department", "manager", ENTERPRISE, SEAT, "id", "shoeSize"]), min_size=1
)


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Both, attribute by attribute, also within extensions."""
    both = {**one, **other}
    for name in (ENTERPRISE, SEAT):
        if name in one and name in other:
            both[name] = {**one[name], **other[name]}
    return both


@given(lists_of_names)
def test_selecting_and_excluding_the_same_attributes_gives_two_complementary_parts(names: list[str]) -> None:
    asked = ",".join(names)

    only, rest = shown(attributes=asked), shown(excluded=asked)

    assert merged(only, rest) == GRACE
    assert {name for name in only if name in rest} - {ENTERPRISE} == set(ALWAYS)


@given(lists_of_names)
def test_projecting_twice_gives_the_same_result(names: list[str]) -> None:
    for projection in (
        Projection.read((USER,), ",".join(names), None),
        Projection.read((USER,), None, ",".join(names)),
    ):
        once = projection.apply(USER, dict(GRACE))

        assert projection.apply(USER, dict(once)) == once


@given(st.text())
def test_any_selection_is_applied_without_an_error(asked: str) -> None:
    assert ALWAYS.items() <= shown(attributes=asked).items()
    assert ALWAYS.items() <= shown(excluded=asked).items()
