from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from conformance import step, transcript
from conformance.fields import TraceError
from conformance.matchers import MATCHERS
from conformance.step import Repeat
from conformance.variables import GIVEN

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.jsonpath import Json

GET: dict[str, Json] = {"method": "GET", "path": "/Users"}


def written(tmp_path: Path, *steps: Json) -> Path:
    path = tmp_path / "trace.jsonl"
    path.write_text("".join(json.dumps(step) + "\n" for step in steps))
    return path


@pytest.mark.parametrize("conversation", transcript.shipped(), ids=lambda conversation: conversation.name)
def test_every_shipped_trace_can_be_loaded_and_has_a_description(
    conversation: transcript.Conversation,
) -> None:
    assert conversation.title
    assert [each.number for each in conversation.steps] == list(range(1, len(conversation.steps) + 1))
    assert all(each.fidelity for each in conversation.steps)
    assert all(each.statuses for each in conversation.steps if each.method != "CONTROL")


def test_the_number_of_shipped_traces_by_provider_is_known() -> None:
    counts: dict[str, int] = {}
    for conversation in transcript.shipped():
        provider = conversation.name.partition("/")[0]
        counts[provider] = counts.get(provider, 0) + 1

    assert counts == {"entra": 11, "jumpcloud": 1, "keycloak": 1, "okta": 10}


def test_the_format_page_names_every_key_matcher_and_variable() -> None:
    page = (transcript.SHIPPED / "README.md").read_text()

    for word in (*step._KEYS, *step._FIDELITIES, *MATCHERS, *(f"${{{name}}}" for name in GIVEN)):
        # The UUIDs stand there as a range.
        assert f"`{word}" in page or f'"{word}"' in page or re.fullmatch(r"\$\{guid[2-8]\}", word), word


def test_every_key_of_a_step_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {
            **GET,
            "title": "t",
            "step": 4,
            "headers": {"Accept": "x"},
            "body": {"a": 1},
            "expect": {"status": [200], "json": None},
            "save": {"ids[]": "$.id"},
            "fidelity": "observed",
            "comment": "c",
            "repeat": {"var": "i", "from": 0, "to": 2, "parallel": 3},
            "max_ms": 9,
            "expect_headers": {"ETag": {"$exists": True}},
            "expect_counts": {"200": 3},
            "expect_disjoint": ["ids"],
            "optional": True,
        },
    )

    conversation = transcript.load(path)

    assert (conversation.name, conversation.title) == ("trace", "t")
    (read,) = conversation.steps
    assert (read.line, read.number, read.method, read.path) == (1, 4, "GET", "/Users")
    assert (read.headers, read.body, read.statuses) == ({"Accept": "x"}, {"a": 1}, (200,))
    assert (read.expects_json, read.json, read.save) == (True, None, {"ids[]": "$.id"})
    assert (read.fidelity, read.comment, read.repeat) == ("observed", "c", Repeat("i", 0, 2, 3))
    assert (read.max_ms, read.expect_headers) == (9, {"ETag": {"$exists": True}})
    assert (read.expect_counts, read.expect_disjoint, read.optional) == ({"200": 3}, ("ids",), True)


