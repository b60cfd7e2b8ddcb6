"""People with a seat that others wait for: it is not bought again, and circles exchange seats (SEATS 23)."""

import pytest

from scim_server.services.context import Context
from scim_server.services.left_out import commands as clearing
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.mapping import Unmapped
from tests.support.builders.customer import done, terms
from tests.support.builders.mapped import Mapped

PAIRS = [("standard", "premium"), ("premium", "standard")]


@pytest.fixture
def acme(database: Database) -> Mapped:
    """Ann and bob have premium, cy and dee standard; two groups give one tier each."""
    customer = Mapped(database, "2026-03-01", terms(), {"premium": 2, "standard": 2}, overflow="queue")
    customer.map("Up", tier="premium")
    customer.map("Down", tier="standard")
    customer.provision("ann", "bob", "cy", "dee")
    return customer


def crossed(acme: Mapped) -> None:
    """Each person waits for the tier of two others, and zoe, the first in the queue, waits for any seat."""
    acme.provision("zoe")
    acme.group("Down", "ann", "bob")
    acme.group("Up", "cy", "dee")
    assert acme.seats_of("ann", "bob", "cy", "dee") == [PAIRS[1]] * 2 + [PAIRS[0]] * 2


SWAPPED = [("standard", None)] * 2 + [("premium", None)] * 2


def test_a_circle_exchanges_seats_after_an_earlier_waiting_person_gets_one(acme: Mapped) -> None:
    crossed(acme)

    acme.buy(standard=1)

    assert acme.seats_of("zoe", "ann", "bob", "cy", "dee") == [("standard", None), *SWAPPED]
    acme.recount()


def test_a_circle_exchanges_seats_after_an_earlier_waiting_person_leaves(acme: Mapped) -> None:
    crossed(acme)

    acme.remove("zoe")

    assert acme.seats_of("ann", "bob", "cy", "dee") == SWAPPED
    acme.recount()


def test_an_exchange_of_seats_is_recorded_as_promotions_with_the_reason_places_changed(acme: Mapped) -> None:
    crossed(acme)

    acme.remove("zoe")

    rows = acme.rows("SELECT person, type, reason FROM events")
    promoted = [row.person for row in rows if (row.type, row.reason) == ("person.promoted", "places_changed")]
    assert set(promoted) == set(acme.ids(["ann", "bob", "cy", "dee"]))


def test_no_seat_is_bought_for_a_circle(acme: Mapped) -> None:
    crossed(acme)

    cleared = done(clearing.buy(Context(acme.database, acme.id, OPERATOR))).result

    assert cleared.order.adds == {"standard": 1}  # zoe's
    assert cleared.purchase is not None
    # 20.00 x 10 months
    assert str(cleared.purchase.bill and cleared.purchase.bill.total) == "200.00"
    assert acme.seats_of("zoe", "ann", "bob", "cy", "dee") == [("standard", None), *SWAPPED]
    assert acme.seats() == {"standard": (3, 3), "premium": (2, 2)}
    acme.recount()


def test_a_higher_seat_left_by_a_person_is_not_bought_again_for_the_next(acme: Mapped) -> None:
    acme.unmapped(Unmapped.NONE)
    acme.group("Down", "ann")
    acme.provision("zoe")
    acme.group("Up", "zoe")

    cleared = done(clearing.buy(Context(acme.database, acme.id, OPERATOR))).result

    assert cleared.order.adds == {"standard": 1}
    assert acme.seats_of("ann", "zoe") == [("standard", None), ("premium", None)]
    assert acme.seats() == {"standard": (3, 3), "premium": (2, 2)}
    acme.recount()
