"""The checks of a contract's history and of single amounts fail on faulty records."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import text

from scim_server.services.billing import commands as billing
from scim_server.services.billing import due
from scim_server.services.billing.contracts import Terms
from scim_server.services.confirmations import Done
from scim_server.services.context import Context
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.store.database import schema
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.contract import Per
from tests.campaigns import amounts, billing_checks, ledger
from tests.campaigns.billing import Round, commands
from tests.campaigns.billing_example import (
    ENTRIES,
    RENEWED,
    SECOND,
    SIGNED,
    SOUND,
    UPGRADED,
    altered,
    changed,
    line,
    payload,
)
from tests.campaigns.customers import CommandResult, Customer
from tests.campaigns.ledger import Ledger
from tests.campaigns.replay import replayed
from tests.campaigns.sales import Basket, Sale
from tests.conftest import DIALECTS
from tests.support.servers.running import Organization


@pytest.mark.parametrize(
    ("corrupted", "said"),
    [
        (replace(SOUND, purchased={"standard": 3, "premium": 1}), "there are {'standard': 3, 'premium': 1}"),
        (replace(SOUND, invoices=(RENEWED, UPGRADED), entries=[*payload(4, invoice=None, added={}).entries]),
         "event 5 leaves"),
        (line(0, quantity=4), "event 4 leaves"),
        (line(1, quantity=1), "event 5 leaves"),
        (line(2, tier="standard"), "event 7 leaves"),
        (altered(4, seats={"standard": [3, 0, 0]}), "event 5 leaves"),
        (payload(1, seats={"standard": 1, "premium": 0}), "event 2 leaves"),
        (payload(1, invoice=2), "event 2 is the opening of {'standard': 2, 'premium': 0}, invoice 2 says"),
        (replace(SOUND, term=1), "the contract is in term 1, the events lead to 2"),
        (replace(SOUND, ended="2026-07-01"), "the contract ended 0 times, and says 2026-07-01"),
        (altered(7, type="contract.ended"), "the contract ended 1 times, and says None"),
        (altered(2, type="contract.signed", payload=ENTRIES[1].payload), "the contract was signed 2 times"),
        (altered(3, at="2026-06-30T12:00:00Z"), "event 4 came before the end of term 1"),
        (altered(3, type="contract.renewed_ahead"), "1 renewals were billed ahead of time instead of 0"),
        (altered(3, type="contract.renewed_ahead"), "event 4 leaves"),
        (altered(2, type="contract.ended"), "event 3 came before the end of term 1"),
        (altered(3, type="contract.changed"), "event 4 contract.changed came after the end of term 1"),
        (altered(2, at="2026-07-01T12:00:00Z"), "event 3 person.provisioned came after the end of term 1"),
        (altered(3, type="contract.ended", seats={}), "event 5 seats.added gave a seat after the contract"),
        (altered(5, reason="contract_inactive"), "event 6 refused a person although the contract runs"),
        (payload(3, term=3), "event 4 begins term 3 instead of 2"),
        (line(0, quantity=2), "event 4 renews {'standard': 2} instead of {'standard': 3"),
        (changed(1, contract=SECOND | {"term": {"number": 1}}), "5 has an invoice of term 1 for term 2"),
        (
            altered(2, type="contract.renewed", payload=ENTRIES[3].payload),
            "event 4 begins term 2 instead of 3",
        ),
    ],
)  # fmt: skip
def test_the_check_reports_a_history_that_the_invoices_do_not_explain(corrupted: Ledger, said: str) -> None:
    faults = replayed(corrupted, SIGNED, ahead=0)

    assert [fault for fault in faults if said in fault], faults


def test_the_check_reports_a_renewal_of_a_contract_without_renewal() -> None:
    assert "event 4 renews a contract that is not to be renewed" in replayed(
        SOUND, SIGNED | {"auto_renew": False}, ahead=0
    )


@pytest.mark.parametrize(
    ("steps", "said"),
    [(["renewed_ahead", "renewed_ahead"], ["2 commands"]), ([], ["2 commands"]), (["renewed_ahead"], [])],
)
def test_the_check_reports_more_or_fewer_than_one_successful_renewal_in_advance(
    steps: list[str], said: list[str]
) -> None:
    customer = Customer("ahead", "queue", SIGNED, Organization("a", "", ""))
    arguments = ("renew", "a", "--as-of", "2026-07-01", "--json")
    answers = [CommandResult(arguments, 0, '{"steps": []}', "")] * (2 - len(steps))
    answers += [CommandResult(arguments, 0, f'{{"steps": [{{"outcome": "{step}"}}]}}', "") for step in steps]

    faults = commands(Round([customer], said=answers))

    assert [one for one in said if one in faults[0]] == said
    assert len(faults) == len(said)


def test_the_check_reports_a_failed_command() -> None:
    (fault,) = commands(Round([], said=[CommandResult(("renew", "a"), 1, "", "no")]))

    assert fault == "('renew', 'a') ended with 1: no"


@pytest.mark.parametrize(
    ("terms", "since", "sold", "expected"),
    [
        # The worked examples of the rules: 12 months from 2026-01-01, 20.00 and 100.00 USD a month.
        ({}, "2026-03-01", [("added", "standard", 5)], [100000]),
        (
            {},
            "2026-03-01",
            [("upgraded", "premium", 10), ("upgraded_from", "standard", 10)],
            [1000000, -200000],
        ),
        ({}, "2026-03-15", [("added", "standard", 5)], [95484]),
        ({"method": "month_started"}, "2026-03-15", [("added", "standard", 5)], [100000]),
        ({"method": "month_completed"}, "2026-03-15", [("added", "standard", 5)], [90000]),
        ({"method": "day_actual"}, "2026-03-15", [("added", "standard", 5)], [96000]),
        ({}, "2026-12-31", [("added", "standard", 5)], [323]),
        ({"start": "2024-02-29"}, "2024-03-29", [("added", "standard", 1)], [22000]),
        ({"start": "2026-01-31"}, "2026-03-30", [("added", "standard", 3)], [60194]),
    ],
)
def test_the_campaign_computes_the_worked_examples(
    terms: dict[str, Any], since: str, sold: list[tuple[str, str, int]], expected: list[int]
) -> None:
    prices = {
        "standard": {"amount": "20.00", "per": "month"},
        "premium": {"amount": "100.00", "per": "month"},
    }
    contract = SIGNED | {"months": 12, "tax": None, "prices": prices, "term": {"number": 1}} | terms

    found = [net for *_, net, _ in amounts.lines(contract, date.fromisoformat(since), sold)]

    assert found == expected


def test_a_purchase_after_a_renewal_in_advance_pays_the_rest_of_both_terms() -> None:
    assert amounts.share(SECOND, date(2026, 6, 1)) == Fraction(7, 6)


@pytest.fixture(params=DIALECTS)
def database(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Database]:
    """A separate database, because the test damages it."""
    opened = due.opened(new_url(request.param))
    schema.upgrade(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "UPDATE seat_pool SET purchased = 8 WHERE tier = 'standard'",
            "there are {'premium': 0, 'standard': 8}",
        ),
        ("UPDATE contracts SET term = 2", "the contract is in term 2, the events lead to 1"),
        ("DELETE FROM purchases", "the key k is stored with None, told with (1,"),
        ("UPDATE purchases SET sequence = 1", "the key k is stored with (1, 1), told with (1,"),
    ],
)
def test_the_checks_pass_a_real_ledger_until_it_is_damaged(
    database: Database, damage: str, said: str
) -> None:
    terms = Terms(prices={"standard": ("20.00", Per.MONTH)})
    made = organizations.create(
        database, OPERATOR, NewOrganization("acme", {"standard": 5}, terms=terms)
    ).organization
    basket = Basket({"standard": 2})
    done = billing.buy(Context(database, made.id, OPERATOR), basket.request("k"))
    assert isinstance(done, Done)
    bought = done.result
    assert bought.invoice is not None
    sale = Sale("acme", basket, "k", "bought", invoice=bought.invoice.number)
    before = ledger.read(database.url, "acme")
    signed = {name: before.invoices[0].contract[name] for name in SIGNED} | {
        "prices": {"standard": {"amount": "20.00", "per": "month"}}
    }

    database.write_unnumbered(lambda connection: connection.execute(text(damage)))

    after = ledger.read(database.url, "acme")
    assert real(before, signed, sale) == []
    assert [fault for fault in real(after, signed, sale) if said in fault], real(after, signed, sale)


def real(found: Ledger, signed: dict[str, Any], sale: Sale) -> list[str]:
    return [
        *billing_checks.invoiced(found, signed),
        *billing_checks.claimed(found, [sale]),
        *billing_checks.keyed(found, [sale]),
        *replayed(found, signed, ahead=0),
    ]
