"""Filters and list parameters that are invalid or malicious (SECURITY 9 and 12, wire decision 16)."""

import time

import httpx
import pytest

from tests.api.conftest import Unchanged
from tests.api.wire import Resource, create, create_group, found, read, refusal

SECONDS = 10.0  # the parser's promise is 50 ms; the rest is for a machine that runs other tests

WRONG = {
    'favouriteColour eq "red"': "favouriteColour",
    'name.nickname eq "x"': "nickname",
    'emails.colour eq "x"': "colour",
    'emails[colour eq "x"]': "colour",
    'urn:example:x:User:y eq "x"': "urn:example:x:User:y",
    'password eq "x"': "password",
    "password pr": "password",
    'not (password sw "a")': "password",
    '__class__ eq "x"': "__class__",
    '_sa_instance_state eq "x"': "_sa_instance_state",
    'document eq "x"': "document",
    'organization.id eq "x"': "organization",
    "": "empty",
    " ": "empty",
    "userName": "operators",
    "userName eq": "value",
    "userName eq ada": "double quotes",
    "userName eq 'ada'": "double quotes",
    'userName equals "ada"': "equals",
    'userName eq "ada': "is not closed",
    'userName eq "ada" and': "end",
    'userName eq "ada" or or userName pr': "or",
    'and userName eq "ada"': "and",
    '"ada" eq userName': "ada",
    '(userName eq "ada"': "is not closed",
    'userName eq "ada")': "has no opening bracket",
    "not userName pr": "not",
    'emails[type eq "work"': "is not closed",
    'emails[emails[type eq "work"]]': "inside another",
    'emails [type eq "work"]': "must directly follow",
    'userName eq "a\\ud800"': "surrogate",
    'userName eq "a\\u0000"': "u0000",
    'userName eq "a\\x"': "JSON",
    "active gt true": "eq or ne",
    "active co true": "eq or ne",
    'active eq "maybe"': "active",
    "userName eq 5": "userName",
    'userName eq "a" ; DROP TABLE people': ";",
    "userName eq 99999999999999999999999": "too large",
    "userName eq 1e999": "too large",
    'meta.created gt "yesterday"': "yesterday",
}
HOSTILE = {
    "20,000 opening parentheses": "(" * 20_000,
    "8,000 nots": "not (" * 8_000,
    "2,000 ors": " or ".join(["active eq true"] * 2_000),
    "51 terms": " or ".join(["active eq true"] * 51),
    "21 levels": "(" * 21 + "active eq true" + ")" * 21,
    "21 nots": "not (" * 21 + "active eq true" + ")" * 21,
    "a text of 20,000 characters": f'userName eq "{"x" * 20_000}"',
    "5,000 bytes": f'userName eq "{"é" * 2_500}"',
    "value paths in each other": "emails[" * 1_000,
    "backslashes": 'userName eq "' + "\\" * 4_001 + '"',
    "spaces": " " * 4_000 + "userName",
}
NOT_INTEGERS = (
    "abc",
    "",
    "1.0",
    "1e2",
    "0x10",
    "1_0",
    "\u0663",
    "\uff11",
    "1 2",
    "NaN",
    "12345678901234567890x",
    "--1",
    "true",
)


@pytest.fixture(scope="module")
def ada(client: httpx.Client) -> Resource:
    return create(client, displayName="100% of_all \\ sorts", nickName="ada")


@pytest.mark.parametrize(("text", "named"), WRONG.items(), ids=WRONG.keys())
def test_an_invalid_filter_is_refused_with_the_reason(client: httpx.Client, text: str, named: str) -> None:
    answer = client.get("/Users", params={"filter": text})

    assert named in refusal(answer, 400, "invalidFilter")


