"""The example requests of RFC 7644 section 3 with other values: each is answered as the RFC shows.

Those of section 3.5.2, PATCH, and 3.7, Bulk, are in separate modules.
"""

from uuid import uuid4

import httpx
import pytest

from tests.api.wire import (
    ENTERPRISE,
    GROUP,
    LIST,
    USER,
    Resource,
    create,
    create_group,
    found,
    own,
    patch,
    read,
    refusal,
    user_name,
)
from tests.support.servers.running import Organization, Server

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LONG_AGO = "2011-08-01T21:32:44Z"
PEOPLE: list[Resource] = [
    {
        "userName": "tovar",
        "displayName": "Vargas Tova",
        "name": {"givenName": "Tova", "familyName": "D'Amico"},
        "title": "Pilot",
        "userType": "Employee",
        "emails": [{"type": "work", "value": "tova@harbour.example"}],
        ENTERPRISE: {"department": "Locks"},
    },
    {
        "userName": "Gilmour",
        "displayName": "Vargas Gil",
        "userType": "Intern",
        "emails": [{"type": "home", "value": "gil@quay.example"}],
    },
    {
        "userName": "gus",
        "userType": "Employee",
        "emails": [{"type": "home", "value": "gus@quay.example"}],
    },
    {
        "userName": "ines",
        "title": "Diver",
        "userType": "Contractor",
        "emails": [{"type": "work", "value": "ines@elsewhere.example"}],
        "ims": [{"type": "xmpp", "value": "ines@chat.example"}],
    },
]


@pytest.fixture(scope="module")
def harbour(server: Server) -> Organization:
    """An organization with those people, and one group called like two of them."""
    organization = server.organization(standard=100)
    with organization.client() as client:
        for person in PEOPLE:
            create(client, **person)
        create_group(client, displayName="VARGAS family")
    return organization


def assert_shown(answer: httpx.Response, status: int, organization: Organization, version: str) -> Resource:
    """Assert that an answer is one resource with the headers that the RFC shows; gives its body."""
    assert answer.status_code == status, answer.text
    body: Resource = answer.json()
    place = f"{organization.base_url}/{body['meta']['resourceType']}s/{body['id']}"
    assert answer.headers["content-type"] == "application/scim+json"
    assert answer.headers["location"] == body["meta"]["location"] == place
    assert answer.headers["etag"] == body["meta"]["version"] == version
    assert set(body["meta"]) == {"resourceType", "created", "lastModified", "location", "version"}
    return body


def test_section_3_3_a_created_resource_is_returned_with_location_and_version(
    organization: Organization, client: httpx.Client
) -> None:
    name = user_name()
    body = {
        "schemas": [USER],
        "userName": name,
        "externalId": name,
        "name": {"formatted": "Dr. Ruth N Okafor Jr.", "familyName": "Okafor", "givenName": "Ruth"},
    }

    answer = client.post("/Users", json=body)

    made = assert_shown(answer, 201, organization, 'W/"1"')
    assert made["schemas"] == [USER]
    assert own(made) == own(body) | {"active": True}
    assert made["meta"]["resourceType"] == "User"
    assert made["meta"]["created"] == made["meta"]["lastModified"]


def test_section_3_3_a_duplicate_user_name_is_a_conflict(client: httpx.Client) -> None:
    """Section 3.3: a duplicate is 409 with `uniqueness`."""
    body = {"schemas": [USER], "userName": create(client)["userName"]}

    answer = client.post("/Users", json=body)

    refusal(answer, 409, "uniqueness")


def test_section_3_4_1_a_resource_is_read_with_location_and_version(
    organization: Organization, client: httpx.Client
) -> None:
    values: Resource = {
        "externalId": "okafor",
        "name": {"formatted": "Dr. Ruth N Okafor Jr.", "familyName": "Okafor", "givenName": "Ruth"},
        "phoneNumbers": [{"value": "555-0142", "type": "work"}, {"value": "555-0143", "type": "mobile"}],
        "emails": [{"value": "okafor@harbour.example", "type": "work"}],
    }
    made = create(client, **values)

    answer = client.get(f"/Users/{made['id']}")

    assert assert_shown(answer, 200, organization, 'W/"1"') == made
    assert own(made) == {**values, "userName": made["userName"], "active": True}


