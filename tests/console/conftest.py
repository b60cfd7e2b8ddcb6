"""Organizations with a console."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from scim_server.services.billing.contracts import Terms
from scim_server.services.organizations.create import NewOrganization
from scim_server.store.database.session import Database
from seat_policy.contract import Per
from seat_policy.overflow import Overflow
from tests.console.visiting import OWNER, Place, founded, new_slug
from tests.support.builders.customer import at

Found = Callable[..., Place]
MORNING = at("2026-03-15T09:00:00Z")
"""The time of these tests; their contracts begin on 1 January and have twelve months."""


@pytest.fixture
def clock(database: Database) -> Iterator[Callable[[str], None]]:
    """The time stands still at MORNING; the function sets it to another."""
    real = database.now

    def set_to(text: str) -> None:
        database.now = lambda: at(text)

    database.now = lambda: MORNING
    yield set_to
    database.now = real


@pytest.fixture
def new_place(database: Database, clock: Callable[[str], None]) -> Found:  # noqa: ARG001 - the time stands still
    """A function that founds an organization with seats by tier, and with prices per term if given."""

    def found(
        seats: Mapping[str, int], *, overflow: str = "reject", prices: Mapping[str, str] | None = None
    ) -> Place:
        terms = None
        if prices is not None:
            per_term = {tier: (amount, Per.TERM) for tier, amount in prices.items()}
            terms = Terms(start=at("2026-01-01").date(), months=12, currency="USD", prices=per_term)
        new = NewOrganization(new_slug(), seats, overflow=Overflow(overflow), owner=OWNER, terms=terms)
        return founded(database, new)

    return found