@pytest.mark.parametrize(("parallel", "at_once"), [(None, 1), (False, 1), (True, 64), (5, 5)])
def test_parallel_is_a_number_or_all_at_once(tmp_path: Path, parallel: Json, at_once: int) -> None:
    repeat: Json = {"var": "i", "from": 1, "to": 9, "parallel": parallel}

    (read,) = transcript.load(written(tmp_path, {**GET, "repeat": repeat})).steps

    assert read.repeat == Repeat("i", 1, 9, at_once)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"expects": {}}, "key 'expects' is not known"),
        ({"expect": {"code": [200]}}, "key 'expect.code' is not known"),
        ({"repeat": {"var": "i", "from": 1, "till": 2}}, "key 'repeat.till' is not known"),
        ({"repeat": {"var": "i", "from": 3, "to": 2}}, "key 'repeat.to' is not a whole number of at least 3"),
        ({"repeat": {"from": 1, "to": 2}}, "key 'repeat.var' is missing"),
        ({"repeat": {"var": "i", "from": 1, "to": 2, "parallel": 0}}, "key 'repeat.parallel' is not a whole"),
        ({"method": None}, "key 'method' is missing"),
        ({"method": "get"}, "key 'method' has an unusable value 'get'"),
        ({"path": "Users"}, "key 'path' has an unusable value 'Users'"),
        ({"path": 1}, "key 'path' is not text"),
        ({"headers": {"Accept": 1}}, "key 'headers' contains a value that is not text"),
        ({"headers": []}, "key 'headers' is not an object"),
        ({"expect": {"status": 200}}, "key 'expect.status' is not a list"),
        ({"expect": {"status": ["200"]}}, "key 'expect.status' contains '200', which is not an HTTP status"),
        ({"expect": {"json": {"id": {"$exist": 1}}}}, "key 'expect.json' cannot be used at $.id.$exist"),
        ({"expect_headers": {"ETag": {"$like": 1}}}, "key 'expect_headers' cannot be used at $.ETag.$like"),
        ({"expect_counts": {"2xx": 1}}, "key 'expect_counts' contains '2xx', which is not an HTTP status"),
        ({"expect_disjoint": [1]}, "key 'expect_disjoint' contains a name that is not text"),
        ({"expect_disjoint": ["none"]}, "no earlier step saves the variable 'none'"),
        ({"save": {"a": "id"}}, "key 'save' cannot use the path 'id'"),
        ({"save": {"a b": "$.id"}}, "key 'save' cannot set 'a b'"),
        ({"save": {"token": "$.id"}}, "key 'save' cannot set 'token'"),
        ({"fidelity": "guessed"}, "key 'fidelity' has an unusable value 'guessed'"),
        ({"max_ms": 0}, "key 'max_ms' is not a whole number of at least 1"),
        ({"optional": "yes"}, "key 'optional' is not true or false"),
        ({"path": "/Users/${user_id}"}, "no earlier step saves the variable 'user_id'"),
        ({"body": {"m": {"$each": "ids", "as": "${item}"}}}, "no earlier step saves the variable 'ids'"),
        ({"body": {"m": {"$each": "ids"}}}, "key 'body' contains an \"$each\" that is not"),
        ({"title": "late"}, "key 'title' is only possible in the first step"),
        ({"method": "CONTROL", "save": {"a": "$"}}, "key 'save' has no meaning in a CONTROL step"),
        ({"method": "CONTROL", "expect": {"json": {}}}, "key 'expect' has no meaning in a CONTROL step"),
    ],
)
def test_an_invalid_step_is_refused_with_file_line_and_key(
    tmp_path: Path, changes: dict[str, Json], message: str
) -> None:
    path = written(tmp_path, GET, {**GET, **changes})

    with pytest.raises(TraceError, match=re.escape(f"{path}:2: {message}")):
        transcript.load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "1: is not JSON: "),
        ("[]", "1: is not a JSON object"),
        ("", "1: contains no step"),
        ('{"method": "GET", "path": "/", "path": "/Users"}', "1: key 'path' stands twice"),
        ('{"method": "GET", "path": "/"}\n\n{"method": "GET", "path": "/"}', "2: is not JSON: "),
        ("[" * 100_000, "1: is "),
    ],
)
def test_an_invalid_file_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text)

    with pytest.raises(TraceError, match=re.escape(f"{path}:{message}")):
        transcript.load(path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(TraceError, match="is not UTF-8"):
        transcript.load(path)


def test_traces_are_found_by_file_by_folder_and_by_shipped_name(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    path = written(tmp_path / "mine", GET)

    def found(trace: str) -> list[str]:
        return [conversation.name for conversation in transcript.find(trace)]

    assert found(str(path)) == ["trace"]
    assert found(str(tmp_path)) == ["mine/trace"]
    assert found("entra/create-user") == ["entra/create-user"]
    assert found("jumpcloud") == ["jumpcloud/activation"]


@pytest.mark.parametrize("trace", ["entra/none", "none.jsonl", "../conformance", ""])
def test_a_path_without_a_trace_is_refused(trace: str) -> None:
    with pytest.raises(TraceError):
        transcript.find(trace)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=r"contains no \.jsonl file"):
        transcript.find(str(tmp_path))
