"""A passing replay fails when any one of its expectations is corrupted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance import replay
from conformance.client import Answer
from conformance.step import read_step
from conformance.transcript import Conversation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.client import Request
    from conformance.jsonpath import Json
    from conformance.target import Target

    Serve = Callable[[Callable[[Request], Answer]], Target]

# Equal to nothing that the strategies below make.
NEVER = "\x00never"

scalars: st.SearchStrategy[Json] = st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=3)
documents: st.SearchStrategy[dict[str, Json]] = st.dictionaries(
    st.sampled_from(["id", "active", "members", "name", "urn:x:1.0:User"]),
    st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", max_size=2), inner, max_size=2)
        ),
        max_leaves=6,
    ),
    min_size=1,
)
KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
    (type(None), "null"),
)


def kind(value: Json) -> str:
    return next(name for type_, name in KINDS if isinstance(value, type_))


def truths(value: Json) -> Iterator[tuple[Json, Json]]:
    """Expectations that hold for the value, each with a corrupted copy."""
    yield {"$type": kind(value)}, {"$type": "object" if kind(value) == "null" else "null"}
    yield {"$in": [NEVER, value]}, {"$in": [NEVER]}
    yield {"$any": [value]}, {"$any": []}
    if value is None:
        yield {"$absent": True}, {"$absent": False}
    else:
        yield {"$exists": True}, {"$absent": True}
        yield {"$ne": NEVER}, {"$ne": value}
    if not isinstance(value, dict | list):
        yield value, NEVER
    if isinstance(value, str):
        yield {"$regex": f"^{value}$"}, {"$regex": f"^{value}c$"}
        yield {"$iequals": value.upper()}, {"$iequals": value + "c"}
    if isinstance(value, int) and not isinstance(value, bool):
        yield {"$gte": value, "$lte": value}, {"$gte": value + 1, "$lte": value}
        yield {"$lte": value}, {"$lte": value - 1}
    if isinstance(value, list | str):
        yield {"$len": len(value)}, {"$len": len(value) + 1}
    if isinstance(value, list):
        yield {"$not_contains": NEVER}, {"$contains": NEVER}
    if isinstance(value, list) and value:
        yield {"$contains": value[0]}, {"$not_contains": value[0]}
        yield [value[0]], [NEVER]


@st.composite
def described(draw: st.DrawFn) -> tuple[Json, list[dict[str, Json]]]:
    """A document, an expectation of all its values that holds, and the same with one of them wrong."""
    document = draw(documents)
    pairs = {key: draw(st.sampled_from(list(truths(value)))) for key, value in document.items()}
    right = {key: pair[0] for key, pair in pairs.items()}
    return document, [right, *({**right, key: pair[1]} for key, pair in pairs.items())]


def passes(target: Target, step: dict[str, Json]) -> bool:
    read = read_step({"method": "GET", "path": "/Users/7", **step}, 1)
    return replay.run(Conversation("talk", "", (read,)), target).passed


@pytest.fixture(scope="module")
def stage(serve: Serve) -> tuple[Target, list[Answer]]:
    """A server that gives the last answer of the list."""
    answers: list[Answer] = []
    return serve(lambda _: answers[-1]), answers


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=described())
def test_one_corrupted_expectation_of_an_answer_fails_the_replay(
    stage: tuple[Target, list[Answer]], case: tuple[Json, list[dict[str, Json]]]
) -> None:
    target, answers = stage
    document, (right, *wrong) = case
    answers.append(Answer(200, {}, json.dumps(document).encode()))

    assert passes(target, {"expect": {"status": [200], "json": right}})
    for expected in wrong:
        assert not passes(target, {"expect": {"status": [200], "json": expected}}), expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"expect": {"status": [201], "json": {"id": "7"}}},
        {"expect": {"status": [200], "json": {"id": "8"}}},
        {"expect": {"status": [200], "json": {"id": "7", "more": None}}},
        {"expect_headers": {"ETag": 'W/"2"'}},
        {"expect_headers": {"Location": {"$exists": True}}},
        {"expect_counts": {"200": 2}},
        {"expect_counts": {"200": 3, "500": {"$gte": 1}}},
        {"expect_disjoint": ["ids", "same"]},
        {"save": {"ids[]": "$.id", "same": "$.uid"}},
    ],
)
def test_one_corrupted_expectation_of_a_step_fails_the_replay(
    stage: tuple[Target, list[Answer]], wrong: dict[str, Json]
) -> None:
    target, answers = stage
    answers.append(Answer(200, {"ETag": 'W/"1"'}, b'{"id": "7", "name": "x"}'))
    right: dict[str, Json] = {
        "repeat": {"var": "i", "from": 1, "to": 3},
        "expect": {"status": [200], "json": {"id": "7"}},
        "expect_headers": {"ETag": 'W/"1"'},
        "expect_counts": {"200": 3},
        "save": {"ids[]": "$.id", "same": "$.id", "other": "$.name"},
        "expect_disjoint": ["ids", "other"],
        "max_ms": 60_000,
    }

    assert passes(target, right)
    assert not passes(target, {**right, **wrong})
