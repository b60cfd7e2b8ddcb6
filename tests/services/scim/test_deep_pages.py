"""A page in the middle of a long list equals one counted from the start, with any remembered positions."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random
from uuid import uuid4

import pytest

from scim_server.protocol.dialects import TOLERANT
from scim_server.protocol.resources import USER
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import parse_user
from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import commands, queries
from scim_server.services.people.provision import Saved
from scim_server.services.scim import search
from scim_server.services.scim.search import Query
from scim_server.store.database import schema
from scim_server.store.database.ranks import MOST_PLACES, Ranks
from scim_server.store.database.session import OPERATOR
from tests.conftest import DIALECTS

READER = ResourceSchema(USER, TOLERANT)
STEPS = 250


class List:
    """The people of an organization on two processes' connections, and their ids in the order of arrival."""

    def __init__(self, one: Context, other: Context) -> None:
        self.contexts = (one, other)
        self.ids: list[str] = []

    def create(self, context: Context) -> None:
        outcome = commands.create(context, parse_user({"userName": uuid4().hex}, READER))
        assert isinstance(outcome, Saved)
        self.ids.append(outcome.person.id)

    def delete(self, context: Context, place: int) -> None:
        commands.delete(context, self.ids.pop(place))

    def page(self, context: Context, start: int, count: int) -> tuple[list[str], int]:
        found = queries.find(context, Query(start_index=start, count=count), USER, seats=False)
        return [one.id for one in found.resources], found.total

    def expected(self, start: int, count: int) -> tuple[list[str], int]:
        return self.ids[start - 1 : start - 1 + count], len(self.ids)


@pytest.fixture(params=DIALECTS)
def listed(
    request: pytest.FixtureRequest, new_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[List]:
    monkeypatch.setattr(search, "_APART", 2)
    monkeypatch.setattr(search, "_STRIDE", 6)
    url = new_url(request.param)
    databases = [due.opened(url) for _ in range(2)]
    schema.upgrade(databases[0])
    founded = organizations.create(databases[0], OPERATOR, NewOrganization("long", {"standard": 500}))
    contexts = [Context(one, founded.organization.id, OPERATOR) for one in databases]
    yield List(contexts[0], contexts[1])
    for one in databases:
        one.close()


def test_pages_at_any_position_are_correct_under_creates_and_deletions(listed: List) -> None:
    rng = Random(5)
    for _ in range(40):
        listed.create(listed.contexts[0])

    for _ in range(STEPS):
        context = rng.choice(listed.contexts)
        step = rng.random()
        if step < 0.08:
            listed.create(context)
        elif step < 0.16:
            listed.delete(context, rng.randrange(len(listed.ids)))
        start, count = rng.randrange(1, len(listed.ids) + 5), rng.randrange(1, 8)
        assert listed.page(rng.choice(listed.contexts), start, count) == listed.expected(start, count)


def test_a_remembered_position_avoids_counting_from_the_start(
    listed: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = listed.contexts[0]
    for _ in range(30):
        listed.create(context)
    passed: list[object] = []
    ask = type(context.database).ask

    def note(*given: object) -> object:
        passed.append(dict(given[-1])["passed"])  # type: ignore[call-overload]
        return ask(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(type(context.database), "ask", note)
    for start in (23, 23, 28, 17):
        assert listed.page(context, start, 5) == listed.expected(start, 5)

    # Strides of 6 to the places 6 and 12, then 10 more; the page again; the one after its end; one before it.
    assert passed == [6, 6, 10, 0, 0, 4]


def test_a_removal_by_another_process_invalidates_remembered_positions(listed: List) -> None:
    """Proof that these tests can fail: the remembered position would give the wrong page."""
    here, there = listed.contexts
    for _ in range(30):
        listed.create(here)
    listed.page(here, 21, 5)
    listed.delete(there, 0)

    rank, sequence, removed = here.database.ranks.before(here.organization, "people", 20) or (0, 0, 0)
    assert rank == 20
    assert listed.page(here, 21, 5) == listed.expected(21, 5)
    assert here.database.ranks.before(here.organization, "people", 20) != (rank, sequence, removed)


def test_the_remembered_positions_of_a_list_are_few_and_spread_out() -> None:
    ranks = Ranks()

    for rank in range(0, 1_000_000, 500):
        ranks.note("acme", "people", 7, {rank: rank * 3})

    kept = {found for rank in range(0, 1_000_000, 100) if (found := ranks.before("acme", "people", rank))}
    assert MOST_PLACES / 4 <= len(kept) <= MOST_PLACES
    ordered = sorted(rank for rank, *_ in kept)
    assert max(after - before for before, after in pairwise(ordered)) <= 1_000_000 / MOST_PLACES * 8
    assert all(sequence == rank * 3 and removed == 7 for rank, sequence, removed in kept)
    assert ranks.before("other", "people", 5) is None
