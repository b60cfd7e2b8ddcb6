"""Allowed callers, addresses and their methods (wire 1, 2; SECURITY 1 to 3)."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.api.conftest import Unchanged
from tests.api.wire import Resource, create, create_group, found, patch, read, refusal, user_name
from tests.support.servers.running import Organization

NOBODY = "5f0c7a52-7c4e-4d55-9d57-0d7c2f6f8a10"
ROUTES = {
    "/Users": "GET, HEAD, POST",
    f"/Users/{NOBODY}": "DELETE, GET, HEAD, PATCH, PUT",
    "/Groups": "GET, HEAD, POST",
    f"/Groups/{NOBODY}": "DELETE, GET, HEAD, PATCH, PUT",
    "/ServiceProviderConfig": "GET, HEAD",
    "/ResourceTypes": "GET, HEAD",
    "/ResourceTypes/User": "GET, HEAD",
    "/Schemas": "GET, HEAD",
    "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User": "GET, HEAD",
}
UNKNOWN = (
    "",
    "/",
    "/Nothing",
    "/Nothing/1",
    "/users",
    "/USERS",
    "/Users/a/b",
    "///Users",
    "//Users//x",
    "/Users//x",
    "/%2e/Users",
    "/Users;x=1",
    "/x/Users",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture(scope="module")
def without_token(organization: Organization) -> Iterator[httpx.Client]:
    """A person without a token."""
    with httpx.Client(base_url=organization.base_url, timeout=60, trust_env=False, verify=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def ada(client: httpx.Client) -> Resource:
    return create(client, displayName="Ada")


def exactly(organization: Organization, path: str) -> str:
    """The path as it is written: the client mends `//` in relative addresses."""
    return organization.base_url + path


@pytest.mark.parametrize(
    "path", ["/", "/Users", "/Users/{id}", "/Groups", "/ServiceProviderConfig", "/Schemas"]
)
def test_a_base_url_with_a_final_slash_gives_the_same_answers(
    client: httpx.Client, without_token: httpx.Client, organization: Organization, ada: Resource, path: str
) -> None:
    address = path.format(id=ada["id"])

    plain = client.get(exactly(organization, address))
    slashed = client.get(exactly(organization, f"/{address}"))
    denied = without_token.get(exactly(organization, f"/{address}"))

    assert (slashed.status_code, slashed.json()) == (plain.status_code, plain.json())
    assert denied.status_code == 401
    assert slashed.headers.get("Location") == plain.headers.get("Location")


def test_a_base_url_with_a_final_slash_serves_writes_and_cursors(
    client: httpx.Client, organization: Organization
) -> None:
    made = client.post(exactly(organization, "//Users"), json={"userName": user_name()})
    page = client.get(exactly(organization, "//Users"), params={"cursor": "", "count": 1})
    more = client.get("/Users", params={"cursor": page.json()["nextCursor"], "count": 1})
    gone = client.delete(exactly(organization, f"//Users/{made.json()['id']}"))

    assert (made.status_code, page.status_code, more.status_code, gone.status_code) == (201, 200, 200, 204)


def test_content_location_is_the_url_of_the_returned_resource(
    client: httpx.Client,
) -> None:
    person = client.post("/Users", json={"userName": user_name()})
    location = person.json()["meta"]["location"]
    replaced = client.put(location, json={"userName": user_name()})
    changed = patch(client, location, {"op": "replace", "path": "nickName", "value": "Ada"})
    group = client.post("/Groups", json={"displayName": "Content"})
    place = group.json()["meta"]["location"]
    regrouped = client.put(place, json={"displayName": "Content-Location"})
    renamed = patch(client, place, {"op": "replace", "path": "displayName", "value": "Located"})

    answers = (person, replaced, changed, group, regrouped, renamed)
    assert [one.headers["Content-Location"] for one in answers] == [location] * 3 + [place] * 3
    assert "Content-Location" not in client.get(location).headers


def test_every_wrong_credential_gets_the_same_answer_at_every_url(
    without_token: httpx.Client, organization: Organization, stranger: httpx.Client, ada: Resource
) -> None:
    token = organization.token
    other = stranger.headers["Authorization"]
    wrong: list[list[tuple[str, str]]] = [
        [],
        [("Authorization", "")],
        [("Authorization", "Bearer")],
        [("Authorization", f"Basic {token}")],
        [("Authorization", token)],
        [("Authorization", f"Bearer {token}x")],
        [("Authorization", f"Bearer {token[:-1]}")],
        [("Authorization", f"Bearer {token} {token}")],
        [("Authorization", f"Bearer {token.upper()}")],
        [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")],
        [("Authorization", "Bearer scs_" + "a" * 43)],
        [("Authorization", other)],
        [("X-Authorization", f"Bearer {token}")],
    ]

    answers = [without_token.get(f"/Users/{ada['id']}", headers=headers) for headers in wrong]
    answers.append(without_token.get("/Users", params={"access_token": token, "token": token}))

    assert {refusal(answer, 401) for answer in answers} == {
        "A bearer token of this organization is required, in the form: Authorization: Bearer <token>. "
        "Check that the whole token was copied and that it was not revoked."
    }
    assert {answer.content for answer in answers} == {answers[0].content}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}
    assert token not in "".join(answer.text for answer in answers)


def test_without_a_token_every_url_gives_the_same_401_and_changes_nothing(
    without_token: httpx.Client, organization: Organization, unchanged: Unchanged, ada: Resource
) -> None:
    places = [*ROUTES, *UNKNOWN, f"/Users/{ada['id']}", "/%55sers", "/Users%2F", "/Schemas/%2e%2e/Users"]

    with unchanged():
        answers = [
            without_token.request(method, exactly(organization, place), content=b"\xff not json")
            for place in places
            for method in METHODS
        ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers if answer.request.method != "HEAD"}) == 1


def test_an_unknown_organization_is_answered_like_a_wrong_token(
    organization: Organization, client: httpx.Client
) -> None:
    known = client.get("/Users", headers={"Authorization": "Bearer wrong"})
    unknown = [
        client.get(organization.base_url.replace(organization.slug, slug) + "/Users")
        for slug in ("nobody", organization.slug.upper(), "%00", "a%00b", "%FF", "x" * 5000, "%2e%2e")
    ]

    assert {(answer.status_code, answer.content) for answer in unknown} == {(401, known.content)}


@pytest.mark.parametrize("path", UNKNOWN)
def test_with_a_valid_token_an_unknown_url_is_404(
    client: httpx.Client, organization: Organization, path: str
) -> None:
    answers = [client.request(method, exactly(organization, path)) for method in ("GET", "POST", "DELETE")]

    assert all("does not exist" in refusal(answer, 404) for answer in answers)


@pytest.mark.parametrize("path", ["/", "/scim/v2/Users", "/ORGS/x/scim/v2/Users", "/orgs"])
def test_an_unknown_url_outside_the_organizations_is_404(organization: Organization, path: str) -> None:
    root = organization.base_url.split("/orgs/")[0]

    answer = httpx.get(root + path, trust_env=False, verify=False)

    refusal(answer, 404)


@pytest.mark.parametrize(("path", "allowed"), ROUTES.items())
def test_an_unsupported_method_is_answered_with_the_supported_ones(
    client: httpx.Client, path: str, allowed: str
) -> None:
    offered = allowed.split(", ")
    other = [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "QUERY") if method not in offered]

    answers = [client.request(method, path, content=b"{") for method in other]

    for answer in answers:
        refusal(answer, 405)
        assert [name for name in answer.headers["allow"].split(", ") if name != "OPTIONS"] == offered


@pytest.mark.parametrize("path", [path for path in ROUTES if NOBODY not in path])
def test_a_url_with_one_final_slash_is_served_without_a_redirect(client: httpx.Client, path: str) -> None:
    without, with_slash = client.get(path), client.get(f"{path}/")

    assert (with_slash.status_code, with_slash.content) == (200, without.content)


def test_the_location_has_no_final_slash_even_if_the_request_had_one(
    client: httpx.Client, ada: Resource
) -> None:
    by_post = client.post("/Users/", json={"userName": f"{uuid4().hex}@example.com"})
    by_get = client.get(f"/Users/{ada['id']}/")
    by_patch = patch(client, f"/Users/{ada['id']}/", {"op": "replace", "path": "title", "value": "Countess"})

    made = by_post.json()
    assert by_post.headers["location"] == made["meta"]["location"] == f"{client.base_url}Users/{made['id']}"
    assert by_get.json() == ada
    assert (by_patch.status_code, by_patch.json()["title"]) == (200, "Countess")


@pytest.mark.parametrize("path", [path for path in ROUTES if NOBODY not in path])
def test_head_is_answered_as_get_without_the_body(client: httpx.Client, path: str) -> None:
    get, head = client.get(path), client.head(path)

    differs = {"date", "x-request-id"}
    assert (head.status_code, head.content) == (200, b"")
    assert {(name, value) for name, value in head.headers.items() if name not in differs} == {
        (name, value) for name, value in get.headers.items() if name not in differs
    }


@pytest.mark.parametrize("kind", ["Users", "Groups"])
@pytest.mark.parametrize(
    "identifier", [NOBODY, "1", "%00", "a%00b", "%FF", "x" * 2000, "' OR 1=1 --", "%25", "*"]
)
def test_an_unknown_id_of_any_form_is_404(
    client: httpx.Client, unchanged: Unchanged, kind: str, identifier: str
) -> None:
    path = f"/{kind}/{identifier}"
    body = {"userName": "eve", "displayName": "Eve"}

    with unchanged():
        answers = [
            client.get(path),
            client.put(path, json=body),
            patch(client, path, {"op": "replace", "path": "displayName", "value": "Eve"}),
            client.delete(path),
        ]

    assert all(refusal(answer, 404).startswith(f"{kind[:-1]} ") for answer in answers)


def test_a_method_override_header_is_ignored(
    client: httpx.Client, ada: Resource, unchanged: Unchanged
) -> None:
    with unchanged():
        answer = client.get(f"/Users/{ada['id']}", headers={"X-HTTP-Method-Override": "DELETE"})

    assert answer.status_code == 200


def test_host_and_forwarding_headers_do_not_change_urls(client: httpx.Client, ada: Resource) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}

    answers = [
        client.get(f"/Users/{ada['id']}", headers=headers),
        client.get("/Users", headers=headers),
        client.post("/Users", headers=headers, json={"userName": f"{uuid4().hex}@example.com"}),
        client.get("/ResourceTypes", headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 201, 200]
    assert not [answer for answer in answers if "evil" in answer.text or "evil" in str(answer.headers)]


def test_of_several_faults_the_first_in_the_documented_order_is_reported(
    client: httpx.Client, ada: Resource, unchanged: Unchanged
) -> None:
    """The order of wire decision 2: 415, 413, 404, 412, 400, 409."""
    there, nowhere, stale = f"/Users/{ada['id']}", f"/Users/{NOBODY}", {"If-Match": 'W/"999"'}
    taken = {"userName": create(client)["userName"]}
    huge = b"x" * (10 * 1024 * 1024 + 1)

    with unchanged():
        refusal(client.put(nowhere, content=huge, headers={"Content-Type": "text/plain"}), 415)
        refusal(client.put(nowhere, content=huge), 413)
        refusal(client.put(nowhere, content=b"{", headers=stale), 404)
        refusal(client.patch(nowhere, content=b"{", headers=stale), 404)
        refusal(client.put(there, content=b"{", headers=stale), 412)
        refusal(client.patch(there, content=b"{", headers=stale), 412)
        refusal(client.put(there, json=taken | {"active": 7}), 400, "invalidValue")
        refusal(client.put(there, json=taken, headers=stale), 412)
        refusal(client.put(there, json=taken), 409, "uniqueness")


def test_ids_of_another_organization_are_answered_like_random_ids(
    client: httpx.Client, stranger: httpx.Client, ada: Resource, unchanged: Unchanged
) -> None:
    """Wire decision 17."""
    group = create_group(client, ada["id"])
    own_group = create_group(stranger)
    people, groups = {ada["id"], NOBODY}, {group["id"], NOBODY}

    def same(answers: dict[str, httpx.Response], status: int) -> None:
        assert {answer.status_code for answer in answers.values()} == {status}
        assert len({answer.text.replace(sent, "<id>") for sent, answer in answers.items()}) == 1

    with unchanged():
        for kind, ids in (("Users", people), ("Groups", groups)):
            same({one: stranger.get(f"/{kind}/{one}") for one in ids}, 404)
            same({one: stranger.delete(f"/{kind}/{one}") for one in ids}, 404)
            same(
                {
                    one: stranger.put(f"/{kind}/{one}", json={"userName": "e", "displayName": "E"})
                    for one in ids
                },
                404,
            )
            same(
                {one: patch(stranger, f"/{kind}/{one}", {"op": "remove", "path": "title"}) for one in ids},
                404,
            )
            assert [found(stranger, f'id eq "{one}"', f"/{kind}") for one in ids] == [[], []]
        add = {"op": "add", "path": "members"}
        same(
            {
                one: patch(stranger, f"/Groups/{own_group['id']}", add | {"value": [{"value": one}]})
                for one in people
            },
            400,
        )
        same(
            {
                one: stranger.post("/Groups", json={"displayName": "x", "members": [{"value": one}]})
                for one in people
            },
            400,
        )
        assert found(stranger, f'members.value eq "{ada["id"]}"', "/Groups") == []
        assert found(stranger, f'groups.value eq "{group["id"]}"') == []

    assert read(stranger, f"/Groups/{own_group['id']}") == own_group
    assert stranger.post("/Users", json={"userName": ada["userName"]}).status_code == 201
