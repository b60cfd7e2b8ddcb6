"""The example requests of RFC 7644 section 3.5.2 with other values: each has the effect in the RFC.

Strict organizations understand them as well as others.
"""

from typing import Any

import httpx
import pytest

from tests.api.wire import GROUP, PATCH_OP, USER, Resource, create, create_group, own, patch, read
from tests.support.servers.running import Organization, Server

WORK = {"type": "work", "value": "okafor@harbour.example", "primary": True}
HOME = {"type": "home", "value": "ruth@home.example"}
OFFICE = {
    "type": "work",
    "streetAddress": "12 Quay Street",
    "locality": "Port Albany",
    "region": "WA",
    "postalCode": "98765",
    "country": "US",
    "formatted": "12 Quay Street\nPort Albany, WA 98765 US",
    "primary": True,
}
COTTAGE = {"type": "home", "streetAddress": "3 Mill Lane", "locality": "Albany Springs", "country": "US"}
MOVED = {
    "type": "work",
    "streetAddress": "8 Lock Road",
    "locality": "Port Albany",
    "region": "WA",
    "postalCode": "98766",
    "country": "US",
    "formatted": "8 Lock Road\nPort Albany, WA 98766 US",
    "primary": True,
}
BEFORE: Resource = {
    "displayName": "Ruth Okafor",
    "nickName": "Ru",
    "emails": [WORK, HOME],
    "addresses": [OFFICE, COTTAGE],
}
NEW_WORK = {"value": "ruth@quay.example", "type": "work", "primary": True}
NEW_HOME = {"value": "okafor@cottage.example", "type": "home"}

# Operations on a person and the attributes that they change, in the RFC's order.
OF_PEOPLE: dict[str, tuple[Resource, Resource]] = {
    "3.5.2.1 add of values without a path": (
        # The RFC's own example writes `nickname`: names have no case.
        {"op": "add", "value": {"emails": [NEW_HOME], "nickname": "Ruthie"}},
        {"emails": [WORK, HOME, NEW_HOME], "nickName": "Ruthie"},
    ),
    "3.5.2.1 add to a multi-valued attribute": (
        {"op": "add", "path": "emails", "value": [NEW_HOME]},
        {"emails": [WORK, HOME, NEW_HOME]},
    ),
    "3.5.2.1 add of a value that is there": ({"op": "add", "path": "emails", "value": [HOME]}, {}),
    "3.5.2.2 remove by a complex filter": (
        {"op": "remove", "path": 'emails[type eq "work" and value ew "harbour.example"]'},
        {"emails": [HOME]},
    ),
    "3.5.2.2 remove by a complex filter that describes nothing": (
        {"op": "remove", "path": 'emails[type eq "home" and value ew "harbour.example"]'},
        {},
    ),
    "3.5.2.3 replace of a work address": (
        {"op": "replace", "path": 'addresses[type eq "work"]', "value": MOVED},
        {"addresses": [MOVED, COTTAGE]},
    ),
    "3.5.2.3 replace of one sub-attribute": (
        {"op": "replace", "path": 'addresses[type eq "work"].streetAddress', "value": "9 Lock Road"},
        {"addresses": [OFFICE | {"streetAddress": "9 Lock Road"}, COTTAGE]},
    ),
    "3.5.2.3 replace without a path": (
        {"op": "replace", "value": {"emails": [NEW_WORK, NEW_HOME], "nickname": "Ruthie"}},
        {"emails": [NEW_WORK, NEW_HOME], "nickName": "Ruthie"},
    ),
}


@pytest.fixture(scope="module", params=["tolerant", "strict"])
def organization(server: Server, request: pytest.FixtureRequest) -> Organization:
    """An organization with seats for everyone."""
    made = server.organization(standard=10_000)
    if request.param == "strict":
        server.command("org", "set", made.slug, "--strict")
    return made


