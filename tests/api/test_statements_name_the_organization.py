"""Every statement of a request reads and writes the rows of one organization, and names it.

This keeps customers apart, and lets the tables be distributed by organization (docs/scale.md).
"""

import gc
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import ClauseElement, alias, and_, bindparam, delete, event, or_, select, update

import scim_server.store
from scim_server.services.billing import due
from scim_server.store import tables
from scim_server.store.database import schema
from scim_server.store.database.compiled import Compiled
from tests.api.statement_counts import FEW, Act, Place, get, place
from tests.api.test_statement_counts import PEOPLE_ROUTES, SINGLE_READS
from tests.api.test_statement_counts_of_groups import GROUP_ROUTES
from tests.conftest import DIALECTS
from tests.support.oracles.tied import loose_tables

SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
people, values, organizations = tables.people, tables.person_values, tables.organizations
HERE = people.c.organization == bindparam("org")
BOTH = (
    select(people.c.organization, people.c.id)
    .union_all(select(values.c.organization, values.c.person))
    .subquery("both")
)
TIED: dict[str, ClauseElement] = {
    "one table": select(people).where(HERE, people.c.active),
    "a table joined by the organization": select(people, values)
    .join(values, values.c.organization == people.c.organization)
    .where(HERE),
    "a subquery of the same organization": select(people).where(
        HERE,
        people.c.id.in_(select(values.c.person).where(values.c.organization == people.c.organization)),
    ),
    "a union as a subquery": select(BOTH.c.id).where(BOTH.c.organization == bindparam("org")),
    "by the slug": select(people)
    .join(organizations, organizations.c.id == people.c.organization)
    .where(organizations.c.slug == bindparam("slug")),
    "a change": update(people).where(and_(HERE, people.c.id == "x")).values(active=False),
}
LOOSE: dict[str, tuple[ClauseElement, set[str]]] = {
    "one table": (select(people).where(people.c.id == bindparam("id")), {"people"}),
    "an alternative": (select(people).where(or_(HERE, people.c.active)), {"people"}),
    "a table joined without the organization": (
        select(people, values).join(values, values.c.person == people.c.id).where(HERE),
        {"person_values"},
    ),
    "a subquery of all organizations": (
        select(people).where(HERE, people.c.id.in_(select(values.c.person))),
        {"person_values"},
    ),
    "an alias": (select(alias(people, "manager").c.id), {"manager"}),
    "a deletion": (delete(people).where(people.c.id == "x"), {"people"}),
}


@pytest.mark.parametrize("statement", TIED.values(), ids=TIED.keys())
def test_a_statement_of_one_organization_is_recognized(statement: ClauseElement) -> None:
    assert loose_tables(statement) == set()


@pytest.mark.parametrize(("statement", "loose"), LOOSE.values(), ids=LOOSE.keys())
def test_a_statement_without_the_organization_is_recognized(
    statement: ClauseElement, loose: set[str]
) -> None:
    assert loose_tables(statement) == loose


FEWEST = 25
"""The least number of statements that are compiled at import."""


ROUTES: dict[str, Act] = {
    **PEOPLE_ROUTES,
    **SINGLE_READS,
    **{f"{name} of a group": route for name, route in GROUP_ROUTES.items()},
    "sort by a name": lambda where: get(where, "/Users", sortBy="name.familyName", count="5"),
    "search all types": lambda where: (
        lambda: where.client.post("/.search", json={"schemas": [SEARCH_REQUEST], "filter": "displayName pr"})
    ),
    "filter by department": lambda where: get(where, "/Users", filter='department eq "x"', count="0"),
    "filter without an index": lambda where: get(where, "/Users", filter='nickName co "x"'),
}


def compiled() -> list[ClauseElement]:
    """Every statement of a hot path that exists in this process."""
    return [one._statement for one in gc.get_objects() if isinstance(one, Compiled)]


def test_every_statement_that_is_compiled_at_import_names_the_organization() -> None:
    for module in pkgutil.walk_packages(scim_server.store.__path__, "scim_server.store."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)

    loose = [str(one) for one in compiled() if loose_tables(one)]

    assert len(compiled()) > FEWEST
    assert loose == []


@pytest.fixture(scope="module", params=DIALECTS)
def small(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Place]:
    database = due.opened(new_url(request.param))
    schema.upgrade(database)
    with place(database, FEW, 0) as filled:
        yield filled
    database.close()


@pytest.mark.parametrize("act", ROUTES.values(), ids=ROUTES.keys())
def test_every_statement_of_a_request_names_the_organization(small: Place, act: Act) -> None:
    database = small.at.database
    request = act(small)
    seen: list[ClauseElement] = []

    def note(*given: Any) -> None:  # noqa: ANN401 - SQLAlchemy's arguments: see ConnectionEvents
        seen.append(given[1])

    with ExitStack() as listening:
        for engine in {database.writer, database.reader, database.single}:
            event.listen(engine, "before_execute", note)
            listening.callback(event.remove, engine, "before_execute", note)
        answer = request()

    assert answer.is_success, answer.text
    assert {str(one) for one in seen if loose_tables(one)} == set()


def test_every_statement_that_requests_compiled_names_the_organization(small: Place) -> None:
    """The requests of the test before compiled them, and this test compiles one if it runs alone."""
    get(small, "/Users", filter='title eq "x"')()

    loose = {str(one) for one in compiled() if loose_tables(one)}

    assert loose == set()
