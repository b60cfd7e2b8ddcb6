from __future__ import annotations

import doctest
from typing import TYPE_CHECKING, TypeAlias

import pytest
from scim2_models import EnterpriseUser as RfcEnterpriseUser
from scim2_models import Group as RfcGroup
from scim2_models import Schema as ParsedSchema
from scim2_models import User as RfcUser

from scim_server.protocol import attributes
from scim_server.protocol.attributes import COMMON, Attribute, Schema, Type
from scim_server.protocol.resources import (
    DISCOVERY_SCHEMAS,
    ENTERPRISE_SCHEMA,
    GROUP_SCHEMA,
    SEAT_SCHEMA,
    USER_SCHEMA,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scim2_models import Attribute as ParsedAttribute


BASE = "https://seats.example/orgs/acme/scim/v2"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ALL_SCHEMAS = (USER_SCHEMA, GROUP_SCHEMA, ENTERPRISE_SCHEMA, SEAT_SCHEMA, *DISCOVERY_SCHEMAS)


# In this order: type, multiValued, mutability, returned, uniqueness, caseExact, and whether it is required.
Row: TypeAlias = tuple[str, bool, str, str, str, bool, bool]


TEXT: Row = ("string", False, "readWrite", "default", "none", False, False)
REQUIRED_TEXT: Row = ("string", False, "readWrite", "default", "none", False, True)
FLAG: Row = ("boolean", False, "readWrite", "default", "none", False, False)
ONE: Row = ("complex", False, "readWrite", "default", "none", False, False)
MANY: Row = ("complex", True, "readWrite", "default", "none", False, False)
URL: Row = ("reference", False, "readWrite", "default", "none", False, False)
READ_ONLY_TEXT: Row = ("string", False, "readOnly", "default", "none", False, False)


# RFC 7643 section 8.7.1, written out manually. Where a row departs from the RFC's, the reason stands above
# it.
USER_ROWS: dict[str, Row] = {
    "userName": ("string", False, "readWrite", "default", "server", False, True),
    "name": ONE,
    "name.formatted": TEXT,
    "name.familyName": TEXT,
    "name.givenName": TEXT,
    "name.middleName": TEXT,
    "name.honorificPrefix": TEXT,
    "name.honorificSuffix": TEXT,
    "displayName": TEXT,
    "nickName": TEXT,
    "profileUrl": URL,
    "title": TEXT,
    "userType": TEXT,
    "preferredLanguage": TEXT,
    "locale": TEXT,
    "timezone": TEXT,
    "active": FLAG,
    "password": ("string", False, "writeOnly", "never", "none", False, False),
    "emails": MANY,
    "emails.value": TEXT,
    "emails.display": TEXT,
    "emails.type": TEXT,
    "emails.primary": FLAG,
    "phoneNumbers": MANY,
    "phoneNumbers.value": TEXT,
    "phoneNumbers.display": TEXT,
    "phoneNumbers.type": TEXT,
    "phoneNumbers.primary": FLAG,
    "ims": MANY,
    "ims.value": TEXT,
    "ims.display": TEXT,
    "ims.type": TEXT,
    "ims.primary": FLAG,
    "photos": MANY,
    "photos.value": URL,
    "photos.display": TEXT,
    "photos.type": TEXT,
    "photos.primary": FLAG,
    "addresses": MANY,
    "addresses.formatted": TEXT,
    "addresses.streetAddress": TEXT,
    "addresses.locality": TEXT,
    "addresses.region": TEXT,
    "addresses.postalCode": TEXT,
    "addresses.country": TEXT,
    # display and primary: section 2.4 gives them to every multi-valued attribute, 8.7.1 forgets them here.
    "addresses.display": TEXT,
    "addresses.type": TEXT,
    "addresses.primary": FLAG,
    "groups": ("complex", True, "readOnly", "default", "none", False, False),
    # caseExact: an id is (section 3.1), and a reference is (section 2.3.7).
    "groups.value": ("string", False, "readOnly", "default", "none", True, False),
    "groups.$ref": ("reference", False, "readOnly", "default", "none", True, False),
    "groups.display": READ_ONLY_TEXT,
    "groups.type": READ_ONLY_TEXT,
    "entitlements": MANY,
    "entitlements.value": TEXT,
    "entitlements.display": TEXT,
    "entitlements.type": TEXT,
    "entitlements.primary": FLAG,
    "roles": MANY,
    "roles.value": TEXT,
    "roles.display": TEXT,
    "roles.type": TEXT,
    "roles.primary": FLAG,
    "x509Certificates": MANY,
    # caseExact: binary is (section 2.3.6).
    "x509Certificates.value": ("binary", False, "readWrite", "default", "none", True, False),
    "x509Certificates.display": TEXT,
    "x509Certificates.type": TEXT,
    "x509Certificates.primary": FLAG,
}


GROUP_ROWS: dict[str, Row] = {
    # required: section 4.2 says so.
    "displayName": REQUIRED_TEXT,
    "members": MANY,
    # caseExact: an id is (section 3.1), and a reference is (section 2.3.7).
    "members.value": ("string", False, "immutable", "default", "none", True, False),
    "members.$ref": ("reference", False, "immutable", "default", "none", True, False),
    "members.type": ("string", False, "immutable", "default", "none", False, False),
    # Section 8.7.1 has no display, although section 8.4 uses it.
    "members.display": READ_ONLY_TEXT,
}


ENTERPRISE_ROWS: dict[str, Row] = {
    "employeeNumber": TEXT,
    "costCenter": TEXT,
    "organization": TEXT,
    "division": TEXT,
    "department": TEXT,
    "manager": ONE,
    # caseExact: an id is (section 3.1), and a reference is (section 2.3.7).
    "manager.value": ("string", False, "readWrite", "default", "none", True, False),
    "manager.$ref": ("reference", False, "readWrite", "default", "none", True, False),
    "manager.displayName": READ_ONLY_TEXT,
}


SEAT_ROWS: dict[str, Row] = {
    "status": READ_ONLY_TEXT,
    "tier": READ_ONLY_TEXT,
    "waitingSince": ("dateTime", False, "readOnly", "default", "none", False, False),
}


COMMON_ROWS: dict[str, Row] = {
    "schemas": ("string", True, "readOnly", "always", "none", False, False),
    "id": ("string", False, "readOnly", "always", "server", True, False),
    "externalId": ("string", False, "readWrite", "default", "none", True, False),
    "meta": ("complex", False, "readOnly", "default", "none", False, False),
    "meta.resourceType": ("string", False, "readOnly", "default", "none", True, False),
    "meta.created": ("dateTime", False, "readOnly", "default", "none", False, False),
    "meta.lastModified": ("dateTime", False, "readOnly", "default", "none", False, False),
    "meta.location": ("reference", False, "readOnly", "default", "none", True, False),
    "meta.version": ("string", False, "readOnly", "default", "none", True, False),
}


# Differences of scim2-models, and the reasons for ours.
DIFFERENCES: dict[str, dict[str, tuple[object, object]]] = {
    CORE: {
        # Section 8.7.1 prints false; the models follow section 2.3.7 (erratum 6001, held for update).
        "profileUrl.caseExact": (False, True),
        "photos.value.caseExact": (False, True),
        # Section 8.7.1 prints false; no password is ever compared here.
        "password.caseExact": (False, True),
        # Providers send it, and section 2.4 gives it to every multi-valued attribute.
        "addresses.display": ("present", "absent"),
    },
    GROUP_SCHEMA.id: {
        # It is the target's displayName, which the server computes.
        "members.display.mutability": ("readOnly", "readWrite"),
    },
    ENTERPRISE: {
        # Section 8.7.1 prints false for both: clients send an empty manager, and never a $ref.
        "manager.value.required": (False, True),
        "manager.$ref.required": (False, True),
    },
}


def flatten(rows: Iterable[Attribute], prefix: str = "") -> Iterator[tuple[str, Attribute]]:
    for row in rows:
        yield prefix + row.name, row
        yield from flatten(row.sub_attributes, f"{prefix}{row.name}.")


def rows_of(table: Iterable[Attribute]) -> dict[str, Row]:
    return {
        name: (
            row.type.value,
            row.multi_valued,
            row.mutability.value,
            row.returned.value,
            row.uniqueness.value,
            row.case_exact,
            row.required,
        )
        for name, row in flatten(table)
    }


def characteristics(table: Iterable[Attribute]) -> dict[str, dict[str, object]]:
    """Every characteristic of the product's rows, by dotted name."""
    return {
        name: {
            "type": row.type.value,
            "multiValued": row.multi_valued,
            "required": row.required,
            "caseExact": row.case_exact,
            "mutability": row.mutability.value,
            "returned": row.returned.value,
            "uniqueness": row.uniqueness.value,
            "canonicalValues": list(row.canonical_values),
            "referenceTypes": list(row.reference_types),
        }
        for name, row in flatten(table)
    }


def parsed_characteristics(
    rows: Iterable[ParsedAttribute] | None, prefix: str = ""
) -> dict[str, dict[str, object]]:
    """The same of a schema that scim2-models parsed or made."""
    found: dict[str, dict[str, object]] = {}
    for row in rows or ():
        assert row.type is not None
        found[f"{prefix}{row.name}"] = {
            "type": row.type.value,
            "multiValued": row.multi_valued,
            "required": row.required.value,
            "caseExact": row.case_exact.value,
            "mutability": row.mutability.value,
            "returned": row.returned.value,
            "uniqueness": row.uniqueness.value,
            "canonicalValues": row.canonical_values or [],
            "referenceTypes": row.reference_types or [],
        }
        found |= parsed_characteristics(row.sub_attributes, f"{prefix}{row.name}.")
    return found


def differences(
    ours: dict[str, dict[str, object]], theirs: dict[str, dict[str, object]]
) -> dict[str, tuple[object, object]]:
    found: dict[str, tuple[object, object]] = {
        f"{name}.{key}": (ours[name][key], theirs[name][key])
        for name in ours.keys() & theirs.keys()
        for key in ours[name]
        if ours[name][key] != theirs[name][key]
    }
    found |= dict.fromkeys(ours.keys() - theirs.keys(), ("present", "absent"))
    return found | dict.fromkeys(theirs.keys() - ours.keys(), ("absent", "present"))


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (USER_SCHEMA.attributes, USER_ROWS),
        (GROUP_SCHEMA.attributes, GROUP_ROWS),
        (ENTERPRISE_SCHEMA.attributes, ENTERPRISE_ROWS),
        (SEAT_SCHEMA.attributes, SEAT_ROWS),
        (COMMON, COMMON_ROWS),
    ],
    ids=["user", "group", "enterprise", "seat", "common"],
)
def test_the_table_of_attributes_equals_the_rfcs(table: tuple[Attribute, ...], rows: dict[str, Row]) -> None:
    found = rows_of(table)

    assert found == rows
    assert list(found) == list(rows)


