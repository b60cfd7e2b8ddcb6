"""Bodies that are not JSON, too large, or of another media type (SECURITY 10 and 11)."""

from collections.abc import Iterator

import httpx
import pytest

from tests.api.conftest import Unchanged
from tests.api.wire import Resource, create, create_group, patch, read, refusal, user_name

LIMIT = 10 * 1024 * 1024
SYNTAX = "invalidSyntax"
VALUE = "invalidValue"


def within(value: str) -> bytes:
    """A body that would be a person and a group, except one value."""
    return b'{"userName": "eve", "displayName": "Eve", "nickName": %s}' % value.encode()


HOSTILE = {
    "nothing": (b"", SYNTAX),
    "a word": (b"hello", SYNTAX),
    "half an object": (b'{"userName": "eve", "displayName": ', SYNTAX),
    "single quotes": (b"{'userName': 'eve', 'displayName': 'Eve'}", SYNTAX),
    "a comma too many": (within('"x",'), SYNTAX),
    "a line break in a text": (within('"a\nb"'), SYNTAX),
    "an array": (b'[{"userName": "eve", "displayName": "Eve"}]', SYNTAX),
    "a text": (b'"userName"', SYNTAX),
    "null": (b"null", SYNTAX),
    "NaN": (within("NaN"), SYNTAX),
    "Infinity": (within("Infinity"), SYNTAX),
    "minus Infinity": (within("-Infinity"), SYNTAX),
    "a number too large": (within("1e400"), VALUE),
    "an integer past 64 bits": (within(str(2**63)), VALUE),
    "a negative integer past 64 bits": (within(str(-(2**63) - 1)), VALUE),
    "an integer of 100,000 digits": (within("9" * 100_000), VALUE),
    "a key twice": (b'{"userName": "eve", "displayName": "Eve", "displayName": "Mallory"}', SYNTAX),
    "a key twice inside": (b'{"userName": "e", "displayName": "E", "name": {"a": "1", "a": "2"}}', SYNTAX),
    "33 levels": (within("[" * 32 + "]" * 32), SYNTAX),
    "100,000 levels": (within("[" * 100_000 + "]" * 100_000), SYNTAX),
    "100,000 objects in each other": (within('{"a":' * 100_000 + "1" + "}" * 100_000), SYNTAX),
    "half a surrogate pair": (within(r'"\ud800"'), VALUE),
    "half a surrogate pair as a key": (rb'{"userName": "e", "displayName": "E", "\udc00": 1}', VALUE),
    "NUL": (within(r'"a\u0000b"'), VALUE),
    "NUL as a key": (rb'{"userName": "e", "displayName": "E", "\u0000": 1}', VALUE),
    "a byte order mark": (b"\xef\xbb\xbf" + within('"x"'), SYNTAX),
    "UTF-16": (within('"x"').decode().encode("utf-16"), SYNTAX),
    "UTF-32": (within('"x"').decode().encode("utf-32-le"), SYNTAX),
    "bytes that are not UTF-8": (b'{"userName": "ev\xff", "displayName": "Eve"}', SYNTAX),
    "an overlong encoding": (b'{"userName": "ev\xc0\xaf", "displayName": "Eve"}', SYNTAX),
    "data after the end": (within('"x"') + b"{}", SYNTAX),
}


@pytest.fixture(scope="module")
def ada(client: httpx.Client) -> Resource:
    return create(client, displayName="Ada")


@pytest.fixture(scope="module")
def team(client: httpx.Client, ada: Resource) -> Resource:
    return create_group(client, ada["id"])


@pytest.fixture(scope="module")
def writes(ada: Resource, team: Resource) -> list[tuple[str, str]]:
    """Every request that has a body."""
    one, group = f"/Users/{ada['id']}", f"/Groups/{team['id']}"
    return [
        *(("POST", "/Users"), ("PUT", one), ("PATCH", one)),
        *(("POST", "/Groups"), ("PUT", group), ("PATCH", group)),
    ]


