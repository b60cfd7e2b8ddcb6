"""No request breaks the server, and every fault is reported as a SCIM Error (RFC 7644 section 3.12).

Bodies, paths, query strings, PATCH and bulk operations are drawn at random from the words of the protocol,
and sent to the started server: to an organization that is tolerant and to one that is strict.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.api.wire import (
    ENTERPRISE,
    ERROR,
    GROUP,
    PATCH_OP,
    USER,
    create,
    create_group,
    founded,
    user_name,
)
from tests.support.servers.running import Server


@pytest.fixture(scope="module", params=["tolerant", "strict"])
def provider(server: Server, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    organization = founded(server, standard=5_000)
    if request.param == "strict":
        server.command("org", "set", organization.slug, "--strict")
    with organization.client() as opened:
        yield opened


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


NAMES_OF_ALL = st.sampled_from(
    [
        *("userName", "USERNAME", "emails", "emails.value", "name", "name.givenName", "active", "id", "meta"),
        *("schemas", "groups", "members", "members.value", "displayName", "password", "externalId", "photos"),
        *("meta.lastModified", "meta.version", "x509Certificates", "addresses", "manager", "$ref", "value"),
        *(USER, GROUP, ENTERPRISE, f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.value", "urn:x", "", "."),
        *(
            "Operations",
            "op",
            "path",
            "filter",
            "count",
            "startIndex",
            "cursor",
            "attributes",
            "failOnErrors",
        ),
    ]
)
ANY_TEXT = st.text(max_size=12) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.sampled_from(["True", "false", "2026-03-01T08:30:00Z", '{"value": "a"}', "{", "bulkId:1"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES_OF_ALL | TEXTS, inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "type", "primary", "display"]), inner, max_size=3)
    ),
    max_leaves=8,
)
BODIES = st.dictionaries(NAMES_OF_ALL, VALUES, max_size=5)
FILTERS = st.builds(
    "{} {} {}".format,
    NAMES_OF_ALL,
    st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "le", "pr", "xx", "eq not", "and"]),
    st.sampled_from(['"a"', "true", "1", "1e999", "null", "", '"', '"\\u0000"', '"2026-01-01T00:00:00Z"']),
)
OR_BRACKETED = (
    FILTERS
    | st.builds("{}[{}]{}".format, NAMES_OF_ALL, FILTERS, st.sampled_from(["", ".value", "x"]))
    | TEXTS
)
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove", "Add"]) | SCALARS},
    optional={
        "path": NAMES_OF_ALL
        | OR_BRACKETED
        | st.sampled_from(
            ['emails[type eq "work"]', 'emails[type eq "work"].value', "emails[primary eq true]"]
        )
        | SCALARS,
        "value": VALUES | BODIES,
    },
)
PARAMETERS = st.dictionaries(
    st.sampled_from(
        [
            *("filter", "sortBy", "sortOrder", "count", "startIndex", "cursor", "attributes"),
            *("excludedAttributes", "FILTER", "x"),
        ]
    ),
    OR_BRACKETED | NAMES_OF_ALL | TEXTS | st.integers(-(2**65), 2**65).map(str),
    max_size=4,
)
PATHS = st.sampled_from(["/Users", "/Groups", "/Bulk", "/Users/.search", "/Groups/.search", "/.search"])
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND"])
OFTEN = settings(max_examples=100, deadline=None, derandomize=True, database=None)


def never_broken(answer: httpx.Response) -> None:
    """Assert that no answer is a server error and every refusal is a SCIM Error (RFC 7644 section 3.12)."""
    assert answer.status_code < 500, (answer.request.url, answer.request.content, answer.text)
    if answer.status_code < 400 or answer.request.method == "HEAD":
        return
    assert answer.headers["content-type"] == "application/scim+json", answer.text
    body = answer.json()
    assert ERROR in body["schemas"]
    assert body["status"] == str(answer.status_code)
    assert isinstance(body["detail"], str)
    assert body["detail"]


def test_no_body_breaks_the_server(provider: httpx.Client) -> None:
    person = f"/Users/{create(provider)['id']}"
    group = f"/Groups/{create_group(provider)['id']}"

    @OFTEN
    @given(
        PATHS | st.sampled_from([person, group]), st.sampled_from(["POST", "PUT", "PATCH"]), BODIES | VALUES
    )
    def law(path: str, method: str, body: object) -> None:
        if isinstance(body, dict) and path == "/Users":
            body = {**body, "userName": user_name()}
        never_broken(provider.request(method, path, json=body))

    law()


def test_no_path_breaks_the_server(provider: httpx.Client) -> None:
    @OFTEN
    @given(METHODS, st.lists(NAMES_OF_ALL | ANY_TEXT | PATHS, max_size=4), st.booleans())
    def law(method: str, segments: list[str], under: bool) -> None:  # noqa: FBT001 - drawn
        path = "/".join(quote(one, safe="/", errors="surrogatepass") for one in segments)
        base = str(provider.base_url).rstrip("/") if under else str(provider.base_url.join("/")).rstrip("/")

        never_broken(provider.request(method, f"{base}/{path}"))

    law()


def test_no_query_string_breaks_the_server(provider: httpx.Client) -> None:
    person = f"/Users/{create(provider, displayName='Ada')['id']}"

    @OFTEN
    @given(st.sampled_from(["/Users", "/Groups", "/", "/Schemas", person]), PARAMETERS)
    @example("/Users", {"filter": 'userName eq "\ud800"'})
    def law(path: str, parameters: dict[str, str]) -> None:
        asked = "&".join(
            f"{name}={quote(value, safe='', errors='surrogatepass')}" for name, value in parameters.items()
        )

        never_broken(provider.get(f"{path}?{asked}"))

    law()


def test_no_patch_breaks_the_server(provider: httpx.Client) -> None:
    person = f"/Users/{create(provider, emails=[{'value': 'a@x', 'type': 'work'}])['id']}"
    group = f"/Groups/{create_group(provider, create(provider)['id'])['id']}"

    @OFTEN
    @given(st.sampled_from([person, group]), st.lists(OPERATIONS, min_size=1, max_size=3))
    def law(path: str, operations: list[dict[str, Any]]) -> None:
        never_broken(provider.patch(path, json={"schemas": [PATCH_OP], "Operations": operations}))
        assert provider.get(path).status_code == 200

    law()


BULK = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["POST", "PUT", "PATCH", "DELETE", "post", "GET"]),
        "path": st.sampled_from(["/Users", "/Groups", "/Users/nobody", "/Groups/bulkId:1", "/Users/{id}"])
        | TEXTS,
    },
    optional={
        "bulkId": st.sampled_from(["1", "2", "", "é"]) | SCALARS,
        "version": st.sampled_from(['W/"1"', "*", ""]) | SCALARS,
        "data": BODIES
        | st.fixed_dictionaries({"Operations": st.lists(OPERATIONS, max_size=2)})
        | st.fixed_dictionaries({"displayName": TEXTS, "members": VALUES})
        | VALUES,
    },
)


def test_no_bulk_operation_breaks_the_server(provider: httpx.Client) -> None:
    person = create(provider)["id"]

    @OFTEN
    @given(st.lists(BULK, min_size=1, max_size=4), st.none() | st.integers(-1, 3))
    def law(operations: list[dict[str, Any]], limit: int | None) -> None:
        sent = [{**one, "path": one["path"].replace("{id}", person)} for one in operations]

        answer = provider.post("/Bulk", json={"Operations": sent, "failOnErrors": limit})

        never_broken(answer)
        for result in answer.json().get("Operations", []):
            assert int(result["status"]) < 500, (sent, result)
            if int(result["status"]) >= 400:
                assert result["response"]["status"] == result["status"]

    law()
