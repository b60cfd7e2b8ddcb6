"""Lists: sorting, paging by index and by cursor, and the same asked by a message."""

import itertools
from typing import Any

import httpx
import pytest

from tests.support.servers.running import Organization, Server

CURSOR_CHARACTERS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

PEOPLE: list[dict[str, Any]] = [
    {
        "userName": "c",
        "name": {"familyName": "Öz"},
        "emails": [{"value": "z@x"}, {"value": "a@x", "primary": True}],
    },
    {"userName": "a", "name": {"familyName": "zeta"}, "emails": [{"value": "m@x"}]},
    {"userName": "e", "active": False},
    {"userName": "B", "name": {"familyName": "Alpha"}, "title": "1"},
    {"userName": "d", "name": {"familyName": "alpha"}, "emails": [{"value": "B@x"}]},
]


@pytest.fixture(scope="module")
def directory(server: Server) -> Organization:
    organization = server.organization(standard=100)
    with organization.client() as client:
        for person in PEOPLE:
            assert client.post("/Users", json=person).status_code == 201
        ids = [one["id"] for one in client.get("/Users").json()["Resources"]]
        for name, members in (("Beta", ids[:2]), ("alpha", ids[2:]), ("gamma", [])):
            body = {"displayName": name, "members": [{"value": id_} for id_ in members]}
            assert client.post("/Groups", json=body).status_code == 201
    return organization


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["userName"] for one in answer.json()["Resources"]]


@pytest.mark.parametrize(
    ("sort_by", "ascending"),
    [
        ("userName", ["a", "B", "c", "d", "e"]),
        # Equal values keep the order of arrival, in both directions; a missing value comes last.
        ("name.familyName", ["B", "d", "a", "c", "e"]),
        ("NAME.FAMILYNAME", ["B", "d", "a", "c", "e"]),
        # By the primary address, else the first.
        ("emails.value", ["c", "d", "a", "e", "B"]),
        ("emails", ["c", "d", "a", "e", "B"]),
        ("active", ["e", "c", "a", "B", "d"]),
        ("meta.created", ["c", "a", "e", "B", "d"]),
        ("title", ["B", "c", "a", "e", "d"]),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName", ["a", "B", "c", "d", "e"]),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", ["c", "a", "e", "B", "d"]),
        # Groups are called Beta and alpha: alpha holds e, B and d.
        ("groups.display", ["e", "B", "d", "c", "a"]),
    ],
)
def test_a_list_is_sorted_by_any_attribute(
    directory: Organization, sort_by: str, ascending: list[str]
) -> None:
    with directory.client() as client:
        up = names(client.get("/Users", params={"sortBy": sort_by}))

    assert up == ascending


def test_in_descending_order_missing_values_come_first_and_ties_keep_their_order(
    directory: Organization,
) -> None:
    with directory.client() as client:
        down = names(client.get("/Users", params={"sortBy": "name.familyName", "sortOrder": "descending"}))

    assert down == ["e", "c", "a", "B", "d"]


