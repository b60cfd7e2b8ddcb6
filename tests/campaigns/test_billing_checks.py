"""Each check of invoices and purchases fails on faulty records."""

from dataclasses import replace

import pytest

from tests.campaigns import billing_checks
from tests.campaigns.billing_example import (
    ADDED,
    ENTRIES,
    FOR_BOB,
    INVOICES,
    PREMIUM,
    RECORDS,
    RENEWED,
    SALES,
    SEAT,
    SECOND,
    SIGNED,
    SOUND,
    UPGRADED,
    altered,
    changed,
    line,
    payload,
    sold,
)
from tests.campaigns.ledger import Entry, Key, Ledger
from tests.campaigns.load import NO_ANSWER, Record
from tests.campaigns.replay import replayed
from tests.campaigns.sales import Basket, Sale


def everything(found: Ledger, sales: tuple[Sale, ...] = SALES) -> list[str]:
    return [
        *billing_checks.invoiced(found, SIGNED),
        *billing_checks.claimed(found, sales),
        *billing_checks.keyed(found, sales),
        *billing_checks.confirmed(found, sales),
        *billing_checks.released(found.entries, RECORDS, sales),
        *replayed(found, SIGNED, ahead=0),
    ]


def test_a_correct_ledger_passes_every_check() -> None:
    assert everything(SOUND) == []
    assert billing_checks.answers(RECORDS, SALES, 15) == []


@pytest.mark.parametrize(
    ("corrupted", "said"),
    [
        (replace(SOUND, invoices=INVOICES[::2]), "the invoices are numbered [1, 3]"),
        (replace(SOUND, invoices=(*INVOICES, UPGRADED)), "the invoices are numbered [1, 2, 3, 3]"),
        (replace(SOUND, invoices=INVOICES[:2]), "event 7 names invoice 3"),
        (payload(4, invoice=1), "two events name the same invoice"),
        (payload(4, invoice=None), "invoice 2 is not named by its event 5"),
        (changed(1, sequence=6), "invoice 2 is not named by its event 6"),
        (payload(4, total="238.01"), "invoice 2 is not what its event says"),
        (payload(4, since="2026-08-02"), "invoice 2 is not what its event says"),
        (changed(2, sequence=4), "invoice 3 explains event 4, the one before 5"),
        (changed(1, total=23801), "invoice 2 has the total 23801 and lines of 20000 + 3800"),
        (changed(1, net=19999, tax=3801), "invoice 2 has the total 23800 and lines of 20000 + 3800"),
        (changed(1, contract=SECOND | {"months": 12}), "invoice 2 was computed from"),
        (changed(1, bill=replace(ADDED.bill, currency="JPY")), "invoice 2 was computed from"),
        (changed(1, bill=replace(ADDED.bill, until="2026-07-01")), "invoice 2 ends on 2026-07-01"),
        (changed(0, bill=replace(RENEWED.bill, since="2026-07-02")), "1 begins on 2026-07-02 instead of"),
        (changed(1, issued="2026-09-02T12:00:00Z"), "2 begins on 2026-08-01, and was issued on 2026-09-02"),
        (changed(1, issued="2026-07-31T12:00:00Z"), "2 begins on 2026-08-01, and was issued on 2026-07-31"),
        (line(1, net=20001), "invoice 2 has Line(kind='added', tier='standard', quantity=2, unit=12000"),
        (line(1, tax=3801), "invoice 2 has Line(kind='added', tier='standard', quantity=2, unit=12000"),
        (line(1, unit=12001), "invoice 2 has Line(kind='added', tier='standard', quantity=2, unit=12001"),
        (line(1, fraction="4/6"), "fraction='4/6', net=20000, tax=3800) instead of (12000, Fraction(5, 6)"),
        (line(1, quantity=3), "instead of (12000, Fraction(5, 6), 30000, 5700)"),
    ],
)  # fmt: skip
def test_the_check_reports_faulty_invoices(corrupted: Ledger, said: str) -> None:
    faults = billing_checks.invoiced(corrupted, SIGNED)

    assert [fault for fault in faults if said in fault], faults


@pytest.mark.parametrize(
    ("found", "sales", "said"),
    [
        (SOUND, SALES[:3], "invoice 3 is nobody's purchase"),
        (SOUND, sold(3, outcome="refused"), "invoice 3 is nobody's purchase"),
        (SOUND, sold(3, outcome="changed"), "invoice 3 is nobody's purchase"),
        (SOUND, (*SALES, SALES[3]), "2 purchases were told invoice 3"),
        (replace(SOUND, invoices=INVOICES[:2]), SALES, "its invoice 3 is lost"),
        (line(1, quantity=1), SALES, "and was acknowledged for [('added', 'standard', 2)]"),
        (line(1, net=1), SALES, "invoice 2 was told as Bill("),
        (changed(2, issued="2027-01-01T12:00:00Z"), SALES, "3 begins on 2026-12-31 instead of 2027-01-01"),
        (SOUND, sold(0, placed=()), "invoice 2 was for ('bob@x',), and then came"),
        (altered(5, reason="created"), SALES, "[('person.provisioned', 'created')]"),
        (payload(6, invoice=None), SALES, "were bought {\"[] [(1, 'standard', 'premium')]\": 1}"),
        (SOUND, (*SALES, Sale("a", PREMIUM, None, "bought")), "told of {\"[('premium', 1)] []\": 1}"),
    ],
)  # fmt: skip
def test_the_check_reports_purchases_and_invoices_that_do_not_match(
    found: Ledger, sales: tuple[Sale, ...], said: str
) -> None:
    faults = billing_checks.claimed(found, sales)

    assert [fault for fault in faults if said in fault], faults


