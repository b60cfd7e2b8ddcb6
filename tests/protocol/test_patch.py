"""PATCH of a User (RFC 7644 section 3.5.2; DESIGN, wire 12 and 13; IDP 4 to 8, 20)."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.protocol import patch
from scim_server.protocol.dialects import STRICT, TOLERANT
from scim_server.protocol.errors import (
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    MutabilityViolation,
    NoTarget,
    ScimError,
)
from scim_server.protocol.patch import MAX_OPERATIONS
from scim_server.protocol.resources import user_type
from scim_server.protocol.schemas import ResourceSchema
from tests.protocol.bodies import bodies, patch_bodies

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEAT = "urn:scim-seats:params:scim:schemas:extension:seat:1.0:User"
USER = user_type(seat_extension=True)
READER, STRICT_READER = ResourceSchema(USER, TOLERANT), ResourceSchema(USER, STRICT)

Document = dict[str, Any]

GRACE: Document = {
    "userName": "grace",
    "title": "Rear Admiral",
    "name": {"givenName": "Grace", "familyName": "Hopper"},
    "active": True,
    "emails": [
        {"value": "g@work.example", "type": "work", "primary": True},
        {"value": "g@home.example", "type": "home"},
    ],
    ENTERPRISE: {"department": "Compilers", "manager": {"value": "7"}},
}


def changed(document: Document, *operations: Document, reader: ResourceSchema = READER) -> Document:
    after = deepcopy(document)
    for change in patch.changes({"Operations": [*operations]}, reader):
        patch.apply(after, change, reader)
    return after


def grace(**changes: object) -> Document:
    """Grace with other values; None removes one."""
    return {name: value for name, value in {**GRACE, **changes}.items() if value is not None}


def operation(op: str, path: str | None = None, *value: object) -> Document:
    made: Document = {"op": op}
    if path is not None:
        made["path"] = path
    if value:
        made["value"] = value[0]
    return made


WORK, HOME = (
    {"value": "g@work.example", "type": "work", "primary": True},
    {"value": "g@home.example", "type": "home"},
)
NEW: Document = {"value": "new", "type": "other"}

EDITS: dict[str, tuple[Document, Document]] = {
    "add a value": (operation("add", "nickName", "Amazing"), grace(nickName="Amazing")),
    "add replaces a single value": (operation("add", "title", "Commodore"), grace(title="Commodore")),
    "replace a value": (operation("replace", "title", "Commodore"), grace(title="Commodore")),
    "replace what is not there": (operation("replace", "nickName", "Amazing"), grace(nickName="Amazing")),
    "replace by null": (operation("replace", "title", None), grace(title=None)),
    "replace by an empty text": (operation("replace", "title", ""), grace(title=None)),
    "remove a value": (operation("remove", "title"), grace(title=None)),
    "remove what is not there": (operation("remove", "nickName"), grace()),
    "a name in any case": (operation("replace", "TITLE", "Commodore"), grace(title="Commodore")),
    "a name with its URN": (operation("replace", f"{CORE}:title", "x"), grace(title="x")),
    "replace a part": (
        operation("replace", "name.givenName", "G."),
        grace(name={"givenName": "G.", "familyName": "Hopper"}),
    ),
    "remove a part": (operation("remove", "name.givenName"), grace(name={"familyName": "Hopper"})),
    "parts that are not named stay": (
        operation("replace", "name", {"givenName": "G."}),
        grace(name={"givenName": "G.", "familyName": "Hopper"}),
    ),
    "remove a complex value": (operation("remove", "name"), grace(name=None)),
    "add to a list": (operation("add", "emails", [NEW]), grace(emails=[WORK, HOME, NEW])),
    "add one object to a list": (operation("add", "emails", NEW), grace(emails=[WORK, HOME, NEW])),
    "add what is there": (operation("add", "emails", [HOME, NEW, NEW]), grace(emails=[WORK, HOME, NEW])),
    "replace a list": (operation("replace", "emails", [NEW]), grace(emails=[NEW])),
    "replace a list by none": (operation("replace", "emails", []), grace(emails=None)),
    "remove a list": (operation("remove", "emails"), grace(emails=None)),
    "remove an element": (operation("remove", 'emails[type eq "HOME"]'), grace(emails=[WORK])),
    "remove the last elements": (operation("remove", "emails[value pr]"), grace(emails=None)),
    "remove an element that is not there": (operation("remove", 'emails[type eq "x"]'), grace()),
    "replace a part of an element": (
        operation("replace", 'emails[type eq "home"].value', "new"),
        grace(emails=[WORK, {**HOME, "value": "new"}]),
    ),
    "remove a part of an element": (
        operation("remove", 'emails[type eq "home"].value'),
        grace(emails=[WORK]),
    ),
    "unassign the only part of an element": (
        operation("replace", "roles.value", ""),
        grace(),
    ),
    "change an element": (
        operation("replace", 'emails[type eq "home"]', {"display": "At home"}),
        grace(emails=[WORK, {**HOME, "display": "At home"}]),
    ),
    "change a part of every element": (
        operation("replace", "emails.display", "x"),
        grace(emails=[{**WORK, "display": "x"}, {**HOME, "display": "x"}]),
    ),
    "create the element that is described": (
        operation("replace", 'emails[type eq "other"].value', "new"),
        grace(emails=[WORK, HOME, {"type": "other", "value": "new"}]),
    ),
    "create it by several equalities": (
        operation("add", 'emails[type eq "other" and display eq "x"].value', "new"),
        grace(emails=[WORK, HOME, {"type": "other", "display": "x", "value": "new"}]),
    ),
    "create it with a real boolean": (
        operation("add", 'roles[primary eq "True"].value', "admin"),
        grace(roles=[{"primary": True, "value": "admin"}]),
    ),
    "create nothing out of nothing": (operation("replace", 'emails[type eq "other"].value', None), grace()),
    "a new primary takes the mark from the old": (
        operation("add", "emails", [{"value": "new", "primary": True}]),
        grace(emails=[{**WORK, "primary": False}, HOME, {"value": "new", "primary": True}]),
    ),
    "the mark moves": (
        operation("replace", 'emails[type eq "home"].primary', "True"),
        grace(emails=[{**WORK, "primary": False}, {**HOME, "primary": True}]),
    ),
    "an extension's value": (
        operation("replace", f"{ENTERPRISE}:department", "Navy"),
        grace(**{ENTERPRISE: {"department": "Navy", "manager": {"value": "7"}}}),
    ),
    "a bare name of an extension": (
        operation("replace", "department", "Navy"),
        grace(**{ENTERPRISE: {"department": "Navy", "manager": {"value": "7"}}}),
    ),
    "a manager as a text": (
        operation("replace", "manager", "8"),
        grace(**{ENTERPRISE: {"department": "Compilers", "manager": {"value": "8"}}}),
    ),
    "a manager as a list": (
        operation("replace", f"{ENTERPRISE}:manager", [{"value": "8", "$ref": "../Users/8"}]),
        grace(**{ENTERPRISE: {"department": "Compilers", "manager": {"value": "8", "$ref": "../Users/8"}}}),
    ),
    "a part of an extension's value": (
        operation("replace", f"{ENTERPRISE}:manager.value", "8"),
        grace(**{ENTERPRISE: {"department": "Compilers", "manager": {"value": "8"}}}),
    ),
    "a whole extension": (operation("remove", ENTERPRISE), grace(**{ENTERPRISE: None})),
    "values of an extension": (
        operation("add", ENTERPRISE, {"department": None, "costCenter": "9"}),
        grace(**{ENTERPRISE: {"costCenter": "9", "manager": {"value": "7"}}}),
    ),
    "several values without a path": (
        operation("replace", None, {"title": "x", "name": {"givenName": "G."}, "active": "False"}),
        grace(title="x", name={"givenName": "G.", "familyName": "Hopper"}, active=False),
    ),
    "paths as keys": (
        operation("replace", None, {"name.givenName": "G.", 'emails[type eq "home"].value': "new"}),
        grace(
            name={"givenName": "G.", "familyName": "Hopper"},
            emails=[WORK, {**HOME, "value": "new"}],
        ),
    ),
    "an extension without a path": (
        operation("add", None, {ENTERPRISE: {"manager": None}, f"{ENTERPRISE}:department": "Navy"}),
        grace(**{ENTERPRISE: {"department": "Navy"}}),
    ),
    "read-only values without a path": (
        operation("replace", None, {"id": "x", "meta": {}, "groups": [], "schemas": [], SEAT: {"tier": "x"}}),
        grace(),
    ),
    "a password": (operation("replace", "password", "secret"), grace()),
    "schemas": (operation("add", "schemas", ["urn:x"]), grace()),
}


@pytest.mark.parametrize(("edit", "expected"), EDITS.values(), ids=EDITS.keys())
def test_an_operation_has_exactly_the_expected_effect(edit: Document, expected: Document) -> None:
    assert changed(GRACE, edit) == expected


REFUSALS: dict[str, tuple[Document, type[ScimError]]] = {
    "no op": ({"path": "title", "value": "x"}, InvalidSyntax),
    "another op": (operation("move", "title", "x"), InvalidSyntax),
    "no value": (operation("add", "title"), InvalidValue),
    "a path that is no text": ({"op": "remove", "path": 7}, InvalidPath),
    "remove without a path": (operation("remove"), NoTarget),
    "no object without a path": (operation("add", None, 7), InvalidValue),
    "an unknown path": (operation("add", "shoeSize", 44), InvalidPath),
    "an unknown part": (operation("add", "name.shoeSize", 44), InvalidPath),
    "an unknown part in brackets": (operation("remove", "emails[shoeSize eq 4]"), InvalidPath),
    "brackets on a simple value": (operation("remove", 'title[value eq "x"]'), InvalidPath),
    "empty brackets": (operation("remove", "emails[]"), InvalidPath),
    "a prototype": (operation("add", "__proto__", {"x": "y"}), InvalidPath),
    "a class": (operation("add", "__class__.x", "y"), InvalidPath),
    "the mapper's state": (operation("add", "_sa_instance_state", "y"), InvalidPath),
    "id": (operation("replace", "id", "x"), MutabilityViolation),
    "meta": (operation("remove", "meta.version"), MutabilityViolation),
    "groups": (operation("add", "groups", [{"value": "x"}]), MutabilityViolation),
    "a seat": (operation("replace", f"{SEAT}:tier", "premium"), MutabilityViolation),
    "the seat extension": (operation("remove", SEAT), MutabilityViolation),
    "a manager's name": (operation("replace", "manager.displayName", "x"), MutabilityViolation),
    "another type": (operation("replace", "active", "perhaps"), InvalidValue),
    "another type of a part": (operation("replace", "name.givenName", 7), InvalidValue),
    "several objects for one": (operation("replace", 'emails[type eq "home"]', [NEW, NEW]), InvalidValue),
    "what no equality describes": (operation("replace", 'emails[type sw "x"].value', "x"), NoTarget),
    "what no value describes": (
        operation("replace", 'emails[type eq "x" or type eq "y"].value', "x"),
        NoTarget,
    ),
    "an element with a value of another type": (
        operation("add", "emails[type eq 5].value", "x"),
        InvalidValue,
    ),
}


@pytest.mark.parametrize(("edit", "error"), REFUSALS.values(), ids=REFUSALS.keys())
def test_an_invalid_operation_is_refused(edit: Document, error: type[ScimError]) -> None:
    with pytest.raises(error) as caught:
        changed(GRACE, edit)

    assert type(caught.value) is error


@pytest.mark.parametrize(
    "body", [{}, {"Operations": []}, {"Operations": {}}, {"Operations": [7]}, {"op": "add"}]
)
def test_a_body_without_operations_is_not_a_patch(body: Document) -> None:
    with pytest.raises(InvalidSyntax):
        patch.changes(body, READER)


def test_more_operations_than_the_limit_are_refused() -> None:
    with pytest.raises(InvalidValue, match=f"at most {MAX_OPERATIONS} operations"):
        changed(GRACE, *[operation("remove", "title")] * (MAX_OPERATIONS + 1))


def test_the_message_uses_the_canonical_name_of_the_attribute() -> None:
    with pytest.raises(InvalidValue) as caught:
        changed(GRACE, operation("replace", "NAME.givenName", 7))

    assert caught.value.detail == "name.givenName must be a string."


# The same edits on a naive model, written from the RFC's text about these operations.

KINDS, WORDS = ("work", "home", "other"), ("a", "b", "c")
elements = st.fixed_dictionaries({"type": st.sampled_from(KINDS)}, optional={"value": st.sampled_from(WORDS)})
Edit = tuple[str, str, Any]
edits: st.SearchStrategy[Edit] = (
    st.tuples(st.sampled_from(["add", "replace"]), st.just("title"), st.sampled_from(WORDS))
    | st.tuples(st.just("remove"), st.sampled_from(["title", "name", "emails", "name.givenName"]), st.none())
    | st.tuples(st.sampled_from(["add", "replace"]), st.just("name.givenName"), st.sampled_from(WORDS))
    | st.tuples(
        st.just("replace"), st.just("name"), st.fixed_dictionaries({"familyName": st.sampled_from(WORDS)})
    )
    | st.tuples(st.sampled_from(["add", "replace"]), st.just("emails"), st.lists(elements, max_size=3))
    | st.tuples(st.sampled_from(["remove", "remove value"]), st.sampled_from(KINDS), st.none())
    | st.tuples(st.sampled_from(["add", "replace"]), st.sampled_from(KINDS), st.sampled_from(WORDS))
)


def as_operation(edit: Edit) -> Document:
    op, target, value = edit
    if target in KINDS:
        path = f'emails[type eq "{target}"]'
        return (
            operation("remove", path)
            if op == "remove"
            else (
                operation("remove", f"{path}.value")
                if op == "remove value"
                else operation(op, f"{path}.value", value)
            )
        )
    return operation(op, target) if op == "remove" else operation(op, target, value)


def edit_naively(person: Document, edit: Edit) -> None:
    op, target, value = edit
    if target in KINDS:
        _edit_element(person, op, target, value)
    elif target == "emails" and op == "add":
        for element in value:
            if element not in person.setdefault("emails", []):
                person["emails"].append(element)
    elif target == "name":
        person["name"] = {**person.get("name", {}), **value} if value else None
    elif target == "name.givenName":
        person["name"] = {**(person.get("name") or {}), "givenName": value}
    else:
        person[target] = value
    _forget_nothing(person)


def _forget_nothing(person: Document) -> None:
    name = {part: value for part, value in (person.get("name") or {}).items() if value is not None}
    for key, value in {**person, "name": name}.items():
        if value:
            person[key] = value
        else:
            person.pop(key, None)


def _edit_element(person: Document, op: str, kind: str, value: str | None) -> None:
    emails = person.setdefault("emails", [])
    chosen = [element for element in emails if element["type"] == kind]
    if op in ("remove", "remove value"):
        person["emails"] = [element for element in emails if element["type"] != kind]
        return
    for element in chosen:
        element["value"] = value
    if not chosen:
        emails.append({"type": kind, "value": value})


@given(st.lists(edits, min_size=1, max_size=12))
def test_a_sequence_of_operations_has_the_same_result_on_a_naive_model(sequence: list[Edit]) -> None:
    model: Document = {"userName": "ada"}
    for edit in sequence:
        edit_naively(model, deepcopy(edit))

    at_once = changed({"userName": "ada"}, *[as_operation(edit) for edit in sequence])

    assert at_once == model
    one_by_one: Document = {"userName": "ada"}
    for edit in sequence:
        one_by_one = changed(one_by_one, as_operation(edit), reader=READER)
    assert one_by_one == at_once


@given(patch_bodies(USER), bodies(USER))
def test_any_json_is_refused_or_leaves_a_valid_document(body: Document, before: Document) -> None:
    for reader in (READER, STRICT_READER):
        try:
            document = reader.load(deepcopy(before))
            for change in patch.changes(deepcopy(body), reader):
                patch.apply(document, change, reader)
        except ScimError as error:
            assert error.status == 400  # noqa: PT017 - other errors fail the test
        else:
            assert reader.load({"userName": "ada", **deepcopy(document)}) == {"userName": "ada", **document}