def test_section_3_4_2_a_list_with_attributes_shows_only_those_and_the_ids(harbour: Organization) -> None:
    with harbour.client() as client:
        answer = client.get("/Users", params={"attributes": "userName"})

    listed = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/scim+json")
    assert (listed["schemas"], listed["totalResults"], listed["itemsPerPage"]) == ([LIST], 4, 4)
    assert [set(one) for one in listed["Resources"]] == [{"schemas", "id", "userName"}] * 4
    assert [one["userName"] for one in listed["Resources"]] == ["tovar", "Gilmour", "gus", "ines"]


def test_section_3_4_2_a_list_without_matches_is_200_with_zero_results(harbour: Organization) -> None:
    with harbour.client() as client:
        listed = read(client, "/Users", filter='userName eq "nobody"')

    assert (listed["schemas"], listed["totalResults"]) == ([LIST], 0)


# Figure 2, in its order; the userNames that each filter finds.
EVERYBODY = "tovar Gilmour gus ines"
FILTERS = {
    'userName eq "tovar"': "tovar",
    'name.familyName co "D\'Amico"': "tovar",
    'userName sw "G"': "Gilmour gus",
    f'{USER}:userName sw "G"': "Gilmour gus",
    "title pr": "tovar ines",
    f'meta.lastModified gt "{LONG_AGO}"': EVERYBODY,
    f'meta.lastModified ge "{LONG_AGO}"': EVERYBODY,
    f'meta.lastModified lt "{LONG_AGO}"': "",
    f'meta.lastModified le "{LONG_AGO}"': "",
    'title pr and userType eq "Employee"': "tovar",
    'title pr or userType eq "Intern"': "tovar Gilmour ines",
    f'schemas eq "{ENTERPRISE}"': "tovar",
    'userType eq "Employee" and (emails co "harbour.example" or emails.value co "quay.example")': "tovar gus",
    'userType ne "Employee" and not (emails co "harbour.example" or emails.value co "quay.example")': "ines",
    'userType eq "Employee" and (emails.type eq "work")': "tovar",
    'userType eq "Employee" and emails[type eq "work" and value co "@harbour.example"]': "tovar",
    'emails[type eq "work" and value co "@harbour.example"] or '
    'ims[type eq "xmpp" and value co "@chat.example"]': "tovar ines",
}


@pytest.mark.parametrize(("text", "names"), FILTERS.items(), ids=FILTERS.keys())
def test_section_3_4_2_2_each_filter_of_figure_2_finds_the_people_who_match(
    harbour: Organization, text: str, names: str
) -> None:
    with harbour.client() as client:
        listed = read(client, "/Users", filter=text)

    assert [one["userName"] for one in listed["Resources"]] == names.split()
    assert listed["totalResults"] == len(names.split())


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ({}, ["Gilmour", "gus", "ines", "tovar"]),
        ({"sortOrder": "ascending"}, ["Gilmour", "gus", "ines", "tovar"]),
        ({"sortOrder": "descending"}, ["tovar", "ines", "gus", "Gilmour"]),
    ],
    ids=["by default", "ascending", "descending"],
)
def test_section_3_4_2_3_a_list_is_sorted_ignoring_case(
    harbour: Organization, order: dict[str, str], names: list[str]
) -> None:
    with harbour.client() as client:
        listed = read(client, "/Users", sortBy="userName", **order)

    assert [one["userName"] for one in listed["Resources"]] == names


def test_section_3_4_2_4_a_page_shows_its_start_index_and_the_total(harbour: Organization) -> None:
    with harbour.client() as client:
        first = read(client, "/Users", startIndex="1", count="3")
        second = read(client, "/Users", startIndex="4", count="3")

    pages = [{name: page[name] for name in page if name != "Resources"} for page in (first, second)]
    assert pages == [
        {"schemas": [LIST], "totalResults": 4, "itemsPerPage": 3, "startIndex": 1},
        {"schemas": [LIST], "totalResults": 4, "itemsPerPage": 1, "startIndex": 4},
    ]
    assert [one["userName"] for page in (first, second) for one in page["Resources"]] == EVERYBODY.split()


