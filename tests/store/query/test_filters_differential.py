"""The same filter on SQLite, on PostgreSQL and in plain Python finds the same people and groups.

`python -m tests.campaigns filters` compares more filters than these.
"""

from collections.abc import Callable, Iterator
from random import Random

import pytest

from tests.conftest import DIALECTS
from tests.store.query.filter_comparison import PEOPLE, TEAMS, Directory, compare, samples, settled
from tests.store.query.filter_oracle import USER_ROWS

SEED = 1
PARTS, SLICE = 2, 1_000


@pytest.fixture(scope="module")
def directories(new_url: Callable[[str], str]) -> Iterator[list[Directory]]:
    with settled([new_url(dialect) for dialect in DIALECTS], SEED) as there:
        yield there


def test_both_databases_return_the_same_people_and_groups(directories: list[Directory]) -> None:
    on_sqlite, on_postgresql = directories

    assert on_sqlite.people() == on_postgresql.people()
    assert on_sqlite.teams() == on_postgresql.teams()
    assert (len(on_sqlite.people()), len(on_sqlite.teams())) == (PEOPLE, TEAMS)


def test_most_filters_find_some_but_not_all_resources(
    directories: list[Directory],
) -> None:
    made = list(samples(Random(SEED), USER_ROWS, directories[0].people(), 500))

    telling = [sample for sample in made if 0 < len(sample.expected) < PEOPLE]

    assert len(telling) > len(made) / 2


@pytest.mark.parametrize("part", range(PARTS))
def test_every_filter_finds_the_same_resources_on_both_databases_and_in_plain_python(
    directories: list[Directory], part: int
) -> None:
    compare(directories, SLICE, SEED + part)
