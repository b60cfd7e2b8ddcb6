"""One test for each tolerance: what is accepted, and that `strict` refuses it (DESIGN, wire 15; IDP.md)."""

import pytest

from scim_server.protocol import patch
from scim_server.protocol.attributes import JSON
from scim_server.protocol.dialects import STRICT, TOLERANT, Tolerance, tolerances
from scim_server.protocol.errors import InvalidPath, InvalidSyntax, InvalidValue, NoTarget, ScimError
from scim_server.protocol.resources import USER
from scim_server.protocol.schemas import ResourceSchema

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MALFORMED = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"

Document = dict[str, JSON]


def reader(allowed: frozenset[Tolerance]) -> ResourceSchema:
    return ResourceSchema(USER, allowed)


def loaded(allowed: frozenset[Tolerance], **body: JSON) -> Document:
    schemas: list[JSON] = [USER.schema.id, *(key for key in body if key.startswith("urn:"))]
    return reader(allowed).load({"schemas": schemas, "userName": "ada", **body})


def patched(allowed: frozenset[Tolerance], document: Document, *operations: Document) -> Document:
    body: Document = {"schemas": [patch.PATCH_URN], "Operations": list(operations)}
    for change in patch.changes(body, reader(allowed)):
        patch.apply(document, change, reader(allowed))
    return document


def without(tolerance: Tolerance) -> frozenset[Tolerance]:
    return TOLERANT - {tolerance}


def test_strict_turns_every_tolerance_off_and_otherwise_all_are_on() -> None:
    assert tolerances(strict=True) == STRICT == frozenset()
    assert tolerances(strict=False) == TOLERANT == frozenset(Tolerance)


# Each body below is accepted by every organization that is not strict. The rule alone decides it: with
# all others on and this one off the outcome is that of strict.
BODIES: dict[str, tuple[Tolerance, Document, Document, type[ScimError] | None]] = {
    "True in quotes is true": (
        Tolerance.BOOLEAN_AS_TEXT,
        {"active": "True"},
        {"active": True},
        InvalidValue,
    ),
    "false in quotes is false, also in an element": (
        Tolerance.BOOLEAN_AS_TEXT,
        {"emails": [{"value": "a@b.c", "primary": "FALSE"}]},
        {"emails": [{"value": "a@b.c", "primary": False}]},
        InvalidValue,
    ),
    "one object is a list of one": (
        Tolerance.LIST_OF_ONE,
        {"emails": {"value": "a@b.c"}},
        {"emails": [{"value": "a@b.c"}]},
        InvalidValue,
    ),
    "a list of one is the object": (
        Tolerance.ONE_OF_LIST,
        {ENTERPRISE: {"manager": [{"value": "7"}]}},
        {ENTERPRISE: {"manager": {"value": "7"}}},
        InvalidValue,
    ),
    "a text is the value of a manager": (
        Tolerance.BARE_VALUE,
        {ENTERPRISE: {"manager": "7"}},
        {ENTERPRISE: {"manager": {"value": "7"}}},
        InvalidValue,
    ),
    "texts are the values of e-mail addresses": (
        Tolerance.BARE_VALUE,
        {"emails": ["a@b.c", "d@e.f"]},
        {"emails": [{"value": "a@b.c"}, {"value": "d@e.f"}]},
        InvalidValue,
    ),
    "JSON in a text is an element of roles": (
        Tolerance.JSON_AS_TEXT,
        {"roles": ['{"value": "admin", "primary": true}']},
        {"roles": [{"value": "admin", "primary": True}]},
        None,  # without the rule it is a role of that name
    ),
    "an unknown attribute is left out": (
        Tolerance.UNKNOWN_IGNORED,
        {"shoeSize": 44, "name": {"shoeSize": 44, "givenName": "Ada"}},
        {"name": {"givenName": "Ada"}},
        InvalidValue,
    ),
    "the enterprise URN without its last colon is the enterprise URN": (
        Tolerance.MALFORMED_URN,
        {MALFORMED: {"department": "Engines"}},
        {ENTERPRISE: {"department": "Engines"}},
        None,  # without the rule it is an unknown attribute
    ),
}


@pytest.mark.parametrize(("rule", "body", "document", "error"), BODIES.values(), ids=BODIES.keys())
def test_a_body_in_a_dialect_is_accepted_by_exactly_one_rule(
    rule: Tolerance, body: Document, document: Document, error: type[ScimError] | None
) -> None:
    assert loaded(TOLERANT, **body) == {"userName": "ada", **document}
    assert loaded(frozenset({rule, Tolerance.UNKNOWN_IGNORED}), **body) == {"userName": "ada", **document}
    if error is not None:
        with pytest.raises(error):
            loaded(without(rule), **body)
    else:
        assert loaded(without(rule), **body) != {"userName": "ada", **document}
    with pytest.raises((InvalidValue, InvalidSyntax)):
        loaded(STRICT, **body)


