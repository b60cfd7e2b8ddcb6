"""Left-out people: retries, purchases for them, dismissals; older refusals only by reference."""

import pytest

from scim_server.protocol.user import parse_user
from scim_server.services.confirmations import Done, Stale
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.left_out import commands as clearing
from scim_server.services.left_out import queries as left_out_queries
from scim_server.services.left_out.clear import Cleared
from scim_server.services.left_out.queries import LeftOut
from scim_server.services.mappings import commands as mappings
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows.refusals import Refusal
from seat_policy.mapping import Unmapped
from tests.support.builders.customer import OKTA, USERS, Customer, done, terms
from tests.support.builders.mapped import Mapped


class Crowded(Customer):
    def left_out(self) -> LeftOut:
        return left_out_queries.left_out(Context(self.database, self.id, OPERATOR))

    def numbers(self) -> dict[str, int]:
        return {str(one.user_name).partition("@")[0]: one.sequence for one in self.refused()}

    def refused(self) -> list[Refusal]:
        return [one.refusal for one in self.left_out().rejected]

    def recent(self) -> set[int]:
        return {one.refusal.sequence for one in self.left_out().rejected if one.recent}

    def clearing(self, *chosen: int, preview: bool = False, **how: str | None) -> Done[Cleared] | Stale:
        return clearing.buy(
            self.context(),
            {*map(str, chosen)},
            preview=preview,
            key=how.get("key"),
            confirmation=how.get("confirmation"),
        )

    def clear(self, *chosen: int, preview: bool = False, **how: str | None) -> Cleared:
        return done(self.clearing(*chosen, preview=preview, **how)).result


