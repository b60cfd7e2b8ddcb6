"""Pages and their edges, and the filters that providers match people with (wire decision 16, IDP 1, 2)."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.api.wire import ENTERPRISE, LIST, Resource, create, create_group, found, founded, read
from tests.support.servers.running import Server

SIZE = 7


@pytest.fixture(scope="module")
def seven(server: Server) -> Iterator[tuple[httpx.Client, list[str]]]:
    """An organization of seven people and seven groups, with the ids of its people in their order."""
    with founded(server, standard=SIZE).client() as opened:
        titles = ["even" if number % 2 == 0 else None for number in range(SIZE)]
        ids = [create(opened, title=title)["id"] for title in titles]
        for one in ids:
            create_group(opened, one)
        yield opened, ids


# Parameters; then startIndex as answered, and which of the seven are on the page.
PAGES: dict[str, tuple[dict[str, str], tuple[int, int, int]]] = {
    "no parameters": ({}, (1, 0, 7)),
    "the first two": ({"startIndex": "1", "count": "2"}, (1, 0, 2)),
    "the middle": ({"startIndex": "3", "count": "2"}, (3, 2, 4)),
    "the last": ({"startIndex": "7", "count": "2"}, (7, 6, 7)),
    "exactly all": ({"count": "7"}, (1, 0, 7)),
    "past the end": ({"startIndex": "8", "count": "2"}, (8, 7, 7)),
    "far past the end": ({"startIndex": "1000000"}, (1_000_000, 7, 7)),
    "from 0": ({"startIndex": "0", "count": "2"}, (1, 0, 2)),
    "from below 0": ({"startIndex": "-5", "count": "2"}, (1, 0, 2)),
    "a count of 0": ({"count": "0"}, (1, 0, 0)),
    "a count of 0 further on": ({"startIndex": "3", "count": "0"}, (3, 0, 0)),
    "a count below 0": ({"count": "-1"}, (1, 0, 0)),
    "a count over the maximum": ({"count": "5000"}, (1, 0, 7)),
}


@pytest.mark.parametrize(("parameters", "expected"), PAGES.values(), ids=PAGES.keys())
def test_a_page_has_the_requested_resources_and_the_total_count(
    seven: tuple[httpx.Client, list[str]], parameters: dict[str, str], expected: tuple[int, int, int]
) -> None:
    client, ids = seven
    start, first, last = expected

    listed = read(client, "/Users", **parameters)
    of_groups = read(client, "/Groups", **parameters)

    assert [one["id"] for one in listed["Resources"]] == ids[first:last]
    assert {**listed, "Resources": []} == {
        "schemas": [LIST],
        "totalResults": SIZE,
        "startIndex": start,
        "itemsPerPage": last - first,
        "Resources": [],
    }
    assert {**of_groups, "Resources": []} == {**listed, "Resources": []}
    assert [one["members"][0]["value"] for one in of_groups["Resources"]] == ids[first:last]


def test_the_total_of_a_filtered_page_counts_only_the_matches(seven: tuple[httpx.Client, list[str]]) -> None:
    client, ids = seven
    even = ids[::2]

    pages = [
        read(client, "/Users", filter='title eq "EVEN"', startIndex=n, count="3") for n in ("1", "4", "7")
    ]

    assert [[one["id"] for one in listed["Resources"]] for listed in pages] == [even[:3], even[3:], []]
    assert [(listed["totalResults"], listed["itemsPerPage"]) for listed in pages] == [(4, 3), (4, 1), (4, 0)]


def test_a_page_has_a_hundred_resources_unless_more_are_requested(server: Server) -> None:
    with founded(server, standard=101).client() as client:
        ids = [create(client)["id"] for _ in range(101)]
        parameters: list[dict[str, str]] = [{}, {"startIndex": "101"}, {"count": "1000"}]

        pages = [read(client, "/Users", **one) for one in parameters]

    assert [[one["id"] for one in listed["Resources"]] for listed in pages] == [ids[:100], ids[100:], ids]
    assert {listed["totalResults"] for listed in pages} == {101}


def test_a_list_without_matches_is_an_empty_list_and_not_a_404(client: httpx.Client) -> None:
    """IDP 1: a 404 here quarantines the job."""
    listed = read(client, "/Users", filter=f'userName eq "{uuid4()}"')

    empty = {"totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []}
    assert listed == {"schemas": [LIST], **empty}


@pytest.fixture(scope="module")
def ada(client: httpx.Client) -> Resource:
    create(client, displayName="Somebody else", emails=[{"value": "ada@else.example", "type": "work"}])
    boss = create(client)
    return create(
        client,
        externalId="E-4711",
        displayName='Ada "the first"',
        name={"familyName": "Lovelace"},
        emails=[
            {"value": "Ada@Work.example", "type": "work", "primary": True},
            {"value": "ada@home.example", "type": "home"},
        ],
        phoneNumbers=[{"value": "+1 555", "type": "mobile"}],
        roles=[{"value": "admin", "primary": True}],
        **{ENTERPRISE: {"department": "Analysis", "manager": boss["id"]}},
    )


MATCHING = (
    'userName eq "{userName}"',
    'username EQ "{userName}"',
    'externalId eq "E-4711"',
    'id eq "{id}"',
    'emails[type eq "work"].value eq "ada@work.example"',
    'emails[type eq "work" and value co "@WORK"]',
    'emails.value eq "ADA@home.example"',
    'emails eq "ada@home.example"',
    'emails[primary eq true and type eq "work"].value sw "ada@work"',
    'phoneNumbers[type eq "mobile"].value eq "+1 555"',
    'roles[primary eq "True"].value eq "admin"',
    "roles[primary eq True]",
    'name.familyName eq "lovelace"',
    'urn:ietf:params:scim:schemas:core:2.0:User:name.familyName sw "Love"',
    f'{ENTERPRISE}:department eq "analysis"',
    'department eq "analysis"',
    'displayName eq "ada \\"the first\\""',
    'displayName co "\\u0022the"',
    'id eq "{id}" and manager eq "{manager}"',
    'manager.value eq "{manager}" and active eq true',
    'externalId pr and meta.created gt "2020-01-01T00:00:00Z"',
    'externalId pr and meta.lastModified le "2999-01-01T00:00:00+02:00"',
    'name.familyName ge "Lovelace" and name.familyName le "LOVELACE"',
    'meta.resourceType eq "User" and name pr',
    'userName eq "{userName}" and (active eq true or active eq false) and not (userType eq "x")',
    'userName eq "nobody" or externalId eq "E-4711" and displayName pr',
    'externalId eq "E-4711" and nickName ne "x"',
    'externalId eq "E-4711" and not (nickName eq "x")',
)
NOT_MATCHING = (
    'emails[type eq "home"].value eq "ada@work.example"',
    'emails[type eq "home" and value co "work"]',
    'externalId eq "e-4711"',
    'displayName eq "Ada"',
    'id eq "{id}" and manager eq "nobody"',
    'name.familyName gt "Lovelace" and externalId eq "E-4711"',
    'active eq false and externalId eq "E-4711"',
    'meta.resourceType eq "Group" and externalId eq "E-4711"',
)


def filled(text: str, ada: Resource) -> str:
    """A filter with values of ada in it."""
    values = {"userName": ada["userName"], "id": ada["id"], "manager": ada[ENTERPRISE]["manager"]["value"]}
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@pytest.mark.parametrize("text", MATCHING)
def test_a_matching_filter_finds_exactly_the_one_person(
    client: httpx.Client, ada: Resource, text: str
) -> None:
    assert found(client, filled(text, ada)) == [ada["id"]]


@pytest.mark.parametrize("text", NOT_MATCHING)
def test_a_filter_without_matches_finds_no_person(client: httpx.Client, ada: Resource, text: str) -> None:
    assert found(client, filled(text, ada)) == []