@pytest.mark.parametrize(("body", "scim_type"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_body_is_refused_by_every_write_and_changes_nothing(
    client: httpx.Client, writes: list[tuple[str, str]], unchanged: Unchanged, body: bytes, scim_type: str
) -> None:
    with unchanged():
        for method, path in writes:
            if method == "PATCH" and scim_type == VALUE:
                sent = b'{"Operations": [{"op": "add", "value": %s}]}' % body
            else:
                sent = body
            refusal(client.request(method, path, content=sent), 400, scim_type)


HOSTILE_INSIDE = {
    "NUL": r'{"value": "a\u0000b"}',
    "half a surrogate pair": r'{"value": "a\ud800b"}',
    "33 levels": '{"value": "x", "more": ' + "[" * 32 + "]" * 32 + "}",
    "a key twice": '{"value": "x", "value": "y"}',
    "a number too large": '{"value": "x", "more": 1e400}',
    "an integer past 64 bits": '{"value": "x", "more": 9223372036854775808}',
}


@pytest.mark.parametrize("text", HOSTILE_INSIDE.values(), ids=HOSTILE_INSIDE.keys())
def test_json_inside_a_text_value_is_checked_by_the_same_rules(
    client: httpx.Client, ada: Resource, unchanged: Unchanged, text: str
) -> None:
    person = {"userName": user_name(), "roles": [text]}
    by_path = {"op": "add", "path": "roles", "value": [text]}

    with unchanged():
        answers = [
            client.post("/Users", json=person),
            client.put(f"/Users/{ada['id']}", json=person),
            patch(client, f"/Users/{ada['id']}", by_path),
            patch(client, f"/Users/{ada['id']}", {"op": "add", "value": text}),
        ]

    assert {answer.status_code for answer in answers} == {400}
    assert {answer.json()["scimType"] for answer in answers} <= {SYNTAX, VALUE}


def test_a_syntax_error_in_a_body_is_reported_with_its_position_or_key(client: httpx.Client) -> None:
    broken = client.post("/Users", content=b'{\n  "userName": eve}')
    twice = client.post("/Users", content=b'{"userName": "eve", "userName": "ada"}')

    assert refusal(broken, 400, SYNTAX) == "The body is not JSON: Expecting value at line 2, column 15."
    assert refusal(twice, 400, SYNTAX) == "The key 'userName' occurs twice in one object."


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "x/y; a=b"]
)
def test_a_body_of_another_media_type_is_refused(
    client: httpx.Client, writes: list[tuple[str, str]], unchanged: Unchanged, content_type: str
) -> None:
    with unchanged():
        for method, path in writes:
            answer = client.request(
                method, path, content=within('"x"'), headers={"Content-Type": content_type}
            )
            assert "application/scim+json" in refusal(answer, 415)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "APPLICATION/SCIM+JSON", "application/scim+json; charset=utf-8", None],
)
def test_json_is_accepted_with_either_media_type_or_none(
    client: httpx.Client, content_type: str | None
) -> None:
    request = client.build_request("POST", "/Users", json={"userName": user_name()})
    del request.headers["Content-Type"]
    if content_type is not None:
        request.headers["Content-Type"] = content_type

    answer = client.send(request)

    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/scim+json")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip"])
def test_a_compressed_body_is_refused(
    client: httpx.Client, writes: list[tuple[str, str]], unchanged: Unchanged, encoding: str
) -> None:
    with unchanged():
        for method, path in writes:
            answer = client.request(
                method, path, content=within('"x"'), headers={"Content-Encoding": encoding}
            )
            assert "without Content-Encoding" in refusal(answer, 415)


def large(size: int) -> bytes:
    """A body of that many bytes that would be a person and a group, were it not for its size."""
    head, tail = b'{"userName": "eve", "displayName": "Eve", "nickName": "', b'"}'
    return head + b"x" * (size - len(head) - len(tail)) + tail


def in_chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_a_body_over_the_limit_is_refused_and_never_truncated(
    client: httpx.Client, writes: list[tuple[str, str]], unchanged: Unchanged, *, announced: bool
) -> None:
    body = large(LIMIT + 1)

    with unchanged():
        for method, path in writes:
            answer = client.request(method, path, content=body if announced else in_chunks(body))
            assert str(LIMIT) in refusal(answer, 413)


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_a_chunked_body_within_the_limit_is_read_whole(client: httpx.Client, *, announced: bool) -> None:
    sent = b'{"userName": "%s", "nickName": "%s"}' % (user_name().encode(), b"x" * 200_000)

    answer = client.post("/Users", content=sent if announced else in_chunks(sent))

    assert answer.status_code == 201
    assert read(client, f"/Users/{answer.json()['id']}")["nickName"] == "x" * 200_000


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/Users", {"Authorization": "Bearer wrong"}, 401),
        ("POST", "/Nowhere", {}, 404),
        ("PUT", "/Users", {}, 405),
        ("POST", "/Users", {"Content-Type": "text/plain"}, 415),
        ("POST", "/Users", {"Content-Encoding": "gzip"}, 415),
        ("GET", "/Users", {}, 200),
    ],
)
def test_a_request_refused_before_its_body_is_read_does_not_disturb_the_next(
    client: httpx.Client, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answers = [client.request(method, path, headers=headers, content=b'{"a": 1}') for _ in range(30)]

    assert [answer.status_code for answer in answers] == [status] * 30


def test_after_all_hostile_bodies_the_server_still_answers(client: httpx.Client, ada: Resource) -> None:
    assert read(client, f"/Users/{ada['id']}")["displayName"] == "Ada"