@pytest.fixture
def acme(database: Database) -> Crowded:
    """One seat; ann has it, bob and cy were refused on 1 March, dee waits since."""
    customer = Crowded(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    customer.provision("ann", "bob", "cy")
    return customer


def outcomes(cleared: Cleared) -> list[tuple[str | None, str]]:
    return [(one.user_name, one.outcome) for one in cleared.retried]


def test_one_confirmed_purchase_buys_the_missing_seats_and_admits_all(acme: Crowded) -> None:
    shown = done(acme.clearing(preview=True))
    seen = shown.result
    before = acme.seats()

    cleared = acme.clear(confirmation=shown.confirmation)

    assert seen.purchase is not None
    # 2 x 20.00 x 10 months
    assert (seen.order.adds, str(seen.purchase.bill and seen.purchase.bill.total)) == (
        {"standard": 2},
        "400.00",
    )
    assert before == {"standard": (1, 1), "premium": (0, 0)}
    assert outcomes(cleared) == [("bob@example.com", "seated"), ("cy@example.com", "seated")]
    assert acme.invoices() == [(1, "purchase", 400_00)]
    assert acme.left_out().rejected == ()
    acme.recount()


def test_waiting_people_are_admitted_before_refused_people(database: Database) -> None:
    acme = Crowded(database, "2026-03-01", terms(), {"standard": 1})
    acme.provision("ann", "bob")
    with database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE organizations SET overflow = 'reject'")
    acme.provision("cy")

    cleared = acme.clear()

    assert cleared.purchase is not None
    assert (cleared.order.adds, cleared.purchase.promoted, outcomes(cleared)) == (
        {"standard": 2},
        1,
        [("cy@example.com", "seated")],
    )
    acme.recount()


def test_a_bill_that_differs_from_the_confirmed_one_is_refused(acme: Crowded) -> None:
    shown = done(acme.clearing(preview=True))
    acme.provision("eve")

    outcome = acme.clearing(confirmation=shown.confirmation)

    assert isinstance(outcome, Stale)
    assert "the price is now 600.00 USD" in outcome.detail
    assert acme.invoices() == []


def test_people_other_than_the_confirmed_ones_are_not_admitted_at_the_same_price(acme: Crowded) -> None:
    shown = done(acme.clearing(preview=True))
    clearing.dismiss(acme.context(), str(acme.numbers()["bob"]), "gone")
    acme.provision("eve")

    outcome = acme.clearing(confirmation=shown.confirmation)

    assert isinstance(outcome, Stale)
    assert [one.name for one in outcome.changed] == ["the people who get a seat are"]
    assert "cy@example.com, eve@example.com" in outcome.detail
    assert acme.invoices() == []


def test_an_idempotency_key_buys_for_left_out_people_once(acme: Crowded) -> None:
    first, again = acme.clear(key="clear-1"), acme.clear(key="clear-1")

    assert first.purchase is not None
    assert again.purchase is not None
    assert (again.purchase.repeated, again.purchase.invoice) == (True, first.purchase.invoice)
    assert len(acme.invoices()) == 1


def test_refusals_older_than_seven_days_are_included_only_by_reference(acme: Crowded) -> None:
    numbers = acme.numbers()
    acme.today = "2026-03-07"
    acme.provision("cy")
    acme.today = "2026-03-09"
    assert acme.recent() == {numbers["cy"]}

    recent = acme.clear()
    with pytest.raises(ServiceError, match="nobody is left out"):
        acme.clear()
    named = acme.clear(numbers["bob"])

    assert (outcomes(recent), outcomes(named)) == (
        [("cy@example.com", "seated")],
        [("bob@example.com", "seated")],
    )
    acme.recount()


def test_retrying_all_skips_refusals_older_than_seven_days(acme: Crowded) -> None:
    acme.today = "2026-03-07"
    acme.provision("cy")
    acme.today = "2026-03-09"
    acme.buy(standard=5)

    done = clearing.retry(Context(acme.database, acme.id, OPERATOR), None)

    assert [(one.user_name, one.outcome) for one in done.tried] == [("cy@example.com", "seated")]


def test_a_person_admitted_from_the_log_is_unconfirmed_until_the_provider_sends_them(
    acme: Crowded,
) -> None:
    acme.clear()
    let_in = acme.person("bob")
    before = acme.events()

    acme.today = "2026-03-02"
    people.replace(
        Context(acme.database, acme.id, OKTA), let_in.id, parse_user({"userName": "bob@example.com"}, USERS)
    )

    assert let_in.unconfirmed is not None
    assert (acme.person("bob").unconfirmed, acme.person("bob").touched) == (None, acme_now("2026-03-02"))
    assert acme.events() == before


def acme_now(day: str) -> str:
    return f"{day}T12:00:00.000000Z"


def test_a_dismissed_entry_has_its_reason_and_a_new_attempt_opens_another_entry(acme: Crowded) -> None:
    number = acme.numbers()["bob"]

    with pytest.raises(ServiceError, match="a reason is needed"):
        clearing.dismiss(acme.context(), f"{acme.slug}-{number}", " ")
    clearing.dismiss(acme.context(), f"{acme.slug}-{number}", "left the company")
    with pytest.raises(ServiceError, match="no open refusal has the id"):
        clearing.dismiss(acme.context(), f"{acme.slug}-{number}", "again")
    closed = acme.numbers()
    acme.provision("bob")

    assert set(closed) == {"cy"}
    assert acme.numbers()["bob"] > number
    acme.recount()


def test_a_refused_person_created_in_the_meantime_is_not_admitted_twice(acme: Crowded) -> None:
    # cy is created another way before the entry is closed, so the retry has no work.
    acme.buy(standard=1)
    acme.provision("cy")

    cleared = acme.clear()

    assert outcomes(cleared) == [("bob@example.com", "seated")]
    acme.recount()


def test_a_retry_by_an_admin_is_not_counted_as_an_attempt_of_the_provider(acme: Crowded) -> None:
    acme.today = "2026-03-07"
    acme.provision("cy")
    retried = clearing.retry(Context(acme.database, acme.id, OPERATOR), str(acme.numbers()["bob"]))
    acme.today = "2026-03-10"

    refused = acme.refused()

    assert [one.outcome for one in retried.tried] == ["rejected"]
    assert [(one.user_name, one.attempts, one.last_attempt[:10]) for one in refused] == [
        ("bob@example.com", 1, "2026-03-01"),
        ("cy@example.com", 2, "2026-03-07"),
    ]
    assert acme.recent() == {acme.numbers()["cy"]}


@pytest.fixture
def awaiting(database: Database) -> Mapped:
    """Ann has the one seat; bob, whose group gives one, found none and was refused it."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    customer.map("Sales", tier="standard")
    customer.unmapped(Unmapped.NONE)
    customer.provision("ann", "bob")
    customer.group("Sales", "ann", "bob")
    return customer


def test_a_seat_bought_for_a_refused_member_of_a_mapped_group_goes_to_that_member(awaiting: Mapped) -> None:
    cleared = done(clearing.buy(Context(awaiting.database, awaiting.id, OPERATOR))).result

    assert (cleared.order.adds, outcomes(cleared)) == ({"standard": 1}, [("bob@example.com", "seated")])
    assert awaiting.seats_of("bob") == [("standard", None)]
    assert left_out_queries.left_out(Context(awaiting.database, awaiting.id, OPERATOR)).rejected == ()
    awaiting.recount()


def test_a_retried_member_of_a_mapped_group_is_refused_again_without_a_free_seat(awaiting: Mapped) -> None:
    (done,) = clearing.retry(awaiting.context(), None).tried

    (entry,) = left_out_queries.left_out(Context(awaiting.database, awaiting.id, OPERATOR)).rejected
    assert (done.outcome, done.detail, entry.refusal.attempts) == ("rejected", entry.refusal.detail, 1)


def test_a_member_whose_group_no_longer_gives_a_seat_is_no_longer_left_out(awaiting: Mapped) -> None:
    mappings.remove(Context(awaiting.database, awaiting.id, OPERATOR), "Sales")
    awaiting.map("Others", tier="standard")
    awaiting.remove("ann")

    done = clearing.retry(Context(awaiting.database, awaiting.id, OPERATOR), None)

    assert done.tried == ()
    assert awaiting.seats_of("bob") == [(None, None)]


def test_a_seat_freed_by_the_purchase_is_not_bought(database: Database) -> None:
    acme = Mapped(database, "2026-03-01", terms(), {"standard": 1})
    acme.provision("bob")
    acme.map("Gold", tier="premium")
    acme.unmapped(Unmapped.LOWEST)
    acme.group("Gold", "bob")
    acme.provision("cy")

    cleared = done(clearing.buy(Context(database, acme.id, OPERATOR))).result

    assert cleared.order.adds == {"premium": 1}
    assert acme.seats_of("bob", "cy") == [("premium", None), ("standard", None)]
    acme.recount()