@pytest.mark.parametrize("sort_by", [None, "userName", "name.familyName", "title", "emails", "active"])
@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("count", [1, 2, 4, 5, 6])
def test_pages_by_cursor_and_by_index_are_the_whole_list(
    directory: Organization, sort_by: str | None, order: str, count: int
) -> None:
    sorting = {} if sort_by is None else {"sortBy": sort_by, "sortOrder": order}
    with directory.client() as client:
        whole = names(client.get("/Users", params=sorting))
        by_index = [
            names(client.get("/Users", params={**sorting, "startIndex": start, "count": count}))
            for start in range(1, len(PEOPLE) + 1, count)
        ]
        by_cursor, cursor = [], ""
        while cursor is not None:
            page = client.get("/Users", params={**sorting, "cursor": cursor, "count": count})
            by_cursor.append(names(page))
            cursor = page.json().get("nextCursor")
            assert page.json()["totalResults"] == len(PEOPLE)
            assert "startIndex" not in page.json()

    assert list(itertools.chain(*by_index)) == whole
    assert list(itertools.chain(*by_cursor)) == whole
    assert len(by_cursor) == -(-len(PEOPLE) // count)


def test_a_page_by_cursor_does_not_shift_when_an_earlier_person_is_deleted(server: Server) -> None:
    organization = server.organization(standard=10)
    with organization.client() as client:
        ids = [client.post("/Users", json={"userName": f"p{n}"}).json()["id"] for n in range(6)]
        first = client.get("/Users", params={"cursor": "", "count": 2}).json()
        client.delete(f"/Users/{ids[0]}")

        second = client.get("/Users", params={"cursor": first["nextCursor"], "count": 2})

    assert names(second) == ["p2", "p3"]


def test_a_changed_cursor_or_one_of_another_query_or_organization_is_refused(
    server: Server, directory: Organization
) -> None:
    other = server.organization(standard=1)
    with directory.client() as client, other.client() as stranger:
        cursor = client.get("/Users", params={"cursor": "", "count": 2}).json()["nextCursor"]

        def scim_type(caller: httpx.Client, **parameters: object) -> tuple[int, str]:
            answer = caller.get("/Users", params={"cursor": cursor, "count": 2} | parameters)
            return answer.status_code, answer.json().get("scimType", "")

        assert set(cursor) <= CURSOR_CHARACTERS
        assert scim_type(client, cursor="made-up") == (400, "invalidCursor")
        assert scim_type(client, cursor=cursor[:5] + ("A" if cursor[5] != "A" else "B") + cursor[6:]) == (
            400,
            "invalidCursor",
        )
        assert scim_type(client, filter='userName eq "a"') == (400, "invalidCursor")
        assert scim_type(client, sortBy="userName") == (400, "invalidCursor")
        assert scim_type(stranger) == (400, "invalidCursor")
        assert scim_type(client, count=3) == (400, "invalidCount")
        assert scim_type(client, count=1001) == (400, "invalidCount")
        assert scim_type(client, startIndex=1) == (400, "invalidValue")


@pytest.mark.parametrize(
    ("parameters", "scim_type"),
    [
        ({"sortBy": "nothing"}, "invalidPath"),
        ({"sortBy": "name"}, "invalidPath"),
        ({"sortBy": "password"}, "invalidPath"),
        ({"sortBy": "a b"}, "invalidPath"),
        ({"sortOrder": "sideways"}, "invalidValue"),
        ({"count": "many"}, "invalidValue"),
        ({"startIndex": "1.5"}, "invalidValue"),
    ],
)
def test_an_invalid_parameter_is_refused_and_named(
    directory: Organization, parameters: dict[str, str], scim_type: str
) -> None:
    with directory.client() as client:
        answer = client.get("/Users", params=parameters)

    assert (answer.status_code, answer.json()["scimType"]) == (400, scim_type)
    assert next(iter(parameters)) in answer.json()["detail"]


def test_a_search_message_gives_the_same_answer_as_url_parameters(directory: Organization) -> None:
    with directory.client() as client:
        message = {
            "schemas": [SEARCH],
            "attributes": ["userName"],
            "filter": "emails pr",
            "sortBy": "userName",
            "SortOrder": "descending",
            "startIndex": 2,
            "count": 1,
        }
        asked = client.post("/Users/.search", json=message).json()
        url = {
            "attributes": "userName",
            "filter": "emails pr",
            "sortBy": "userName",
            "sortOrder": "descending",
            "startIndex": 2,
            "count": 1,
        }

        assert asked == client.get("/Users", params=url).json()  # type: ignore[arg-type]
        assert [one["userName"] for one in asked["Resources"]] == ["c"]
        assert asked["totalResults"] == 3


def test_groups_are_sorted_and_searched_like_people(directory: Organization) -> None:
    with directory.client() as client:
        shown = client.post(
            "/Groups/.search", json={"sortBy": "displayName", "excludedAttributes": ["members"]}
        )

    assert [one["displayName"] for one in shown.json()["Resources"]] == ["alpha", "Beta", "gamma"]
    assert not any("members" in one for one in shown.json()["Resources"])


def test_a_search_over_all_types_finds_people_and_groups_in_order_of_creation(
    directory: Organization,
) -> None:
    with directory.client() as client:
        found = client.post("/.search", json={"schemas": [SEARCH], "excludedAttributes": ["members"]}).json()
        some = client.post("/.search", json={"filter": 'meta.resourceType eq "Group"', "startIndex": 2})
        filtered = client.post("/.search", json={"filter": "userName pr"}).json()
        nothing = client.post("/.search", json={"filter": "colour eq 1"})

    kinds = [one["meta"]["resourceType"] for one in found["Resources"]]
    assert (kinds, found["totalResults"]) == (["User"] * 5 + ["Group"] * 3, 8)
    assert [one["displayName"] for one in some.json()["Resources"]] == ["alpha", "gamma"]
    assert filtered["totalResults"] == 5
    assert (nothing.status_code, nothing.json()["scimType"]) == (400, "invalidFilter")


def test_a_sorted_search_over_all_types_is_paged_by_cursor(directory: Organization) -> None:
    found: list[str] = []
    cursor: str | None = ""
    with directory.client() as client:
        while cursor is not None:
            asked = {"sortBy": "displayName", "sortOrder": "descending", "cursor": cursor, "count": 3}
            page = client.post("/.search", json=asked).json()
            found += [one.get("displayName") or one["userName"] for one in page["Resources"]]
            cursor = page.get("nextCursor")

    assert found == ["c", "a", "e", "B", "d", "gamma", "Beta", "alpha"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_me_is_501_and_the_detail_refers_to_users(directory: Organization, method: str) -> None:
    with directory.client() as client:
        answer = client.request(method, "/Me")

    assert (answer.status_code, answer.json()["status"]) == (501, "501")
    assert "/Users" in answer.json()["detail"]