@pytest.mark.parametrize(
    ("schema", "model"),
    [(USER_SCHEMA, RfcUser), (GROUP_SCHEMA, RfcGroup), (ENTERPRISE_SCHEMA, RfcEnterpriseUser)],
    ids=["user", "group", "enterprise"],
)
def test_scim2_models_differs_only_in_the_listed_places(
    schema: Schema, model: type[RfcUser[RfcEnterpriseUser] | RfcGroup | RfcEnterpriseUser]
) -> None:
    theirs = parsed_characteristics(model.to_schema().attributes)

    found = differences(characteristics(schema.attributes), theirs)

    assert found == DIFFERENCES[schema.id]


@pytest.mark.parametrize("schema", ALL_SCHEMAS, ids=lambda schema: schema.name)
def test_a_client_reads_back_every_characteristic(schema: Schema) -> None:
    parsed = ParsedSchema.model_validate(schema.to_json(BASE))

    assert (parsed.id, parsed.name, parsed.description) == (schema.id, schema.name, schema.description)
    assert parsed.meta is not None
    assert (parsed.meta.resource_type, parsed.meta.location) == ("Schema", f"{BASE}/Schemas/{schema.id}")
    assert parsed_characteristics(parsed.attributes) == characteristics(schema.attributes)


@pytest.mark.parametrize("schema", ALL_SCHEMAS, ids=lambda schema: schema.name)
def test_every_row_has_a_description_and_a_unique_name(schema: Schema) -> None:
    for row in [row for _, row in flatten(schema.attributes)]:
        assert row.description
        assert bool(row.sub_attributes) == (row.type is Type.COMPLEX)
        assert bool(row.reference_types) == (row.type is Type.REFERENCE)

    names = [name.lower() for name, _ in flatten(schema.attributes)]
    assert len(names) == len(set(names))


def test_the_json_of_a_row_has_the_characteristics_of_its_type() -> None:
    reference = GROUP_SCHEMA.attributes[1].sub_attributes[1]

    assert reference.to_json() == {
        "name": "$ref",
        "type": "reference",
        "multiValued": False,
        "description": "URI of the member",
        "required": False,
        "caseExact": True,
        "mutability": "immutable",
        "returned": "default",
        "uniqueness": "none",
        "referenceTypes": ["User", "Group"],
    }
    assert set(GROUP_SCHEMA.attributes[1].to_json()) == {
        *("name", "type", "multiValued", "description", "required", "mutability", "returned", "subAttributes")
    }


def test_the_example_in_the_documentation_is_correct() -> None:
    assert doctest.testmod(attributes) == (0, 3)
