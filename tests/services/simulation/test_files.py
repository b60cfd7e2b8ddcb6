"""Files of people as directories export them, and invalid files; each invalid line with its correction."""

import json
from typing import Any

import pytest

from scim_server.protocol.directory import STANDARD
from scim_server.services.errors import ServiceError
from scim_server.services.simulation import files as people_file
from scim_server.services.simulation.files import PeopleFile
from scim_server.services.simulation.requests import SimulatedPerson

READER = STANDARD.user_reader(seats=False, strict=False)
TIERS = ("standard", "premium", "any")


def read(content: str | bytes, tier: str | None = None) -> PeopleFile:
    return people_file.read(content.encode() if isinstance(content, str) else content, READER, TIERS, tier)


def people(content: str | bytes) -> list[SimulatedPerson]:
    found = read(content)
    assert found.bad == ()
    return list(found.people)


def names(content: str | bytes) -> list[tuple[int | None, str]]:
    return [(one.line, one.user_name) for one in people(content)]


def bad(content: str | bytes) -> list[tuple[int, str]]:
    return [(one.line, one.problem) for one in read(content).bad]


# CSV


def test_every_column_is_read() -> None:
    (ann,) = people(
        "userName,displayName,givenName,familyName,email,externalId,active,groups,tier\n"
        "Ann@Example.com,Ann A,Ann,A,ann@example.com;a@example.com,e-1,false,Sales; Engineering,premium\n"
    )

    assert ann == SimulatedPerson(
        user_name="Ann@Example.com",
        user_name_key="ann@example.com",
        emails=["ann@example.com", "a@example.com"],
        active=False,
        groups=("Sales", "Engineering"),
        wants="premium",
        line=2,
    )


@pytest.mark.parametrize(
    "content",
    [
        "login,firstName,lastName,email,status\nann@example.com,Ann,A,ann@example.com,ACTIVE\n",
        "userPrincipalName,displayName,surname,mail,givenName,objectId,userType,accountEnabled\n"
        "ann@example.com,Ann A,A,ann@example.com,Ann,8f1c,Member,True\n",
        "User Name,E-Mail Address,First Name,Last_Name\nann@example.com,ann@example.com,Ann,A\n",
        "LOGIN;EMAIL\r\nann@example.com;ann@example.com\r\n",
        "username\temail\nann@example.com\tann@example.com",
        '\ufeff"userName","email"\n"ann@example.com","ann@example.com"\n',
        "\n\nuserName , email\n\n , \nann@example.com, ann@example.com \n",
    ],
    ids=["okta", "entra", "spaced", "semicolons", "tabs", "byte order mark", "blank lines"],
)
def test_exports_of_providers_and_spreadsheets_are_read_unchanged(content: str) -> None:
    (ann,) = people(content)

    assert (ann.user_name, ann.emails, ann.active, ann.wants) == (
        "ann@example.com",
        ["ann@example.com"],
        True,
        None,
    )


@pytest.mark.parametrize(
    ("cell", "active"),
    [
        ("", True),
        ("TRUE", True),
        ("no", False),
        ("STAGED", True),
        ("DEPROVISIONED", False),
        ("SUSPENDED", False),
    ],
)
def test_the_active_column_is_read_in_the_words_of_each_provider(cell: str, *, active: bool) -> None:
    (ann,) = people(f"login,status\nann@example.com,{cell}\n")

    assert ann.active is active


def test_a_column_of_groups_holds_all_groups_of_each_person() -> None:
    with_column = people("userName,groups\nann,\n")
    without = people("userName\nann\n")

    assert [one.groups for one in (*with_column, *without)] == [(), None]


def test_unused_columns_are_reported() -> None:
    assert read("login,City,groupes\nann,Rome,Sales\n").unused == ("City", "groupes")


def test_a_quoted_cell_may_span_lines_and_later_lines_keep_their_numbers() -> None:
    content = 'userName,displayName\nann,"A, ""Ann""\nof two lines"\n=1+2,@SUM(A1)\nbob,\n'

    assert names(content) == [(2, "ann"), (4, "=1+2"), (5, "bob")]


def test_each_invalid_line_is_reported_with_a_correction() -> None:
    content = (
        "userName,email,active,tier\n"
        "ann,,,\n"
        ",x@example.com,,\n"
        "bob,,perhaps,\n"
        "cy,,,gold\n"
        "dee,a,b,c,d\n"
        "ANN,,,\n"
        f"{'x' * 3_000},,,\n"
        "eve\n"
    )

    assert bad(content) == [
        (3, "userName is required."),
        (4, "'perhaps' is not a value for active. Write true or false"),
        (5, "has the unknown tier 'gold': use standard, premium, any"),
        (6, "has 5 cells, but the header has 4. Quote a cell that contains a comma"),
        (7, "has the userName ANN, like line 2. Keep only one of them"),
        (8, "userName is too long. It may have at most 2000 bytes."),
    ]
    assert [one.user_name for one in read(content).people] == ["ann", "eve"]


# JSON


