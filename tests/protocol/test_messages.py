"""Bodies: which JSON is accepted and which is refused (SECURITY 10)."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import InvalidSyntax, InvalidValue
from scim_server.protocol.messages import MAX_DEPTH, get_any_case, parse_object

SECONDS = 2.0  # of a core, on a slow machine; 10 MB of brackets take a fraction

characters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(characters)
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(characters), inner, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(st.text(characters), values, max_size=5)


def nested(levels: int) -> bytes:
    """An object that is that many levels deep."""
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


@given(objects)
def test_every_object_is_read_as_it_was_sent(value: dict[str, JSON]) -> None:
    assert parse_object(json.dumps(value).encode()) == value
    assert parse_object(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_an_object_or_refused(body: bytes) -> None:
    # Any result except an object or one of these two errors fails the test.
    with suppress(InvalidSyntax, InvalidValue):
        assert isinstance(parse_object(body), dict)


SYNTAX = {
    "nothing": b"",
    "white space": b" \n",
    "a list": b"[]",
    "a text": b'"{}"',
    "null": b"null",
    "a comma at the end": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "a comment": b"{} // none",
    "data after the end": b"{} {}",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "minus Infinity": b'{"a": [-Infinity]}',
    "a key twice": b'{"a": 1, "a": 1}',
    "a key twice by an escape": b'{"a": 1, "\\u0061": 2}',
    "a key twice inside": b'{"a": [{"b": 1, "b": 2}]}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "UTF-16 without a mark": "{}".encode("utf-16-le"),
    "Latin-1": '{"a": "é"}'.encode("latin-1"),
    "a surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "an overlong slash": b'{"a": "\xc0\xaf"}',
    "a control character": b'{"a": "\x01"}',
    "a level too many": nested(MAX_DEPTH + 1),
    "100,000 lists": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "100,000 objects": nested(100_000),
    "100,000 open brackets": b"[" * 100_000,
}
VALUES = {
    "1e400": b'{"a": 1e400}',
    "a float of 400 digits": b'{"a": ' + b"9" * 400 + b".0}",
    "2 to the 63": b'{"a": 9223372036854775808}',
    "a negative integer past 64 bits": b'{"a": -9223372036854775809}',
    "an integer of 10,000 digits": b'{"a": ' + b"9" * 10_000 + b"}",
    "NUL": b'{"a": "x\\u0000"}',
    "NUL in a key": b'{"a": {"\\u0000": 1}}',
    "half a surrogate pair": b'{"a": ["\\ud800"]}',
    "half a surrogate pair in a key": b'{"\\udfff": 1}',
    "a surrogate pair the wrong way round": b'{"a": "\\ude00\\ud83d"}',
}


@pytest.mark.parametrize("body", SYNTAX.values(), ids=SYNTAX.keys())
def test_a_body_other_than_a_json_object_is_invalid_syntax(body: bytes) -> None:
    begun = time.process_time()

    with pytest.raises(InvalidSyntax):
        parse_object(body)

    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize("body", VALUES.values(), ids=VALUES.keys())
def test_a_value_that_cannot_be_stored_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidValue):
        parse_object(body)


def test_the_greatest_numbers_and_the_deepest_object_are_accepted() -> None:
    numbers = {"a": 2**63 - 1, "b": -(2**63), "c": 1e308, "d": 1e-400, "e": -0.0}

    assert parse_object(json.dumps(numbers).encode()) == numbers
    assert parse_object(nested(MAX_DEPTH))


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse_object(b'{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_a_syntax_error_is_reported_by_position_without_the_clients_text() -> None:
    with pytest.raises(InvalidSyntax) as caught:
        parse_object(b'{\n "password": "secret",\n "b": x}')

    assert caught.value.detail == "The body is not JSON: Expecting value at line 3, column 7."


def test_a_key_is_found_in_any_case_and_an_exact_match_is_preferred() -> None:
    assert get_any_case({"OPERATIONS": [1]}, "Operations") == [1]
    assert get_any_case({"operations": [1], "Operations": [2]}, "Operations") == [2]
    assert get_any_case({"op": 1}, "path") is None