@pytest.mark.parametrize("text", ['colour eq "red"', 'userName eq "x"', "displayName eq", "members eq 5", ""])
def test_an_invalid_filter_of_groups_is_refused(client: httpx.Client, text: str) -> None:
    refusal(client.get("/Groups", params={"filter": text}), 400, "invalidFilter")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_filter_is_refused_quickly(client: httpx.Client, text: str) -> None:
    begin = time.perf_counter()
    answer = client.get("/Users", params={"filter": text})
    took = time.perf_counter() - begin

    refusal(answer, 400, "invalidFilter")
    assert took < SECONDS


def test_wildcards_and_escapes_of_databases_match_only_themselves(
    client: httpx.Client, ada: Resource
) -> None:
    literal = ["%", "_", "\\\\", "100%", "of_all", "\\\\ sorts", "% OF_"]
    other = [
        "%%",
        "__",
        "1%s",
        "o_a",
        "a%",
        "\\\\\\\\",
        "[0-9]",
        "*",
        "?",
        ".",
        "' OR 1=1 --",
        '\\"',
        "$.nickName",
        "{}",
    ]

    for operator in ("co", "sw", "ew", "eq"):
        assert [one for one in other if found(client, f'displayName {operator} "{one}"')] == []
    assert [found(client, f'displayName co "{one}"') for one in literal] == [[ada["id"]]] * len(literal)
    assert (
        found(client, 'displayName sw "100%"') == found(client, 'displayName ew "\\\\ SORTS"') == [ada["id"]]
    )


@pytest.mark.parametrize("text", NOT_INTEGERS, ids=repr)
@pytest.mark.parametrize("parameter", ["startIndex", "count"])
@pytest.mark.parametrize("path", ["/Users", "/Groups"])
def test_page_parameters_other_than_integers_are_refused(
    client: httpx.Client, path: str, parameter: str, text: str
) -> None:
    answer = client.get(path, params={parameter: text})

    assert f"{parameter} must be an integer" in refusal(answer, 400, "invalidValue")


def test_attributes_and_excluded_attributes_together_are_refused(client: httpx.Client, ada: Resource) -> None:
    parameters = {"attributes": "userName", "excludedAttributes": "emails"}

    answers = [client.get(path, params=parameters) for path in ("/Users", f"/Users/{ada['id']}", "/Groups")]

    assert all("not both" in refusal(answer, 400, "invalidValue") for answer in answers)


def test_a_create_with_invalid_query_parameters_creates_nothing(
    client: httpx.Client, unchanged: Unchanged
) -> None:
    parameters = {"attributes": "userName", "excludedAttributes": "emails"}

    with unchanged():
        refusal(client.post("/Users", params=parameters, json={"userName": "eve"}), 400, "invalidValue")
        refusal(client.post("/Groups", params=parameters, json={"displayName": "x"}), 400, "invalidValue")


def test_unknown_and_hostile_names_in_attributes_are_ignored(client: httpx.Client, ada: Resource) -> None:
    names = (
        'nickName,colour,__class__,password,%00,\x00,,a.b.c,urn:x:y:z,emails[type eq "work"],' + "x" * 5_000
    )

    shown = read(client, f"/Users/{ada['id']}", attributes=names)
    hidden = read(client, f"/Users/{ada['id']}", excludedAttributes="id,schemas,colour,password,,\x00")

    assert shown == {"schemas": ada["schemas"], "id": ada["id"], "nickName": "ada"}
    assert hidden == ada


def test_a_filter_is_accepted_with_any_encoding_of_its_spaces(client: httpx.Client, ada: Resource) -> None:
    """IDP 31."""
    base = str(client.base_url)
    user_name, plus = ada["userName"], "userName+eq+%22{}%22"
    forms = [plus, "userName%20eq%20%22{}%22", "userName%20EQ%20%22{}%22", "%75serName%20eq%20%22{}%22"]
    group = create_group(client, displayName="a+b c")

    answers = [client.get(f"{base}Users?filter={form.format(user_name)}") for form in forms]

    assert [[one["id"] for one in answer.json()["Resources"]] for answer in answers] == [[ada["id"]]] * 4
    assert found(client, 'displayName eq "A+B c"', "/Groups") == [group["id"]]
