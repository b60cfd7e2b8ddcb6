from __future__ import annotations

import re

import pytest

from conformance.client import encode_body, encode_path
from conformance.variables import UnsetVariableError, Variables, fresh_run, given, names


def test_the_predefined_variables_are_those_of_the_format() -> None:
    values = given("http://a/v2", "secret", "r1ab").values

    assert (values["base"], values["token"], values["run"], values["RUN"]) == (
        "http://a/v2",
        "secret",
        "r1ab",
        "R1AB",
    )
    assert values["bad_token"] not in {"", "secret"}
    assert len({values[f"guid{number}"] for number in range(1, 10)}) == 9
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(values["guid1"]))


def test_run_ids_are_lower_case_and_unique() -> None:
    runs = {fresh_run() for _ in range(50)}

    assert len(runs) == 50
    assert all(re.fullmatch(r"[a-z][a-z0-9]*", run) for run in runs)


def test_variables_are_replaced_in_every_text() -> None:
    variables = Variables({"run": "r1", "n": 7})

    filled = variables.fill(
        {"a-${run}": ["${run}/${n}", {"b": "x${n}"}], "c": True, "d": None, "e": "$run {n}"}
    )

    assert filled == {"a-r1": ["r1/7", {"b": "x7"}], "c": True, "d": None, "e": "$run {n}"}


def test_a_variable_alone_keeps_the_type_of_its_value() -> None:
    variables = Variables({"n": 7, "people": [{"value": "1"}]})

    assert variables.fill(["${n}", "${people}", "${n} "]) == [7, [{"value": "1"}], "7 "]


def test_each_creates_an_element_for_every_value() -> None:
    variables = Variables({"ids": ["1", "2"], "one": "3", "run": "r1"})

    assert variables.fill({"m": {"$each": "ids", "as": {"value": "${item}", "by": "${run}"}}}) == {
        "m": [{"value": "1", "by": "r1"}, {"value": "2", "by": "r1"}]
    }
    assert variables.fill({"$each": "one", "as": "u${item}"}) == ["u3"]


def test_a_variable_without_value_is_an_error() -> None:
    with pytest.raises(UnsetVariableError, match=r"\$\{gone\} has no value"):
        Variables({}).text("/Users/${gone}")


def test_the_variables_of_a_template_can_be_listed() -> None:
    template = names({"${a}": ["${b}", {"$each": "c", "as": {"value": "${item}", "x": "${d}"}}], "e": 1})

    assert template == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        ('/Users?filter=userName eq "a b"', "/Users?filter=userName%20eq%20%22a%20b%22"),
        ("/Users?filter=userName+eq+%22a%40b%22", "/Users?filter=userName+eq+%22a%40b%22"),
        ('/Users/?filter=emails[type eq "work"]', "/Users/?filter=emails%5Btype%20eq%20%22work%22%5D"),
        ("/Users/100%", "/Users/100%25"),
        ("/Users/%zz%2f%2F", "/Users/%25zz%2f%2F"),
        ("/Users?q=Zoë#1", "/Users?q=Zo%C3%AB%231"),
        ("/Users?a=1&b=it's,(x);y:z@w", "/Users?a=1&b=it's,(x);y:z@w"),
        ("/Users/../Groups//x", "/Users/../Groups//x"),
        ("/Users/\r\nX: 1", "/Users/%0D%0AX:%201"),
    ],
)
def test_a_path_is_encoded_once_and_only_where_necessary(recorded: str, sent: str) -> None:
    assert encode_path(recorded) == sent


def test_a_body_is_json_in_utf_8() -> None:
    assert encode_body({"name": "Zoë"}) == '{"name": "Zoë"}'.encode()
    assert encode_body(None) is None
    assert encode_body([]) == b"[]"
