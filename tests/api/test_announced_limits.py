"""ServiceProviderConfig announces the enforced limits (RFC 7643 section 5, RFC 9865), one by one."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from itsdangerous import TimestampSigner

from scim_server.store.database.session import Database
from tests.api.in_process import inside
from tests.api.wire import Resource, create, founded, patch, read, user_name
from tests.support.servers.running import Organization, Server


@pytest.fixture(scope="module")
def full(server: Server) -> Organization:
    """An organization of more people than fit on the largest page."""
    organization = founded(server, standard=5_000)
    with organization.client() as opened:
        config = read(opened, "/ServiceProviderConfig")
        left = config["filter"]["maxResults"] + 2
        while left > 0:
            batch = min(left, config["bulk"]["maxOperations"])
            answer = opened.post("/Bulk", json={"Operations": [new_person(n) for n in range(batch)]})
            assert {one["status"] for one in answer.json()["Operations"]} == {"201"}
            left -= batch
    return organization


@pytest.fixture(scope="module")
def crowded(full: Organization) -> Iterator[httpx.Client]:
    with full.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def config(client: httpx.Client) -> Resource:
    return read(client, "/ServiceProviderConfig")


def new_person(number: int) -> Resource:
    return {"method": "POST", "path": "/Users", "bulkId": str(number), "data": {"userName": user_name()}}


def test_a_filter_returns_at_most_filter_max_results(crowded: httpx.Client, config: Resource) -> None:
    most = config["filter"]["maxResults"]

    listed = read(crowded, "/Users", filter="userName pr", count=str(most + 1))
    searched = crowded.post("/Users/.search", json={"filter": "userName pr", "count": most + 1}).json()

    assert config["filter"]["supported"] is True
    assert (listed["itemsPerPage"], len(listed["Resources"])) == (most, most)
    assert listed["totalResults"] > most
    assert len(searched["Resources"]) == most


def test_a_page_has_the_announced_default_and_maximum_size(crowded: httpx.Client, config: Resource) -> None:
    pagination = config["pagination"]

    plain = read(crowded, "/Users")
    most = read(crowded, "/Users", count=str(pagination["maxPageSize"]))
    more = read(crowded, "/Users", count=str(pagination["maxPageSize"] + 1))
    by_cursor = read(crowded, "/Users", cursor="")

    assert len(plain["Resources"]) == pagination["defaultPageSize"]
    assert len(by_cursor["Resources"]) == pagination["defaultPageSize"]
    assert len(most["Resources"]) == pagination["maxPageSize"]
    assert len(more["Resources"]) == pagination["maxPageSize"]


def test_a_page_by_cursor_has_at_most_the_announced_maximum_size(
    crowded: httpx.Client, config: Resource
) -> None:
    most = config["pagination"]["maxPageSize"]

    page = read(crowded, "/Users", cursor="", count=str(most))
    refused = crowded.get("/Users", params={"cursor": "", "count": str(most + 1)})

    assert config["pagination"]["cursor"] is True
    assert len(page["Resources"]) == most
    assert "nextCursor" in page
    assert refused.status_code == 400
    assert refused.json()["scimType"] == "invalidCount"


def test_the_default_pagination_method_is_the_announced_one(crowded: httpx.Client, config: Resource) -> None:
    plain, indexed = read(crowded, "/Users", count="2"), read(crowded, "/Users", count="2", startIndex="2")

    assert (config["pagination"]["defaultPaginationMethod"], config["pagination"]["index"]) == ("index", True)
    assert plain["startIndex"] == 1
    assert "nextCursor" not in plain
    assert indexed["Resources"][0] == plain["Resources"][1]


@pytest.mark.parametrize(("beside", "status"), [(-30, 200), (30, 400)], ids=["before", "after"])
def test_a_cursor_is_valid_for_exactly_the_announced_timeout(
    database: Database, beside: int, status: int
) -> None:
    with inside(database, {"standard": 3}) as at, pytest.MonkeyPatch.context() as patched:
        for _ in range(3):
            create(at.client)
        timeout = read(at.client, "/ServiceProviderConfig")["pagination"]["cursorTimeout"]
        patched.setattr(TimestampSigner, "get_timestamp", lambda _: int(time.time()) - timeout - beside)
        cursor = read(at.client, "/Users", cursor="", count="2")["nextCursor"]
        patched.undo()

        later = at.client.get("/Users", params={"cursor": cursor, "count": "2"})

    assert later.status_code == status
    assert later.json().get("scimType") == (None if status == 200 else "expiredCursor")


def test_bulk_accepts_exactly_the_announced_number_of_operations(
    full: Organization, config: Resource
) -> None:
    """The maximum is accepted, and one more is refused."""
    most = config["bulk"]["maxOperations"]
    operations = [{"method": "DELETE", "path": f"/Users/nobody{number}"} for number in range(most + 1)]

    with full.client() as client:
        enough = client.post("/Bulk", json={"Operations": operations[:most]})
        many = client.post("/Bulk", json={"Operations": operations})

    assert config["bulk"]["supported"] is True
    assert enough.status_code == 200
    assert len(enough.json()["Operations"]) == most
    refused_with(many, 413)


def test_bulk_accepts_exactly_the_announced_number_of_bytes(client: httpx.Client, config: Resource) -> None:
    most = config["bulk"]["maxPayloadSize"]
    body = b'{"Operations": []}'

    enough = client.post("/Bulk", content=body + b" " * (most - len(body)))
    many = client.post("/Bulk", content=body + b" " * (most - len(body) + 1))

    assert enough.status_code == 200, enough.text
    refused_with(many, 413)


def refused_with(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == str(status)


def test_etags_are_supported_as_announced(client: httpx.Client, config: Resource) -> None:
    person = create(client)
    path, version = f"/Users/{person['id']}", person["meta"]["version"]
    change = {"op": "replace", "path": "title", "value": "Countess"}

    first = client.get(path)
    unchanged = client.get(path, headers={"If-None-Match": version})
    changed = patch(client, path, change, if_match=version)
    stale = patch(client, path, change, if_match=version)
    deleted = client.delete(path, headers={"If-Match": version})

    assert config["etag"] == {"supported": True}
    assert first.headers["ETag"] == version
    assert unchanged.status_code == 304
    assert changed.headers["ETag"] == changed.json()["meta"]["version"] != version
    refused_with(stale, 412)
    refused_with(deleted, 412)


def test_sorting_is_supported_as_announced(server: Server, config: Resource) -> None:
    with founded(server, standard=3).client() as client:
        for title in ("b", "c", "a"):
            create(client, title=title)

        up = read(client, "/Users", sortBy="title")
        down = read(client, "/Users", sortBy="title", sortOrder="descending")

    assert config["sort"] == {"supported": True}
    assert [one["title"] for one in up["Resources"]] == ["a", "b", "c"]
    assert [one["title"] for one in down["Resources"]] == ["c", "b", "a"]


@pytest.mark.parametrize("path", ["/Users", "/Groups"])
def test_patch_is_supported_as_announced(client: httpx.Client, config: Resource, path: str) -> None:
    made = client.post(path, json={"userName": user_name(), "displayName": "before"}).json()

    answer = patch(client, f"{path}/{made['id']}", {"op": "replace", "path": "displayName", "value": "after"})

    assert config["patch"] == {"supported": True}
    assert answer.status_code == 200
    assert read(client, f"{path}/{made['id']}")["displayName"] == "after"


def test_passwords_are_not_changed_as_announced(client: httpx.Client, config: Resource) -> None:
    person = create(client, password="first")
    path, version = f"/Users/{person['id']}", person["meta"]["version"]

    patched = patch(client, path, {"op": "replace", "path": "password", "value": "second"})
    put = client.put(path, json={"userName": person["userName"], "password": "third"})

    assert config["changePassword"] == {"supported": False}
    for answer in (patched, put, client.get(path)):
        assert "password" not in answer.json()
        assert answer.headers["ETag"] == version


def test_a_bearer_token_is_the_only_accepted_credential_as_announced(
    client: httpx.Client, config: Resource
) -> None:
    (scheme,) = config["authenticationSchemes"]
    token = client.headers["Authorization"].removeprefix("Bearer ")
    others = {
        "no header": {"Authorization": ""},
        "basic": {"Authorization": f"Basic {token}"},
        "the bare token": {"Authorization": token},
        "another token": {"Authorization": f"Bearer {token}x"},
    }

    answers: dict[str, Any] = {
        name: client.get("/Users", headers=headers).status_code for name, headers in others.items()
    }

    assert (scheme["type"], scheme["primary"]) == ("oauthbearertoken", True)
    assert answers == dict.fromkeys(others, 401)
    assert client.get("/Users", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert (
        client.get("/Users", params={"access_token": token}, headers=others["no header"]).status_code == 401
    )