OPERATIONS: dict[str, tuple[Tolerance, Document, Document, Document, type[ScimError]]] = {
    "an operation is named in any case": (
        Tolerance.OPERATION_CASE,
        {"userName": "ada"},
        {"op": "Replace", "path": "title", "value": "Countess"},
        {"userName": "ada", "title": "Countess"},
        InvalidSyntax,
    ),
    "a key of a path-less value is a path": (
        Tolerance.KEYS_AS_PATHS,
        {"userName": "ada", "emails": [{"type": "work", "value": "old"}]},
        {"op": "replace", "value": {'emails[type eq "work"].value': "new", "name.givenName": "Ada"}},
        {"userName": "ada", "emails": [{"type": "work", "value": "new"}], "name": {"givenName": "Ada"}},
        InvalidPath,
    ),
    "a path that chooses nothing creates what it describes": (
        Tolerance.TARGET_CREATED,
        {"userName": "ada"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "new"},
        {"userName": "ada", "emails": [{"type": "work", "value": "new"}]},
        NoTarget,
    ),
    "an unknown key of a path-less value is left out": (
        Tolerance.UNKNOWN_IGNORED,
        {"userName": "ada"},
        {"op": "add", "value": {"shoeSize": 44, "title": "Countess"}},
        {"userName": "ada", "title": "Countess"},
        InvalidPath,
    ),
    "the value of an operation is JSON in a text": (
        Tolerance.JSON_AS_TEXT,
        {"userName": "ada"},
        {"op": "replace", "value": '{"title": "Countess"}'},
        {"userName": "ada", "title": "Countess"},
        InvalidValue,
    ),
}


@pytest.mark.parametrize(
    ("rule", "before", "operation", "after", "error"), OPERATIONS.values(), ids=OPERATIONS.keys()
)
def test_an_operation_in_a_dialect_is_accepted_by_exactly_one_rule(
    rule: Tolerance, before: Document, operation: Document, after: Document, error: type[ScimError]
) -> None:
    assert patched(TOLERANT, {**before}, operation) == after
    for allowed in (STRICT, without(rule) - {Tolerance.UNKNOWN_IGNORED}):
        with pytest.raises(error):
            patched(allowed, {**before}, operation)


def test_a_list_of_values_to_remove_removes_them_and_is_refused_by_strict() -> None:
    operation: Document = {"op": "remove", "path": "emails", "value": [{"value": "b"}, {"value": "none"}]}

    def before() -> Document:
        return {"userName": "ada", "emails": [{"value": "a"}, {"value": "b", "type": "work"}]}

    assert patched(TOLERANT, before(), operation) == {"userName": "ada", "emails": [{"value": "a"}]}
    for allowed in (without(Tolerance.VALUES_TO_REMOVE), STRICT):
        with pytest.raises(InvalidValue, match="remove must not have a value"):
            patched(allowed, before(), operation)


@pytest.mark.parametrize("value", [[], {}, [{"value": "a"}], {"value": "a"}, "a", False])
@pytest.mark.parametrize("path", ["emails", "emails.type", "name", "title", ENTERPRISE])
def test_strict_refuses_any_value_of_a_removal_whose_path_has_no_filter(path: str, value: JSON) -> None:
    document: Document = {"emails": [{"value": "a", "type": "work"}], "title": "Countess"}

    with pytest.raises(InvalidValue, match="remove must not have a value"):
        patched(STRICT, document, {"op": "remove", "path": path, "value": value})


def test_strict_removes_the_elements_selected_by_a_filter_in_the_path() -> None:
    document: Document = {"emails": [{"value": "a"}, {"value": "b"}]}
    operation: Document = {"op": "remove", "path": 'emails[value eq "a"]', "value": [{"value": "a"}]}

    assert patched(STRICT, document, operation) == {"emails": [{"value": "b"}]}


def test_an_empty_list_of_values_to_remove_removes_nothing() -> None:
    document = patched(
        TOLERANT, {"emails": [{"value": "a"}]}, {"op": "remove", "path": "emails", "value": []}
    )

    assert document == {"emails": [{"value": "a"}]}


@pytest.mark.parametrize("unassigned", [{"value": None}, {"value": ""}, {}])
@pytest.mark.parametrize("allowed", [TOLERANT, STRICT])
def test_a_removal_without_a_value_removes_all(allowed: frozenset[Tolerance], unassigned: Document) -> None:
    operation: Document = {"op": "remove", "path": "emails", **unassigned}

    assert patched(allowed, {"emails": [{"value": "a"}]}, operation) == {}


def test_several_primary_values_are_kept_as_sent_unless_strict() -> None:
    emails: JSON = [{"value": "a@x", "primary": True}, {"value": "b@x", "primary": True}]
    body: dict[str, JSON] = {"schemas": [USER.schema.id], "userName": "u", "emails": emails}

    assert ResourceSchema(USER, TOLERANT).load(dict(body))["emails"] == emails
    with pytest.raises(InvalidValue, match="only one element can be primary"):
        ResourceSchema(USER, STRICT).load(dict(body))