@pytest.mark.parametrize(("operation", "changed"), OF_PEOPLE.values(), ids=OF_PEOPLE.keys())
def test_an_operation_changes_a_person_as_the_rfc_shows(
    client: httpx.Client, operation: Resource, changed: Resource
) -> None:
    made = create(client, schemas=[USER], **BEFORE)

    answer = patch(client, f"/Users/{made['id']}", operation)

    shown = answer.json()
    assert (answer.status_code, own(shown)) == (200, own(made) | changed)
    assert answer.headers["content-type"] == "application/scim+json"
    assert answer.headers["location"] == made["meta"]["location"]
    assert answer.headers["etag"] == shown["meta"]["version"] == ('W/"2"' if changed else 'W/"1"')
    # Section 3.5.2.1: an operation without effect does not change the time of the last change either.
    assert (shown["meta"]["lastModified"] == made["meta"]["lastModified"]) is (not changed)
    assert read(client, f"/Users/{made['id']}") == shown


@pytest.fixture(scope="module")
def crew(client: httpx.Client) -> dict[str, Resource]:
    """Three people, by name."""
    return {name: create(client, schemas=[USER], displayName=name) for name in ("Ruth", "Sam", "Tove")}


def member(organization: Organization, person: Resource) -> Resource:
    """A member as the RFC's examples send one."""
    return {
        "display": person["displayName"],
        "$ref": f"{organization.base_url}/Users/{person['id']}",
        "value": person["id"],
    }


def of_groups(organization: Organization, crew: dict[str, Resource]) -> dict[str, tuple[list[Any], str]]:
    """Operations on a group of Ruth and Sam, and its members afterwards."""
    ruth, sam, tove = (member(organization, person) for person in crew.values())
    one = f'members[value eq "{ruth["value"]}"]'
    return {
        "3.5.2.1 add of a member": ([{"op": "add", "path": "members", "value": [tove]}], "Ruth Sam Tove"),
        "3.5.2.1 add of a member who is there": (
            [{"op": "add", "path": "members", "value": [sam]}],
            "Ruth Sam",
        ),
        "3.5.2.2 remove of one by a filter": ([{"op": "remove", "path": one}], "Sam"),
        "3.5.2.2 remove of several by a filter": (
            [{"op": "remove", "path": f'{one[:-1]} or value eq "{sam["value"]}"]'}],
            "",
        ),
        "3.5.2.2 remove of all": ([{"op": "remove", "path": "members"}], ""),
        "3.5.2.2 remove of one and add of another": (
            [{"op": "remove", "path": one}, {"op": "add", "path": "members", "value": [tove]}],
            "Sam Tove",
        ),
        "3.5.2.2 remove of all and add of others": (
            [{"op": "remove", "path": "members"}, {"op": "add", "path": "members", "value": [sam, tove]}],
            "Sam Tove",
        ),
        "3.5.2.3 replace of all": ([{"op": "replace", "path": "members", "value": [sam, tove]}], "Sam Tove"),
    }


GROUP_CASES = (
    "3.5.2.1 add of a member",
    "3.5.2.1 add of a member who is there",
    "3.5.2.2 remove of one by a filter",
    "3.5.2.2 remove of several by a filter",
    "3.5.2.2 remove of all",
    "3.5.2.2 remove of one and add of another",
    "3.5.2.2 remove of all and add of others",
    "3.5.2.3 replace of all",
)


@pytest.mark.parametrize("case", GROUP_CASES)
def test_an_operation_changes_the_members_as_the_rfc_shows(
    organization: Organization, client: httpx.Client, crew: dict[str, Resource], case: str
) -> None:
    operations, expected = of_groups(organization, crew)[case]
    made = create_group(client, crew["Ruth"]["id"], crew["Sam"]["id"], schemas=[GROUP])

    answer = client.patch(f"/Groups/{made['id']}", json={"schemas": [PATCH_OP], "Operations": operations})

    # The RFC leaves the choice between 204 and 200 with the resource: small groups are shown.
    shown = answer.json()
    members = [member(organization, crew[name]) | {"type": "User"} for name in expected.split()]
    assert answer.status_code == 200
    assert {**own(shown), "members": None} == {**own(made), "members": None}
    assert sorted(shown.get("members", []), key=lambda one: str(one["display"])) == members
    assert ("members" in shown) is bool(members)
    assert answer.headers["location"] == made["meta"]["location"]
    assert answer.headers["etag"] == shown["meta"]["version"]
    assert read(client, f"/Groups/{made['id']}") == shown


def test_all_examples_of_groups_are_covered(organization: Organization, crew: dict[str, Resource]) -> None:
    assert tuple(of_groups(organization, crew)) == GROUP_CASES