@pytest.mark.parametrize(
    ("found", "sales", "said"),
    [
        (SOUND, sold(1, outcome="bought"), "the key k has bought 2 times"),
        (SOUND, sold(0, outcome="repeated"), "the key k has bought 0 times"),
        (SOUND, sold(1, basket=Basket({"standard": 1})), "the key k has bought 1 times: ["),
        (SOUND, sold(1, invoice=3), "the key k has the invoices [2, 3]"),
        (SOUND, sold(2, basket=FOR_BOB), "the key k was refused to the order that it bought"),
        (SOUND, SALES[2:], "the key k was refused to the order that it bought"),
        (SOUND, SALES[3:], "the key k is stored, and nobody sent it"),
        (replace(SOUND, keys=()), SALES, "the key k is stored with None, told with (2, 5)"),
        (replace(SOUND, keys=(Key("k", 5, None),)), SALES, "the key k is stored with (None, 5)"),
        (replace(SOUND, keys=(Key("k", 7, 2),)), SALES, "the key k is stored with (2, 7), told with (2, 5)"),
    ],
)  # fmt: skip
def test_the_check_reports_a_key_that_bought_anything_except_its_one_order(
    found: Ledger, sales: tuple[Sale, ...], said: str
) -> None:
    faults = billing_checks.keyed(found, sales)

    assert [fault for fault in faults if said in fault], faults


@pytest.mark.parametrize(
    ("found", "sales"),
    [
        (SOUND, sold(3, shown=replace(UPGRADED.bill, since="2026-12-30"))),
        (SOUND, sold(3, shown=None)),
        (line(2, net=324), SALES),
        (SOUND, sold(3, seats={"standard": 4})),
    ],
)
def test_the_check_reports_a_purchase_billed_differently_from_its_preview(
    found: Ledger, sales: tuple[Sale, ...]
) -> None:
    (fault,) = billing_checks.confirmed(found, sales)

    assert "its preview showed" in fault


@pytest.mark.parametrize(
    ("records", "entries", "said"),
    [
        (RECORDS[:2], ENTRIES, "event 8 person.deprovisioned took the seat of ada"),
        (
            (*RECORDS[:2], replace(RECORDS[2], status=403)),
            ENTRIES,
            "event 8 person.deprovisioned took the seat of ada",
        ),
        (
            RECORDS,
            altered(7, type="contract.renewed").entries,
            "event 8 contract.renewed took the seat of ada",
        ),
        (
            RECORDS,
            altered(5, type="person.moved", person="ada", seats={**SEAT, "premium": [0, -1, 0]}).entries,
            "event 6 moved ada, whom no order named",
        ),
    ],
)
def test_the_check_reports_a_seat_lost_or_moved_without_a_request(
    records: tuple[Record, ...], entries: tuple[Entry, ...], said: str
) -> None:
    assert said in billing_checks.released(entries, records, SALES)


def test_the_check_reports_missing_and_late_answers() -> None:
    broken = (*RECORDS, Record(0, "DELETE", "/Users/bob", "", 3.0, 4.0, 503))
    silent = (*RECORDS, Record(0, "POST", "/Users", "cyd", 3.0, 19.0, NO_ANSWER))
    failed = (*SALES, Sale("a", Basket({"standard": 1}), None, "failed", "IntegrityError()"))

    assert billing_checks.answers(broken, SALES, 15) == ["DELETE /Users/bob was answered 503"]
    assert billing_checks.answers(silent, SALES, 15) == [
        "POST /Users was answered nothing",
        "a request waited 16.0 s for an answer",
    ]
    assert billing_checks.answers(RECORDS, failed, 15) == ["an order of a failed: IntegrityError()"]


def test_the_check_reports_a_buyer_refused_under_a_renewing_contract() -> None:
    refused = [Sale("a", PREMIUM, None, "refused", "No seats are assigned now, because the contract ended")]

    assert len(billing_checks.refused_buyers(refused, SIGNED)) == 1
    assert billing_checks.refused_buyers(refused, SIGNED | {"auto_renew": False}) == []
    assert billing_checks.refused_buyers(SALES, SIGNED) == []


def test_the_check_reports_named_people_who_got_none_of_the_bought_seats() -> None:
    refused = [Sale("a", FOR_BOB, None, "refused", "the order contains more people than seats")]

    assert len(billing_checks.refused_buyers(refused, SIGNED)) == 1
