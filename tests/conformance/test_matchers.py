from __future__ import annotations

import doctest
from typing import TYPE_CHECKING

import pytest

from conformance import matchers
from conformance.jsonpath import ABSENT, PathError, find
from conformance.matchers import MATCHERS, compare, matches, problems

if TYPE_CHECKING:
    from conformance.jsonpath import Found, Json

PEOPLE: Json = [{"value": "7", "type": "work"}, {"value": "8"}]

HOLDS: list[tuple[Json, Found]] = [
    ({"$exists": True}, ""),
    ({"$exists": True}, False),
    ({"$exists": False}, ABSENT),
    ({"$absent": True}, ABSENT),
    ({"$absent": True}, None),
    ({"$absent": False}, 0),
    ({"$type": "string"}, "x"),
    ({"$type": "integer"}, 1),
    ({"$type": "number"}, 1.5),
    ({"$type": "boolean"}, False),
    ({"$type": "array"}, []),
    ({"$type": "object"}, {}),
    ({"$type": "null"}, None),
    ({"$contains": {"value": "7"}}, PEOPLE),
    ({"$contains": {"value": {"$regex": "^8$"}}}, PEOPLE),
    ({"$contains": {"$iequals": "WORK"}}, ["home", "work"]),
    ({"$not_contains": {"value": "9"}}, PEOPLE),
    ({"$not_contains": "x"}, []),
    ({"$not_contains": "x"}, ABSENT),
    ({"$len": 2}, PEOPLE),
    ({"$len": 3}, "abc"),
    ({"$len": {"$gte": 1}}, PEOPLE),
    ({"$gte": 2}, 2),
    ({"$lte": 2}, 1.5),
    ({"$ne": "7"}, "8"),
    ({"$ne": True}, 1),
    ({"$in": ["a", "b"]}, "b"),
    ({"$in": ["a", {"$absent": True}]}, ABSENT),
    ({"$in": [{"$len": 0}, {"$contains": {"type": "work"}}]}, PEOPLE),
    ({"$any": [{"id": "1"}, {"id": "2"}]}, {"id": "2", "more": 1}),
    ({"$regex": "(?i)licen[sc]e"}, "No License left"),
    ({"$iequals": "STRASSE"}, "straße"),
    ({"$len": 2, "$contains": {"value": "7"}}, PEOPLE),
    ({"$gte": 1, "$lte": 3}, 2),
    ({"id": "7", "name": {"familyName": "B"}}, {"id": "7", "name": {"familyName": "B", "givenName": "A"}}),
    ([{"value": "7"}], PEOPLE),
    ({"$ref": {"$exists": True}}, {"$ref": "../Users/7"}),
    (None, None),
    (1, 1.0),
]

FAILS: list[tuple[Json, Found]] = [
    ({"$exists": True}, ABSENT),
    ({"$exists": True}, None),
    ({"$exists": False}, "x"),
    ({"$absent": True}, []),
    ({"$absent": False}, ABSENT),
    ({"$type": "integer"}, True),
    ({"$type": "integer"}, "1"),
    ({"$type": "number"}, True),
    ({"$type": "string"}, ABSENT),
    ({"$type": "object"}, []),
    ({"$contains": {"value": "7", "type": "home"}}, PEOPLE),
    ({"$contains": "a"}, "abc"),
    ({"$contains": "a"}, ABSENT),
    ({"$not_contains": {"value": "8"}}, PEOPLE),
    ({"$not_contains": "z"}, "abc"),
    ({"$len": 1}, PEOPLE),
    ({"$len": 0}, ABSENT),
    ({"$len": True}, ["x"]),
    ({"$gte": 2}, 1),
    ({"$gte": 0}, True),
    ({"$gte": 0}, "1"),
    ({"$lte": 2}, 3),
    ({"$lte": 2}, ABSENT),
    ({"$ne": "7"}, "7"),
    ({"$ne": "7"}, ABSENT),
    ({"$in": ["a", "b"]}, "c"),
    ({"$in": []}, ABSENT),
    ({"$any": [{"id": "1"}]}, {"id": "2"}),
    ({"$regex": "^a$"}, "b"),
    ({"$regex": "1"}, 1),
    ({"$regex": "("}, "("),
    ({"$iequals": "a"}, "b"),
    ({"$iequals": "1"}, 1),
    ({"$len": 2, "$contains": {"value": "9"}}, PEOPLE),
    ({"id": "7"}, {"id": "8"}),
    ({"id": "7"}, {}),
    ({"id": "7"}, "7"),
    ([{"value": "8"}], PEOPLE),
    ([{}, {}, {}], PEOPLE),
    ([], {}),
    (True, 1),
    (0, False),
    ("true", True),
    (None, ABSENT),
]


