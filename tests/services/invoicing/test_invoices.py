"""Invoices: immutable in the database, numbered without gaps, corrected only by credit notes."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from scim_server.services.billing import purchases
from scim_server.services.billing.purchases import Request
from scim_server.services.confirmations import Stale
from scim_server.services.errors import ReasonMissing, ServiceError
from scim_server.services.invoicing import commands, queries
from scim_server.store.database.session import Actor, Database, Write
from seat_policy.bill import Order
from seat_policy.ways_in import WayIn
from tests.support.builders.customer import Customer, done, terms


@pytest.fixture
def acme(database: Database) -> Customer:
    """With an invoice of three lines: 5 standard seats, and an upgrade of 1, for 10 months."""
    customer = Customer(database, "2026-03-01", terms(seller="Seller", bill_to="Buyer"), {"standard": 2})
    customer.buy((1, "standard", "premium"), standard=5)
    return customer


@pytest.mark.parametrize("table", ["invoices", "invoice_lines"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET net = net + 1 WHERE organization = :org",
        "UPDATE {table} SET tax = 0 WHERE organization = :org",
        "DELETE FROM {table} WHERE organization = :org",
        "sqlite: INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE organization = :org",
        "postgresql: TRUNCATE {table} CASCADE",
    ],
)
def test_the_database_refuses_to_change_an_invoice(acme: Customer, table: str, statement: str) -> None:
    dialect, said, query = statement.format(table=table).rpartition(": ")
    if said and dialect != acme.database.dialect:
        return  # the other database has no such statement

    with pytest.raises(DBAPIError, match="immutable"), acme.database.writer.begin() as connection:
        connection.execute(text(query), {"org": acme.id} if ":org" in query else {})


def test_an_invoice_keeps_the_inputs_that_made_it(acme: Customer) -> None:
    before = queries.find(acme.context(), 1).invoice

    acme.sign(terms(prices={"standard": ("99", terms().prices["standard"][1])}, seller="Other", minimum=9))
    after = queries.find(acme.context(), 1).invoice

    contract = before.inputs["contract"]
    assert after == before
    assert (before.inputs["seller"], before.inputs["bill_to"], before.inputs["actor"]) == (
        "Seller",
        "Buyer",
        "operator",
    )
    assert (contract["start"], contract["months"], contract["method"]) == ("2026-01-01", 12, "monthly_exact")
    assert contract["prices"]["standard"] == {"amount": "20.00", "per": "month", "term": "240.00"}
    assert [(line.quantity, line.unit, line.fraction, line.net) for line in before.lines] == [
        (5, 240_00, "5/6", 1_000_00),
        (1, 1_200_00, "5/6", 1_000_00),
        (1, 240_00, "5/6", -200_00),
    ]


def test_a_failed_purchase_leaves_no_gap_in_the_numbers(acme: Customer) -> None:
    class Lost(Exception):
        pass

    def unit(write: Write) -> None:
        purchases.place(write, Request(Order({"standard": 1})))
        raise Lost

    with pytest.raises(Lost):
        acme.database.write(acme.id, Actor("buyer", WayIn.CLI), unit)
    acme.buy(standard=1, preview=True)
    acme.buy(standard=1)

    assert [number for number, *_ in acme.invoices()] == [1, 2]
    acme.recount()


def test_a_credit_note_reverses_an_invoice_and_refers_to_it(acme: Customer) -> None:
    seats = acme.seats()

    note = acme.credit(1, reason="ordered by mistake")

    assert (note.number, note.credits, note.total, note.inputs["why"]) == (
        2,
        1,
        -1_800_00,
        "ordered by mistake",
    )
    assert [(line.credits_position, line.net) for line in note.lines] == [
        (1, -1_000_00),
        (2, -1_000_00),
        (3, 200_00),
    ]
    assert queries.find(acme.context(), 1).credited == {1: 2, 2: 2, 3: 2}
    assert acme.seats() == seats
    acme.recount()


def test_the_two_lines_of_an_upgrade_are_credited_together(acme: Customer) -> None:
    for position in (2, 3):
        other = Customer(acme.database, "2026-03-01", terms(), {"standard": 2})
        other.buy((1, "standard", "premium"), standard=5)

        note = other.credit(1, position, reason="no upgrade")

        assert ([line.credits_position for line in note.lines], note.total) == ([2, 3], -800_00)


def test_single_lines_can_be_credited_once_each(acme: Customer) -> None:
    commands.credit(acme.context(), 1, reason="one line", positions=[1])

    with pytest.raises(ServiceError, match="line 1 of invoice 1 was already credited by 2"):
        commands.credit(acme.context(), 1, reason="again", positions=[2, 1])
    commands.credit(acme.context(), 1, reason="the rest")
    with pytest.raises(ServiceError, match="was already credited"):
        commands.credit(acme.context(), 1, reason="nothing is left")

    assert acme.invoices() == [(1, "purchase", 1_800_00), (2, "credit", -1_000_00), (3, "credit", -800_00)]
    acme.recount()


@pytest.mark.parametrize(
    ("number", "positions", "refusal"),
    [(9, [], "invoice 9 does not exist"), (1, [4], "has no line 4"), (2, [], "2 is a credit note")],
)
def test_an_impossible_credit_is_refused(
    acme: Customer, number: int, positions: list[int], refusal: str
) -> None:
    commands.credit(acme.context(), 1, reason="one line", positions=[1])
    before = acme.invoices()

    with pytest.raises(ServiceError, match=refusal):
        commands.credit(acme.context(), number, reason="x", positions=positions)

    assert acme.invoices() == before


def test_invoices_are_listed_newest_first_in_pages_without_gaps(acme: Customer) -> None:
    for _ in range(4):
        acme.buy(standard=1)

    first = queries.every(acme.context(), limit=3)
    rest = queries.every(acme.context(), before=int(first.next_cursor or 0), limit=3)

    assert [one.invoice.number for one in first.data + rest.data] == [5, 4, 3, 2, 1]
    assert rest.next_cursor is None


@pytest.mark.parametrize("reason", ["", "  ", "\n\t"])
def test_a_credit_note_requires_a_reason(acme: Customer, reason: str) -> None:
    with pytest.raises(ReasonMissing, match="needs a reason"):
        acme.credit(1, reason=reason)

    assert acme.invoices() == [(1, "purchase", 1_800_00)]


def test_lines_of_a_credit_note_describe_the_reversal_and_add_up(acme: Customer) -> None:
    note = acme.credit(1)

    assert [(line.description, line.explanation, line.net) for line in note.lines] == [
        ("Credit for 5 standard seats added", "- 5 seats x 20.00 x (10 months)", -1_000_00),
        ("Credit for 1 premium seat by upgrade", "- 1 seat x 100.00 x (10 months)", -1_000_00),
        ("Reversal of: Credit for 1 standard seat upgraded", "1 seat x 20.00 x (10 months)", 200_00),
    ]
    assert sum(line.net for line in note.lines) == note.total


def test_a_credit_note_is_issued_exactly_as_previewed(acme: Customer) -> None:
    before = (acme.invoices(), acme.events())
    seen = done(commands.credit(acme.context(), 1, reason="a mistake", preview=True))
    untouched = (acme.invoices(), acme.events())

    note = done(commands.credit(acme.context(), 1, reason="a mistake", confirmation=seen.confirmation)).result

    assert untouched == before
    assert (note.total, note.lines) == (seen.result.total, seen.result.lines)


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"reason": "another"}, "the reason is"),
        ({"positions": [1]}, "the credited lines are"),
        ({"number": 2}, "the invoice is"),
    ],
)
def test_a_confirmation_of_a_credit_is_valid_for_one_invoice_its_lines_and_reason(
    acme: Customer, changed: dict[str, Any], part: str
) -> None:
    acme.buy((1, "standard", "premium"), standard=5)
    asked: dict[str, Any] = {"number": 1, "reason": "a mistake", "positions": ()}
    seen = done(commands.credit(acme.context(), **asked, preview=True))
    before = acme.invoices()

    outcome = commands.credit(acme.context(), **(asked | changed), confirmation=seen.confirmation)

    assert isinstance(outcome, Stale)
    assert part in [one.name for one in outcome.changed]
    assert acme.invoices() == before


def test_a_credit_that_changed_since_its_preview_is_refused(acme: Customer) -> None:
    seen = done(commands.credit(acme.context(), 1, reason="a mistake", preview=True))
    acme.credit(1, 1)
    before = acme.invoices()

    outcome = commands.credit(acme.context(), 1, reason="a mistake", confirmation=seen.confirmation)

    assert isinstance(outcome, Stale)
    assert "the credit is now -800.00 USD" in outcome.detail
    assert acme.invoices() == before


def test_lines_with_tax_in_the_price_explain_the_gross_amount(database: Database) -> None:
    signed = terms(tax=Decimal(19), tax_inclusive=True)
    acme = Customer(database, "2026-03-01", signed, {"standard": 2})

    bought = acme.buy((1, "standard", "premium"), standard=5)
    note = acme.credit(1)

    assert bought.invoice is not None
    assert [(line.explanation, line.net + line.tax) for line in bought.invoice.lines] == [
        ("5 seats x 20.00 x (10 months) = 1000.00 with tax", 1_000_00),
        ("1 seat x 100.00 x (10 months) = 1000.00 with tax", 1_000_00),
        ("- 1 seat x 20.00 x (10 months) = -200.00 with tax", -200_00),
    ]
    assert [line.explanation for line in note.lines] == [
        "- 5 seats x 20.00 x (10 months) = -1000.00 with tax",
        "- 1 seat x 100.00 x (10 months) = -1000.00 with tax",
        "1 seat x 20.00 x (10 months) = 200.00 with tax",
    ]
