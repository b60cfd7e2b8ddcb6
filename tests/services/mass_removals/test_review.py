"""A detected mass removal: its seats are held or not, and it is restored or confirmed."""

import json

import pytest

from scim_server.services.confirmations import Stale
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.mass_removals import commands as removals
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.services.people import provision
from scim_server.services.people import queries as people_queries
from scim_server.services.people.sign_in import Entry
from scim_server.store.database.session import OPERATOR, Database
from tests.support.builders.customer import done as settled
from tests.support.builders.removing import RemovalCustomer, names

# Not held


def test_without_a_hold_the_queue_moves_and_the_owners_are_notified(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 30}, holds=False)
    acme.provision(*names(1, 50))

    acme.deactivate(names(1, 20))

    assert acme.sitting(names(31, 50)) == {"standard"}
    (payload,) = [
        json.loads(row.payload) if isinstance(row.payload, str) else row.payload
        for row in acme.rows("SELECT type, payload FROM events")
        if row.type == "removal.detected"
    ]
    assert payload == {"people": 20, "of": 50, "minutes": 10, "holds": False}
    assert acme.pool() == (30, 30, 0, 0)


def test_restoring_without_held_seats_buys_seats_at_the_exact_price(
    database: Database,
) -> None:
    acme = RemovalCustomer(database, {"standard": 30}, holds=False)
    acme.provision(*names(1, 50))
    acme.deactivate(names(1, 20))
    seen = settled(acme.restoring(preview=True))

    done = acme.restore(confirmation=seen.confirmation)

    # 20 seats x 20.00 x 10 months
    assert acme.invoices() == [(1, "purchase", 4_000_00)]
    assert {(one.outcome, one.tier, one.source.value) for one in done.people} == {
        ("seated", "standard", "missing")
    }
    assert acme.sitting(names(1, 50)) == {"standard"}
    assert acme.pool() == (50, 50, 0, 0)
    acme.recount()


# Held


def test_held_seats_go_neither_to_the_queue_nor_to_newcomers(held: RemovalCustomer) -> None:
    before = held.pool()

    assert held.provision("q1", "q2") == ["waiting", "waiting"]

    # 45 = p26 to p70, and ten of the twenty-five seats are theirs.
    assert (before, held.pool()) == ((60, 45, 15, 0), (60, 45, 15, 0))
    assert held.sitting(names(1, 25)) == {"inactive"}
    held.recount()


def test_a_person_with_a_held_seat_has_no_access(held: RemovalCustomer) -> None:
    answer = people_queries.entitlement(Context(held.database, held.id, OPERATOR), held.person("p25").id)

    assert answer is not None
    assert (answer.decision, answer.reason) == (Entry.REFUSED, "inactive")


def test_people_reactivated_by_the_provider_get_their_held_seats(held: RemovalCustomer) -> None:
    held.provision("q1", "q2")

    held.activate([*names(1, 10), *names(21, 25)])

    assert held.sitting([*names(1, 10), *names(21, 25)]) == {"standard"}
    assert held.sitting(["q1", "q2"]) == {"waiting"}
    assert held.pool() == (60, 60, 0, 0)
    held.activate(["p11"])
    assert held.sitting(["p11"]) == {"waiting"}, "no more than fifteen seats were held"
    held.recount()


def test_a_person_activated_by_an_admin_gets_their_held_seat(
    held: RemovalCustomer,
) -> None:
    held.provision("q1")

    outcome = people.activate(Context(held.database, held.id, OPERATOR), "p25@example.com")

    assert isinstance(outcome, provision.Saved)
    assert (outcome.person.tier, held.sitting(["q1"])) == ("standard", {"waiting"})
    assert held.pool() == (60, 46, 14, 0)
    held.recount()


def test_confirming_gives_the_held_seats_to_the_queue_in_order(held: RemovalCustomer) -> None:
    held.provision(*[f"q{number}" for number in range(20)])

    done = held.confirm()

    assert (done.freed, done.promoted) == ({"standard": 15}, 15)
    assert held.sitting(f"q{number}" for number in range(15)) == {"standard"}
    assert held.sitting(f"q{number}" for number in range(15, 20)) == {"waiting"}
    assert held.pool() == (60, 60, 0, 0)
    held.recount()


def test_restoring_gives_back_held_seats_and_buys_the_missing_ones(held: RemovalCustomer) -> None:
    done = held.restore()

    # Ten seats are missing: 10 x 20.00 x 10 months.
    assert held.invoices() == [(1, "purchase", 2_000_00)]
    assert [one.source.value for one in done.people] == ["held"] * 10 + ["missing"] * 10 + ["held"] * 5
    assert held.sitting(names(1, 70)) == {"standard"}
    assert held.pool() == (70, 70, 0, 0)
    held.recount()


def test_seats_bought_for_restored_people_do_not_go_to_the_queue(held: RemovalCustomer) -> None:
    held.provision("q1", "q2")

    held.restore()

    assert (held.sitting(names(1, 25)), held.sitting(["q1", "q2"])) == ({"standard"}, {"waiting"})
    assert held.invoices() == [(1, "purchase", 2_000_00)]
    held.recount()