USER = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann", "active": True}
MANY: list[dict[str, Any]] = [USER, {"userName": "bob", "groups": ["Sales"], "tier": "premium"}]


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(map(json.dumps, MANY)),
        "\r\n".join(map(json.dumps, MANY)) + "\r\n",
        json.dumps(MANY),
        json.dumps(MANY, indent=2),
        json.dumps({"totalResults": 2, "Resources": MANY}, indent=2),
    ],
    ids=["lines", "lines of Windows", "array", "indented array", "SCIM list"],
)
def test_scim_users_are_read_in_every_form(content: str) -> None:
    ann, bob = people(content)

    assert (ann.line, ann.user_name, ann.groups, ann.wants) == (1, "ann", None, None)
    assert (bob.line, bob.user_name, bob.groups, bob.wants) == (2, "bob", ("Sales",), "premium")


def test_an_object_over_several_lines_is_one_person() -> None:
    assert names(json.dumps(USER, indent=2)) == [(1, "ann")]


@pytest.mark.parametrize("name", ["display", "displayName", "DISPLAY"])
def test_groups_are_read_in_the_form_of_scim(name: str) -> None:
    (ann,) = people(json.dumps({**USER, "groups": [{"value": "1", name: "Sales"}]}))

    assert ann.groups == ("Sales",)


def test_an_empty_list_contains_no_people() -> None:
    assert (people("[]"), people("userName,email\n")) == ([], [])


def test_each_invalid_line_of_json_is_reported() -> None:
    lines = [
        json.dumps(USER),
        "{userName: bob}",
        '"bob"',
        '{"userName": 7}',
        '{"userName": "cy", "groups": [{"value": "1"}]}',
        '{"userName": "cy", "groups": "Sales"}',
        '{"userName": "cy", "tier": 1}',
        '{"userName": "cy", "userName": "dee"}',
        '{"userName": "c\\u0000y"}',
        '{"displayName": "Nobody"}',
    ]

    found = bad("\n".join(lines))

    assert [line for line, _ in found] == [*range(2, 11)]
    assert found[0] == (2, "is not JSON. Write one object with a userName on each line")
    assert "has groups without names" in found[3][1]
    assert "NUL" in found[7][1]


def test_an_invalid_entry_of_an_array_is_reported_with_its_position() -> None:
    found = read('[{"userName": "ann"}, 7, {"userName": "ANN"}]')

    assert found.unit == "entry"
    assert [(one.line, one.problem) for one in found.bad] == [
        (2, "is not a JSON object. Write an object with a userName"),
        (3, "has the userName ANN, like entry 1. Keep only one of them"),
    ]


# Invalid files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \n\n", "the file is empty"),
        ("userName\nann\n".encode("utf-16"), "the file is UTF-16. Save it as UTF-8"),
        ("userName\nann\n".encode("utf-16-be"), "line 1 contains NUL"),
        ("userName\nann\n".encode("utf-32"), "the file is UTF-16"),
        (b"userName\nann\nb\x00b\n", "line 3 contains NUL"),
        ("userName\nann\nJ\xf6rg\n".encode("latin-1"), "line 3 is not UTF-8"),
        (
            b"ann@example.com,Ann\n",
            "no column with userNames. Call a column userName, login or",
        ),
        (b"userName,email,userName\nann,,\n", "the columns userName and userName both contain userName"),
        (
            b"login,userPrincipalName\nann,ann\n",
            "the columns login and userPrincipalName both contain userName",
        ),
        (b'userName,email\nann,\nbob,"x\ncy,\n', "line 3 cannot be read as CSV"),
        (b'userName\nann\n"a"b\n', "line 3 cannot be read as CSV"),
        (b"userName\n" + b"x" * 1_000_000, "line 2 cannot be read as CSV"),
        (b'[{"userName": "ann"}', "the file cannot be read: The body is not JSON"),
        (b'[{"userName": NaN}]', "the file cannot be read: NaN is not JSON"),
        (b"[" * 100_000, "nested deeper"),
        (b"PK\x03\x04\x14\x00\x06\x00", "line 1 contains NUL"),
    ],
)
def test_an_unreadable_file_is_refused_as_a_whole(content: bytes, words: str) -> None:
    with pytest.raises(ServiceError) as refused:
        read(content)

    assert words in str(refused.value)


def test_a_line_of_a_megabyte_is_one_invalid_line() -> None:
    found = bad(json.dumps(USER) + "\n" + json.dumps({"userName": "x" * 1_000_000}))

    assert found == [(2, "userName is too long. It may have at most 2000 bytes.")]


def test_more_people_than_an_organization_can_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_file, "MOST_PEOPLE", 3)
    monkeypatch.setattr(people_file, "MOST_BYTES", 1024 * 1024)

    with pytest.raises(ServiceError, match=r"more than 3 people\. Split it"):
        read("userName\na\nb\nc\nd\n")
    with pytest.raises(ServiceError, match=r"larger than 1 MB\. Split it"):
        read("userName\n" + "a\n" * 600_000)


def test_a_line_without_a_tier_requests_the_tier_given_for_the_whole_file() -> None:
    found = read("userName,tier\nann,\nbob,any\n", "premium")

    assert [one.wants for one in found.people] == ["premium", "any"]
