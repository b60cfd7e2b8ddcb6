"""The extensions of each resource type, and the resolution of names in requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scim2_models import ResourceType as ParsedResourceType

from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.resources import (
    ENTERPRISE_SCHEMA,
    GROUP,
    GROUP_SCHEMA,
    SEAT_SCHEMA,
    USER,
    USER_SCHEMA,
    user_type,
)

if TYPE_CHECKING:
    pass

BASE = "https://seats.example/orgs/acme/scim/v2"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEAT = "urn:scim-seats:params:scim:schemas:extension:seat:1.0:User"
WITH_SEAT = user_type(seat_extension=True)


def resolved(kind: ResourceType, urn: str | None, name: str) -> tuple[str, str] | None:
    found = kind.resolve(urn, name)
    return None if found is None else (found[0].id, found[1].name)


def test_the_seat_extension_suggests_its_statuses() -> None:
    status = SEAT_SCHEMA.attribute("status")

    assert status is not None
    assert status.to_json()["canonicalValues"] == ["seated", "waiting", "none", "inactive"]


def test_the_user_type_names_its_extensions_as_optional() -> None:
    answer = WITH_SEAT.to_json(BASE)

    assert answer == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User",
        "name": "User",
        "description": "User Account",
        "endpoint": "/Users",
        "schema": CORE,
        "schemaExtensions": [
            {"schema": ENTERPRISE, "required": False},
            {"schema": SEAT, "required": False},
        ],
        "meta": {"resourceType": "ResourceType", "location": f"{BASE}/ResourceTypes/User"},
    }
    assert ParsedResourceType.model_validate(answer).name == "User"


def test_the_group_type_has_no_extensions() -> None:
    answer = GROUP.to_json(BASE)

    assert (answer["endpoint"], answer["schema"], answer["schemaExtensions"]) == (
        "/Groups",
        "urn:ietf:params:scim:schemas:core:2.0:Group",
        [],
    )
    assert ParsedResourceType.model_validate(answer).name == "Group"


def test_the_seat_extension_belongs_to_the_user_type_only_where_it_is_on() -> None:
    assert user_type(seat_extension=False) is USER
    assert user_type(seat_extension=True) is WITH_SEAT
    assert USER.extensions == (ENTERPRISE_SCHEMA,)
    assert WITH_SEAT.extensions == (ENTERPRISE_SCHEMA, SEAT_SCHEMA)


@pytest.mark.parametrize(
    ("urn", "name", "expected"),
    [
        # A bare name is common or core, in any case.
        (None, "userName", (CORE, "userName")),
        (None, "USERNAME", (CORE, "userName")),
        (None, "ID", (CORE, "id")),
        (None, "externalid", (CORE, "externalId")),
        (None, "meta", (CORE, "meta")),
        (None, "schemas", (CORE, "schemas")),
        # Otherwise it is an extension's: Entra's manager.
        (None, "manager", (ENTERPRISE, "manager")),
        (None, "Department", (ENTERPRISE, "department")),
        (None, "tier", (SEAT, "tier")),
        (None, "shoeSize", None),
        # A URN confines the search to its schema, in any case.
        (CORE, "userName", (CORE, "userName")),
        (CORE.upper(), "username", (CORE, "userName")),
        (CORE, "id", (CORE, "id")),
        (CORE, "manager", None),
        (ENTERPRISE, "manager", (ENTERPRISE, "manager")),
        (ENTERPRISE.lower(), "MANAGER", (ENTERPRISE, "manager")),
        (ENTERPRISE, "userName", None),
        (ENTERPRISE, "id", None),
        (SEAT, "status", (SEAT, "status")),
        ("urn:example:unknown", "userName", None),
    ],
)
def test_a_name_resolves_to_its_schema_and_attribute(
    urn: str | None, name: str, expected: tuple[str, str] | None
) -> None:
    assert resolved(WITH_SEAT, urn, name) == expected


def test_a_type_resolves_only_its_own_extensions() -> None:
    assert resolved(USER, None, "tier") is None
    assert resolved(USER, SEAT, "tier") is None
    assert resolved(GROUP, None, "manager") is None
    assert resolved(GROUP, None, "displayname") == (GROUP_SCHEMA.id, "displayName")


def test_a_schema_is_found_by_its_urn_in_any_case() -> None:
    assert WITH_SEAT.schema_of(CORE.upper()) is USER_SCHEMA
    assert WITH_SEAT.schema_of(ENTERPRISE.lower()) is ENTERPRISE_SCHEMA
    assert WITH_SEAT.schema_of(SEAT) is SEAT_SCHEMA
    assert USER.schema_of(SEAT) is None


def test_a_sub_attribute_is_found_in_any_case() -> None:
    members = GROUP_SCHEMA.attribute("MEMBERS")

    assert members is not None
    assert members.sub("$REF") is members.sub_attributes[1]
    assert members.sub("Display") is members.sub_attributes[3]
    assert members.sub("primary") is None