def test_a_preview_of_restoring_or_confirming_changes_nothing(held: RemovalCustomer) -> None:
    before = (held.pool(), held.events(), held.invoices(), held.sitting(names(1, 25)))

    held.restore(preview=True)
    held.restore(preview=True, buys=False)

    assert (held.pool(), held.events(), held.invoices(), held.sitting(names(1, 25))) == before


def test_after_restoring_without_buying_people_without_a_seat_wait(held: RemovalCustomer) -> None:
    done = held.restore(buys=False)

    assert [one.outcome for one in done.people] == ["seated"] * 10 + ["waiting"] * 10 + ["seated"] * 5
    assert (held.invoices(), held.pool()[:3]) == ([], (60, 60, 0))
    held.recount()


def test_under_reject_restoring_without_buying_refuses_people_without_a_seat(held: RemovalCustomer) -> None:
    organizations.configure(Context(held.database, held.id, OPERATOR), Changes({"overflow": "reject"}))

    done = held.restore(buys=False)

    assert [one.outcome for one in done.people] == ["seated"] * 10 + ["refused"] * 10 + ["seated"] * 5
    assert held.sitting(names(11, 20)) == {"inactive"}
    held.recount()


def test_a_bill_that_differs_from_the_confirmed_one_is_refused(held: RemovalCustomer) -> None:
    seen = settled(held.restoring(preview=True))
    held.activate(names(11, 12))  # two of those for whom nothing is held: they wait now

    outcome = held.restoring(confirmation=seen.confirmation)

    assert isinstance(outcome, Stale)
    assert "the price is" in [one.name for one in outcome.changed]

    assert (held.invoices(), held.pool()[2]) == ([], 15)
    held.recount()


def test_an_idempotency_key_restores_and_buys_once(held: RemovalCustomer) -> None:
    held.restore(key="monday")
    again = held.restore(key="monday")

    assert again.purchase is not None
    assert again.purchase.repeated
    assert len(held.invoices()) == 1
    assert held.pool() == (70, 70, 0, 0)


def test_a_removal_can_be_closed_once(held: RemovalCustomer) -> None:
    held.confirm()

    for again in (held.confirm, held.restore):
        with pytest.raises(ServiceError, match="was already confirmed"):
            again()

    held.recount()


def test_an_unknown_removal_is_an_error(held: RemovalCustomer) -> None:
    with pytest.raises(ServiceError, match=f"removal {held.slug}-999999 does not exist"):
        removals.confirm(Context(held.database, held.id, OPERATOR), "999999")


def test_a_suspended_organization_restores_no_person_and_keeps_the_held_seats(held: RemovalCustomer) -> None:
    organizations.suspend(Context(held.database, held.id, OPERATOR))

    with pytest.raises(ServiceError, match="suspended"):
        held.restore()
    held.provision_values("p01", active=True)  # refused, as every grant is

    assert held.sitting(["p01"]) == {"inactive"}
    assert held.pool()[2] == 15
    held.recount()


def test_while_no_seats_are_given_even_held_seats_are_not_restored(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 30})
    acme.provision(*names(1, 30))
    acme.deactivate(names(1, 25))
    organizations.suspend(Context(database, acme.id, OPERATOR))

    with pytest.raises(ServiceError, match="suspended"):
        acme.restore()

    assert acme.sitting(names(1, 25)) == {"inactive"}


def test_each_restored_person_gets_a_bought_seat_of_their_earlier_tier(
    database: Database,
) -> None:
    acme = RemovalCustomer(database, {"premium": 10, "standard": 20}, holds=False)
    acme.provision(*names(1, 60))
    acme.deactivate([*names(11, 30), *names(1, 10)])  # first the people on standard, then those on premium

    acme.restore()

    # 20 x 200.00 and 10 x 1,000.00
    assert acme.invoices() == [(1, "purchase", 14_000_00)]
    assert (acme.sitting(names(1, 10)), acme.sitting(names(11, 30))) == ({"premium"}, {"standard"})
    acme.recount()


def test_held_seats_count_as_in_use_at_a_renewal(held: RemovalCustomer) -> None:
    held.today = "2027-01-01T00:00"

    held.pass_the_time()

    assert held.pool()[:3] == (60, 45, 15)
    held.recount()


def test_a_confirmation_is_refused_if_other_people_would_get_the_freed_seats(held: RemovalCustomer) -> None:
    held.provision("newcomer", "another")
    seen = settled(held.confirming(preview=True))
    held.remove("newcomer")
    before = held.pool()

    outcome = held.confirming(confirmation=seen.confirmation)

    assert len(seen.result.let_in) == 2
    assert isinstance(outcome, Stale)
    assert "the people who get a seat are" in [one.name for one in outcome.changed]
    assert held.pool() == before


def test_a_confirmation_token_for_restoring_is_refused_for_confirming(held: RemovalCustomer) -> None:
    seen = settled(held.restoring(preview=True))

    outcome = held.confirming(confirmation=seen.confirmation)

    assert isinstance(outcome, Stale)
    assert outcome.foreign
