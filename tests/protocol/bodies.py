"""Random JSON that looks like SCIM: known names in any case with values that mostly do not fit."""

from typing import Any

from hypothesis import strategies as st

from scim_server.protocol.attributes import ResourceType

PATHS = (
    *("emails", "emails.value", 'emails[type eq "work"]', 'emails[type eq "work"].value', "members"),
    *('emails[type eq "work" and primary eq true].display', 'roles[primary eq "True"].value', "manager"),
    *('members[value eq "1"]', 'emails[type ne "work"].value', "addresses.country", "emails[type pr].value"),
    *("name.givenName", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "groups"),
    *("__proto__", "__class__", "_sa_instance_state", "emails[", "", "a.b.c", "schemas", "password", "id"),
    *("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "emails[value pr or x pr]", "$ref"),
)


def names_of(resource_type: ResourceType) -> list[str]:
    """Every known name in a body of this type, and some unknown ones."""
    schemas = (resource_type.schema, *resource_type.extensions)
    attributes = [row for schema in schemas for row in schema.attributes]
    parts = [sub.name for row in attributes for sub in row.sub_attributes]
    common = ["schemas", "id", "externalId", "meta", "shoeSize", "__proto__", ""]
    return sorted({*(row.name for row in attributes), *parts, *(one.id for one in schemas), *common})


def in_any_case(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name, name, name.lower(), name.upper()])


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
scalars: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | st.sampled_from(["", "True", "false", "work", "1", '{"value": "x"}', "{", "[]", '{"a": {"b": 1}}'])
)


def values(names: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Any JSON value whose objects have such names."""
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
        max_leaves=12,
    )


def bodies(resource_type: ResourceType) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of POST and PUT, most of them with the required attributes."""
    names = st.sampled_from(names_of(resource_type)).flatmap(in_any_case)
    anything = st.dictionaries(names | texts, values(names), max_size=6)
    required = st.sampled_from([{}, {"userName": "ada", "displayName": "Ada"}])
    return st.tuples(anything, required).map(lambda both: {**both[0], **both[1]})


def patch_bodies(resource_type: ResourceType) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of PATCH: operations with a known path, an unknown one or none."""
    names = st.sampled_from(names_of(resource_type)).flatmap(in_any_case)
    paths = st.sampled_from(PATHS) | names | texts | scalars
    keyed = st.dictionaries(names | st.sampled_from(PATHS), values(names), max_size=4)
    operation = st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "replace", "remove", "Add", "REMOVE", "move", 7])},
        optional={"path": paths, "value": values(names) | keyed},
    )
    operations = st.lists(operation | scalars, max_size=4) | st.lists(operation, min_size=1, max_size=4)
    return st.fixed_dictionaries({"Operations": operations | scalars})
