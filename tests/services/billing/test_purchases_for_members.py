"""A purchase meant for a person whose groups give them a tier."""

import pytest

from scim_server.services.errors import ServiceError
from scim_server.store.database.session import Database
from seat_policy.mapping import Unmapped
from tests.support.builders.customer import terms
from tests.support.builders.mapped import Mapped


def test_a_purchase_for_a_person_does_not_override_the_tier_of_their_group(database: Database) -> None:
    acme = Mapped(database, "2026-03-01", terms(), {"standard": 1})
    acme.map("Sales", tier="standard")
    acme.provision("ann", "dee")
    acme.group("Sales", "dee")

    with pytest.raises(ServiceError, match="in a group that gives standard"):
        acme.buy(premium=1, for_people=("dee",))
    acme.buy(premium=1, standard=1, for_people=("dee",))

    assert acme.seats_of("dee") == [("standard", None)]
    acme.recount()


def test_a_purchase_for_a_person_closes_their_refusal(database: Database) -> None:
    acme = Mapped(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    acme.map("Sales", tier="standard")
    acme.unmapped(Unmapped.NONE)
    acme.provision("ann", "bob")
    acme.group("Sales", "ann", "bob")

    acme.buy(standard=1, for_people=("bob",))

    assert acme.seats_of("ann", "bob") == [("standard", None)] * 2
    assert [row.closed is None for row in acme.rows("SELECT closed FROM refusals")] == [False]