@pytest.mark.parametrize(("expected", "found"), HOLDS)
def test_an_expectation_matches_the_value(expected: Json, found: Found) -> None:
    assert matches(expected, found)


@pytest.mark.parametrize(("expected", "found"), FAILS)
def test_an_expectation_does_not_match_the_value(expected: Json, found: Found) -> None:
    assert not matches(expected, found)


def test_every_matcher_has_a_matching_and_a_failing_example() -> None:
    def shown(cases: list[tuple[Json, Found]]) -> set[str]:
        return {name for expected, _ in cases if isinstance(expected, dict) for name in expected}

    assert shown(HOLDS) >= set(MATCHERS)
    assert shown(FAILS) >= set(MATCHERS)


def test_each_failed_expectation_is_reported_with_its_path() -> None:
    expected: Json = {"a": [{"b": 1}], "urn:x:1.0:User": {"n": {"$gte": 2}}, "c": {"$exists": True}, "d": 1}

    failures = [
        str(mismatch) for mismatch in compare(expected, {"a": [{"b": 2}], "urn:x:1.0:User": {}, "d": 1})
    ]

    assert failures == [
        "$.a[0].b: expected 1, found 2",
        """$['urn:x:1.0:User'].n: expected {"$gte": 2}, found nothing""",
        '$.c: expected {"$exists": true}, found nothing',
    ]


@pytest.mark.parametrize(
    ("expected", "failures"),
    [
        ({"id": {"$exist": True}}, "$.id.$exist: is not a matcher"),
        ({"id": {"$exists": "yes"}}, "$.id.$exists: takes true or false"),
        ({"id": {"$exists": True, "value": 1}}, "$.id.value: is next to a matcher"),
        ({"$len": "two"}, "$.$len: takes a whole number or a matcher"),
        ({"$gte": "2"}, "$.$gte: takes a number"),
        ({"$in": "ab"}, "$.$in: takes a list"),
        ({"$regex": "("}, "$.$regex: takes a regular expression"),
        ({"$iequals": 1}, "$.$iequals: takes text"),
        ([{"$any": [{"$type": "text"}]}], "$[0].$any[0].$type: takes one of string, integer, number,"),
        ({"$contains": {"$like": 1}}, "$.$contains.$like: is not a matcher"),
    ],
)
def test_an_unusable_expectation_is_reported_at_loading(expected: Json, failures: str) -> None:
    found = [str(problem) for problem in problems(expected)]

    assert len(found) == 1
    assert found[0].startswith(failures)


def test_the_example_in_the_module_docstring_is_correct() -> None:
    assert doctest.testmod(matchers) == doctest.TestResults(failed=0, attempted=1)


def test_a_variable_may_stand_for_any_operand() -> None:
    assert not list(problems({"$gte": "${total}", "$regex": "${run}("}))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", {"a": [{"b": 1}, {"b": 2}, {}], "x y": {"$ref": "r"}}),
        ("$.a[1].b", 2),
        ("$.a[*].b", [1, 2]),
        ("$['x y'].$ref", "r"),
        ("$.a[9].b", ABSENT),
        ("$.a.b", ABSENT),
        ("$.none", ABSENT),
        ("$.none[*]", ABSENT),
    ],
)
def test_a_path_finds_its_value(path: str, value: Found) -> None:
    document: Json = {"a": [{"b": 1}, {"b": 2}, {}], "x y": {"$ref": "r"}}

    assert find(document, path) == value


@pytest.mark.parametrize("path", ["id", "$.", "$..a", "$.a[-1]", "$.a[?(@.b)]", "$.a b"])
def test_a_path_with_unsupported_syntax_is_refused(path: str) -> None:
    with pytest.raises(PathError):
        find({}, path)
