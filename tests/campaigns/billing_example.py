"""A sound ledger of one organization, small enough to read, and ways to corrupt it."""

from dataclasses import replace
from typing import Any

from tests.campaigns.ledger import Bill, Entry, Invoice, Key, Ledger, Line
from tests.campaigns.load import Record
from tests.campaigns.sales import Basket, Sale

SIGNED: dict[str, Any] = {
    "start": "2026-01-01",
    "months": 6,
    "currency": "USD",
    "prices": {
        "standard": {"amount": "20.00", "per": "month"},
        "premium": {"amount": "600.00", "per": "term"},
    },
    "time_zone": "UTC",
    "method": "monthly_exact",
    "minimum": 3,
    "auto_renew": True,
    "renewal": "in_use",
    "tax": {"percent": "19", "inclusive": False},
}
SECOND = SIGNED | {"term": {"number": 2}}
SEAT = {"standard": [0, 1, 0]}


def entry(number: int, day: str, type_: str, moves: dict[str, list[int]], **other: Any) -> Entry:  # noqa: ANN401
    person, reason = other.pop("person", None), other.pop("reason", None)
    return Entry(number, f"2026-{day}T12:00:00.000000Z", type_, "", reason, person, moves, other)


def billed(number: int, total: str, since: str) -> dict[str, Any]:
    return {"invoice": number, "total": total, "since": since}


ENTRIES = (
    entry(1, "06-15", "organization.created", {"standard": [2, 0, 0]}),
    entry(2, "06-15", "contract.signed", {}, seats={"standard": 2, "premium": 0}),
    entry(3, "06-16", "person.provisioned", SEAT, person="ada"),
    entry(
        4,
        "07-02",
        "contract.renewed",
        {"standard": [1, 0, 0]},
        term=2,
        tiers={"standard": {"renewed": 3}, "premium": {"renewed": 0}},
        **billed(1, "428.40", "2026-07-01"),
    ),
    entry(
        5,
        "08-01",
        "seats.added",
        {"standard": [2, 0, 0]},
        added={"standard": 2},
        upgraded=[],
        **billed(2, "238.00", "2026-08-01"),
    ),
    entry(6, "08-01", "person.provisioned", SEAT, person="bob", reason="seat_added_for"),
    entry(
        7,
        "12-31",
        "seats.upgraded",
        {"standard": [-1, 0, 0], "premium": [1, 0, 0]},
        added={},
        upgraded=[[1, "standard", "premium"]],
        **billed(3, "3.07", "2026-12-31"),
    ),
    entry(8, "12-31", "person.deprovisioned", {"standard": [0, -1, 0]}, person="ada"),
)


def invoice(number: int, sequence: int, reason: str, day: str, since: str, *lines: Line) -> Invoice:
    net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    bill = Bill(since, "2027-01-01", "USD", lines)
    at = f"2026-{day}T12:00:00.000000Z"
    return Invoice(number, sequence, reason, at, bill, net, tax, net + tax, SECOND)


# 120.00 a term; two for five of six months; one upgraded for the last of the 31 days of the last month.
RENEWED = invoice(
    1, 4, "renewal", "07-02", "2026-07-01", Line("renewed", "standard", 3, 12000, "1", 36000, 6840)
)
ADDED = invoice(
    2, 5, "purchase", "08-01", "2026-08-01", Line("added", "standard", 2, 12000, "5/6", 20000, 3800)
)
UPGRADED = invoice(
    3,
    7,
    "purchase",
    "12-31",
    "2026-12-31",
    Line("upgraded", "premium", 1, 60000, "1/186", 323, 61),
    Line("upgraded_from", "standard", 1, 12000, "1/186", -65, -12),
)
INVOICES = (RENEWED, ADDED, UPGRADED)
SOUND = Ledger(2, None, {"standard": 4, "premium": 1}, INVOICES, ENTRIES, (Key("k", 5, 2),))
PREMIUM = Basket({"premium": 1})
FOR_BOB = Basket({"standard": 2}, named=("bob@x",))
SALES = (
    Sale("a", FOR_BOB, "k", "bought", invoice=2, billed=ADDED.bill, placed=("bob@x",)),
    Sale("a", FOR_BOB, "k", "repeated", invoice=2),
    Sale("a", Basket({"standard": 1}), "k", "reused"),
    Sale(
        "a",
        Basket({}, ((1, "standard", "premium"),)),
        None,
        "bought",
        invoice=3,
        confirmed=True,
        shown=UPGRADED.bill,
        billed=UPGRADED.bill,
        seats={"standard": 5, "premium": 0},
    ),
    Sale("a", PREMIUM, None, "changed", confirmed=True, shown=ADDED.bill),
    Sale("a", PREMIUM, None, "refused"),
)
RECORDS = (
    Record(0, "POST", "/Users", "ada@x", 0.0, 1.0, 201, "ada"),
    Record(0, "POST", "/Users", "bob@x", 1.0, 2.0, 201, "bob"),
    Record(0, "PATCH", "/Users/ada", "", 2.0, 3.0, 200, "ada"),
)


def changed(place: int, **values: Any) -> Ledger:  # noqa: ANN401
    """The ledger with another invoice in this place."""
    invoices = [*INVOICES]
    invoices[place] = replace(invoices[place], **values)
    return replace(SOUND, invoices=invoices)


def line(place: int, **values: Any) -> Ledger:  # noqa: ANN401
    """The ledger with another first line in this invoice, and the sums that belong to it."""
    bill = INVOICES[place].bill
    lines = (replace(bill.lines[0], **values), *bill.lines[1:])
    net, tax = sum(one.net for one in lines), sum(one.tax for one in lines)
    return changed(place, bill=replace(bill, lines=lines), net=net, tax=tax, total=net + tax)


def altered(place: int, **values: Any) -> Ledger:  # noqa: ANN401
    """The ledger with another event in this place."""
    entries = [*ENTRIES]
    entries[place] = replace(entries[place], **values)
    return replace(SOUND, entries=entries)


def payload(place: int, **values: Any) -> Ledger:  # noqa: ANN401
    """The ledger with another payload of the event in this place."""
    return altered(place, payload={**ENTRIES[place].payload, **values})


def sold(place: int, **values: Any) -> tuple[Sale, ...]:  # noqa: ANN401
    """The sales with another one in this place."""
    sales = [*SALES]
    sales[place] = replace(sales[place], **values)
    return tuple(sales)