def test_section_3_4_3_a_search_by_post_finds_people_and_groups(harbour: Organization) -> None:
    message = {
        "schemas": [SEARCH],
        "attributes": ["displayName", "userName"],
        "filter": 'displayName sw "vargas"',
        "startIndex": 1,
        "count": 10,
    }

    with harbour.client() as client:
        answer = client.post("/.search", json=message)

    listed = answer.json()
    resources = [
        {name: value for name, value in one.items() if name != "id"} for one in listed.pop("Resources")
    ]
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/scim+json"
    assert listed == {"schemas": [LIST], "totalResults": 3, "itemsPerPage": 3, "startIndex": 1}
    assert resources == [
        {"schemas": [USER, ENTERPRISE], "displayName": "Vargas Tova", "userName": "tovar"},
        {"schemas": [USER], "displayName": "Vargas Gil", "userName": "Gilmour"},
        {"schemas": [GROUP], "displayName": "VARGAS family"},
    ]


def test_section_3_5_1_a_put_replaces_the_whole_resource(
    organization: Organization, client: httpx.Client
) -> None:
    made = create(client, title="Diver", roles=[{"value": "crew"}], name={"familyName": "Okafor"})
    body = {
        "schemas": [USER],
        "id": made["id"],
        "userName": made["userName"],
        "externalId": "okafor",
        "name": {
            "formatted": "Dr. Ruth Adaeze Okafor Jr.",
            "familyName": "Okafor",
            "givenName": "Ruth",
            "middleName": "Adaeze",
        },
        "roles": [],
        "emails": [{"value": "okafor@harbour.example"}, {"value": "ruth@home.example"}],
    }

    answer = client.put(f"/Users/{made['id']}", json=body, headers={"If-Match": 'W/"1"'})

    shown = assert_shown(answer, 200, organization, 'W/"2"')
    assert own(shown) == {key: body[key] for key in ("userName", "externalId", "name", "emails")} | {
        "active": True
    }
    assert shown["meta"]["created"] == made["meta"]["created"]
    assert shown["meta"]["lastModified"] >= made["meta"]["lastModified"]


def test_section_3_6_a_deleted_resource_is_404(client: httpx.Client) -> None:
    made = create(client)
    path = f"/Users/{made['id']}"

    deleted = client.delete(path, headers={"If-Match": made["meta"]["version"]})
    read_again = client.get(path)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert made["id"] in refusal(read_again, 404)
    assert found(client, f'userName eq "{made["userName"]}"') == []


def test_section_3_9_only_the_requested_attributes_and_the_id_are_shown(client: httpx.Client) -> None:
    made = create(client, displayName="Ruth", title="Pilot")

    shown = read(client, f"/Users/{made['id']}", attributes="userName")
    less = read(client, f"/Users/{made['id']}", excludedAttributes="displayName,title,meta")

    assert shown == {"schemas": [USER], "id": made["id"], "userName": made["userName"]}
    assert less == shown | {"active": True}


def test_section_3_12_an_unknown_id_is_404_with_an_error_body(client: httpx.Client) -> None:
    unknown = str(uuid4())

    answer = client.get(f"/Users/{unknown}")

    assert unknown in refusal(answer, 404)


def test_section_3_12_changing_the_id_is_400_with_mutability(client: httpx.Client) -> None:
    made = create(client)

    answer = patch(client, f"/Users/{made['id']}", {"op": "replace", "path": "id", "value": "other"})

    assert "id" in refusal(answer, 400, "mutability")
    assert read(client, f"/Users/{made['id']}") == made


def test_section_3_14_an_unchanged_resource_is_304_without_a_body(client: httpx.Client) -> None:
    made = create(client, displayName="Ruth")
    path, version = f"/Users/{made['id']}", made["meta"]["version"]

    same = client.get(path, params={"attributes": "displayName"}, headers={"If-None-Match": version})
    patch(client, path, {"op": "replace", "path": "displayName", "value": "Ruth Okafor"})
    newer = client.get(path, params={"attributes": "displayName"}, headers={"If-None-Match": version})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", version)
    assert (newer.status_code, newer.headers["etag"]) == (200, 'W/"2"')
    assert newer.json()["displayName"] == "Ruth Okafor"


def test_section_3_14_a_change_with_a_stale_version_is_412(client: httpx.Client) -> None:
    made = create(client)
    path, version = f"/Users/{made['id']}", made["meta"]["version"]
    body = {"schemas": [USER], "userName": made["userName"], "title": "Pilot"}

    done = client.put(path, json=body, headers={"If-Match": version})
    late = client.put(path, json=body | {"title": "Diver"}, headers={"If-Match": version})

    assert (done.status_code, done.headers["etag"]) == (200, 'W/"2"')
    refusal(late, 412)
    assert read(client, path) == done.json()
