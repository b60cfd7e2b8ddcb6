"""Filters of one shape are one statement, and each finds what it would find alone."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random

import pytest

from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filters import parse
from scim_server.protocol.resources import GROUP
from scim_server.services.context import Context
from scim_server.services.groups import queries as group_queries
from scim_server.services.people import queries as people_queries
from scim_server.services.scim.search import Query
from scim_server.store.database.session import OPERATOR
from scim_server.store.query import lists
from scim_server.store.query.shapes import Shape, shape_of
from tests.conftest import DIALECTS
from tests.store.query.filter_comparison import READER, Directory, Sample, samples, settled
from tests.store.query.filter_oracle import GROUP_ROWS, USER_ROWS

SEED, SIZE = 3, 400
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
OTHERS = ("ada", "", "2026-03-01T08:30:00Z", "work", "True", "User", "Z", 'a"b\\c', "%", "ß", "/Users/1")


@pytest.fixture(scope="module")
def directories(new_url: Callable[[str], str]) -> Iterator[list[Directory]]:
    with settled([new_url(dialect) for dialect in DIALECTS], SEED) as there:
        yield there


def find(directory: Directory, text: str, *, teams: bool, count: int = 1000) -> set[str]:
    context = Context(directory.database, directory.organization, OPERATOR)
    query = Query(filter=parse(text), count=count)
    if teams:
        return {one.id for one in group_queries.find(context, query, GROUP).resources}
    found = people_queries.find(context, query, READER.resource_type, seats=True)
    return {one.id for one in found.resources}


def with_other_texts(text: str, rng: Random) -> str:
    return TEXT.sub(lambda _: json.dumps(rng.choice(OTHERS), ensure_ascii=False), text)


@pytest.mark.parametrize("teams", [False, True], ids=["people", "groups"])
def test_a_statement_compiled_for_other_texts_finds_the_same_resources(
    directories: list[Directory],
    teams: bool,  # noqa: FBT001
) -> None:
    rng = Random(SEED)
    resources = directories[0].teams() if teams else directories[0].people()
    made: list[Sample] = list(samples(rng, GROUP_ROWS if teams else USER_ROWS, resources, SIZE))

    for sample in made:
        for directory in directories:
            with suppress(InvalidFilter):  # not every text is a date
                find(directory, with_other_texts(sample.text, rng), teams=teams)
            found = find(directory, sample.text, teams=teams)
            assert found == sample.expected, (directory.database.dialect, sample.text)


@pytest.mark.parametrize("dialect", range(len(DIALECTS)), ids=DIALECTS)
def test_filters_that_differ_only_in_texts_share_a_statement(
    directories: list[Directory], dialect: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(directories[dialect], 'userName eq "a" and emails[type eq "work"].value co "b"', teams=False)
    made: list[str] = []
    statements = lists.Statements

    def note(*given: object) -> lists.Statements:
        made.append("statement")
        return statements(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(lists, "Statements", note)
    for text in ("x", "Straße", 'y"z', "%_"):
        quoted = json.dumps(text)
        asked = f"userName eq {quoted} and emails[type eq {quoted}].value co {quoted}"
        find(directories[dialect], asked, teams=False)
    again = list(made)
    find(directories[dialect], 'userName sw "a" and emails[type eq "work"].value co "b"', teams=False)

    assert again == []
    assert made == ["statement"]


def test_an_empty_text_keeps_its_meaning_in_a_shared_statement(directories: list[Directory]) -> None:
    for directory in directories:
        everybody = find(directory, "userName pr", teams=False)
        find(directory, 'userName ew "a"', teams=False)

        assert find(directory, 'userName ew ""', teams=False) == everybody
        assert find(directory, 'userName sw ""', teams=False) == everybody
        assert find(directory, 'userName eq ""', teams=False) == set()


def test_a_text_that_looks_like_a_placeholder_is_compared_as_text(directories: list[Directory]) -> None:
    for directory in directories:
        assert find(directory, 'nickName eq "\ue0000\ue000" or nickName eq "b"', teams=False) == find(
            directory, 'nickName eq "b"', teams=False
        )


def test_filters_that_differ_in_more_than_texts_have_different_shapes() -> None:
    def shape(text: str) -> Shape:
        return shape_of(parse(text), [])

    assert shape('userName eq "a"') == shape('userName eq "b"')
    different = (
        'userName eq "a"',
        'userName ne "a"',
        'nickName eq "a"',
        "userName eq null",
        "active eq true",
        "active eq false",
        "userName eq 1",
        "userName eq 1.0",
        'not (userName eq "a")',
        'userName eq "a" and nickName eq "a"',
        'userName eq "a" or nickName eq "a"',
        'emails[type eq "a"]',
        "userName pr",
    )
    assert len({shape(one) for one in different}) == len(different)


def test_the_number_of_cached_statements_is_limited(
    directories: list[Directory], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients choose the shapes."""
    monkeypatch.setattr(lists, "_MOST", 5)
    for number in range(20):
        find(directories[0], " and ".join(['userName eq "a"'] * (number + 1)), teams=False)

    assert len(lists._kept) <= 5
