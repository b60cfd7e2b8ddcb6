"""What must hold of invoices and contracts; each function returns the faults that it finds.

`tests/campaigns/test_billing_checks.py` shows each to fail on corrupted records.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.campaigns import amounts
from tests.campaigns.checks import UNCERTAIN
from tests.campaigns.ledger import Entry, Invoice, Ledger
from tests.campaigns.load import Record
from tests.campaigns.sales import Basket, Sale

BOUGHT: Final = ("seats.added", "seats.upgraded")
RELEASES: Final = ("person.deprovisioned", "person.deleted")
ALLOWED: Final = {
    "POST": {HTTPStatus.CREATED, HTTPStatus.FORBIDDEN},
    "PATCH": {HTTPStatus.OK, HTTPStatus.FORBIDDEN},
    "DELETE": {HTTPStatus.NO_CONTENT},
}


def answers(records: Sequence[Record], sales: Sequence[Sale], longest: float) -> list[str]:
    """Every request was answered in time with a possible answer."""
    wrong = [
        f"{record.method} {record.path} was answered {record.status or 'nothing'}"
        for record in records
        if record.status not in ALLOWED[record.method]
    ]
    wrong += [f"an order of {sale.slug} failed: {sale.said}" for sale in sales if sale.outcome == "failed"]
    took = [record.answered - record.sent for record in records]
    slow = max((*took, *(sale.answered - sale.sent for sale in sales)), default=0.0)
    return wrong if slow <= longest else [*wrong, f"a request waited {slow:.1f} s for an answer"]


def refused_buyers(sales: Iterable[Sale], signed: Mapping[str, Any]) -> list[str]:
    """A renewing contract sells at any time, and the named people get the bought seats."""
    words = {"No seats are assigned now": signed["auto_renew"], "more people than seats": True}
    return [
        f"{sale.basket} was refused: {sale.said}"
        for sale in sales
        if sale.outcome == "refused" and any(wrong and said in sale.said for said, wrong in words.items())
    ]


def day(at: str, contract: Mapping[str, Any]) -> date:
    """The day of a moment where a contract counts."""
    return datetime.fromisoformat(at).astimezone(ZoneInfo(contract["time_zone"])).date()


def over(ledger: Ledger, signed: Mapping[str, Any], at: str) -> bool:
    """Whether the last term of a contract has ended."""
    return ledger.term is not None and amounts.term(signed, ledger.term)[1] <= day(at, signed)


def invoiced(ledger: Ledger, signed: Mapping[str, Any]) -> list[str]:
    """Invoices are numbered 1..n, explained by one event each, the sums of their lines, and priced right."""
    numbers = [invoice.number for invoice in ledger.invoices]
    wrong = []
    if numbers != list(range(1, len(numbers) + 1)):
        wrong.append(f"the invoices are numbered {numbers}")
    named = {
        entry.payload["invoice"]: entry
        for entry in reversed(ledger.entries)
        if entry.payload.get("invoice") is not None
    }
    if sum(entry.payload.get("invoice") is not None for entry in ledger.entries) != len(named):
        wrong.append("two events name the same invoice")
    wrong += [f"event {named[one].sequence} names invoice {one}" for one in sorted(named.keys() - {*numbers})]
    earlier = 0
    for invoice in ledger.invoices:
        wrong += [f"invoice {invoice.number} {fault}" for fault in _explained(invoice, named, earlier)]
        wrong += [f"invoice {invoice.number} {fault}" for fault in _priced(invoice, signed)]
        earlier = invoice.sequence
    return wrong


def _explained(invoice: Invoice, named: Mapping[int, Entry], earlier: int) -> Iterator[str]:
    entry = named.get(invoice.number)
    if entry is None or entry.sequence != invoice.sequence:
        yield f"is not named by its event {invoice.sequence}"
    elif (entry.payload["since"], _minor(entry, invoice)) != (invoice.bill.since, invoice.total):
        yield f"is not what its event says: {entry.payload}"
    if invoice.sequence <= earlier:
        yield f"explains event {invoice.sequence}, the one before {earlier}"
    net, tax = (sum(getattr(line, part) for line in invoice.bill.lines) for part in ("net", "tax"))
    if (invoice.net, invoice.tax, invoice.total) != (net, tax, net + tax) or not invoice.bill.lines:
        yield f"has the total {invoice.total} and lines of {net} + {tax}"


def _minor(entry: Entry, invoice: Invoice) -> int:
    return int(Decimal(entry.payload["total"]).scaleb(amounts.DECIMALS[invoice.bill.currency]))


def _priced(invoice: Invoice, signed: Mapping[str, Any]) -> Iterator[str]:
    contract, bill = invoice.contract, invoice.bill
    said = {name: contract[name] for name in signed} | {
        "prices": {tier: {"amount": p["amount"], "per": p["per"]} for tier, p in contract["prices"].items()}
    }
    if said != signed or bill.currency != contract["currency"]:
        yield f"was computed from {said}"
        return
    first, end = amounts.term(contract, contract["term"]["number"])
    if bill.until != end.isoformat():
        yield f"ends on {bill.until} instead of {end}"
    since, today = date.fromisoformat(bill.since), day(invoice.issued, contract)
    if invoice.reason != "purchase" and since != first:
        yield f"begins on {since} instead of {first}"
    if invoice.reason == "purchase" and not today - timedelta(days=31) <= since <= today:
        yield f"begins on {since}, and was issued on {today}"
    expected = amounts.lines(contract, since, [(line.kind, line.tier, line.quantity) for line in bill.lines])
    for line, wanted in zip(bill.lines, expected, strict=True):
        if (line.unit, Fraction(line.fraction), line.net, line.tax) != wanted:
            yield f"has {line} instead of {wanted}"


def claimed(ledger: Ledger, sales: Sequence[Sale]) -> list[str]:
    """Each acknowledged purchase has exactly one invoice; no other order was billed or carried out."""
    wrong = []
    by_number = {invoice.number: invoice for invoice in ledger.invoices if invoice.reason == "purchase"}
    owners = Counter(sale.invoice for sale in sales if sale.outcome == "bought" and sale.invoice is not None)
    wrong += [f"{owners[one]} purchases were told invoice {one}" for one in owners if owners[one] > 1]
    wrong += [f"invoice {one} is nobody's purchase" for one in sorted(by_number.keys() - owners.keys())]
    for sale in sales:
        if sale.outcome in ("bought", "repeated") and sale.invoice is not None:
            invoice = by_number.get(sale.invoice)
            if invoice is None:
                wrong.append(f"{sale.basket} was acknowledged, and its invoice {sale.invoice} is lost")
            else:
                wrong += [f"invoice {sale.invoice} {fault}" for fault in _sold(invoice, sale, ledger.entries)]
    free = Counter(
        _as_payload(sale.basket) for sale in sales if sale.outcome == "bought" and not sale.invoice
    )
    done = Counter(
        _key(entry.payload)
        for entry in ledger.entries
        if entry.type in BOUGHT and not entry.payload.get("invoice")
    )
    if free != done:
        wrong.append(f"without an invoice were bought {dict(done - free)}, told of {dict(free - done)}")
    return wrong


def _as_payload(basket: Basket) -> str:
    return _key({"added": basket.adds, "upgraded": basket.upgrades})


def _key(payload: Mapping[str, Any]) -> str:
    return f"{sorted(payload['added'].items())} {[tuple(one) for one in payload['upgraded']]}"


def _sold(invoice: Invoice, sale: Sale, entries: Sequence[Entry]) -> Iterator[str]:
    basket = sale.basket
    wanted = [("added", tier, quantity) for tier, quantity in basket.adds.items()]
    for quantity, source, target in basket.upgrades:
        wanted += [("upgraded", target, quantity), ("upgraded_from", source, quantity)]
    found = [(line.kind, line.tier, line.quantity) for line in invoice.bill.lines]
    if found != wanted:
        yield f"has {found} and was acknowledged for {wanted}"
    if sale.outcome == "bought" and sale.billed is not None and sale.billed != invoice.bill:
        yield f"was told as {sale.billed}"
    if not basket.back and invoice.bill.since != (today := f"{day(invoice.issued, invoice.contract)}"):
        yield f"begins on {invoice.bill.since} instead of {today}"
    seated = entries[invoice.sequence : invoice.sequence + len(basket.named)]
    if sale.outcome == "bought" and (
        {*sale.placed} != {*basket.named}
        or {one.reason for one in seated} - {"seat_added_for", "seat_upgraded"}
        or len({one.person for one in seated}) != len(basket.named)
    ):
        yield f"was for {basket.named}, and then came {[(one.type, one.reason) for one in seated]}"


def keyed(ledger: Ledger, sales: Iterable[Sale]) -> list[str]:
    """A key has bought once; every request with that order got the same answer, others were refused."""
    sent: dict[str, list[Sale]] = defaultdict(list)
    for sale in sales:
        if sale.key is not None:
            sent[sale.key].append(sale)
    rows = {key.key: key for key in ledger.keys}
    sequences = {invoice.number: invoice.sequence for invoice in ledger.invoices}
    wrong = [f"the key {name} is stored, and nobody sent it" for name in sorted(rows.keys() - sent.keys())]
    for name, each in sent.items():
        acknowledged = [sale for sale in each if sale.outcome in ("bought", "repeated")]
        wrong += [f"the key {name} {fault}" for fault in _once(each, acknowledged)]
        row = rows.get(name)
        stored = None if row is None else (row.invoice, row.sequence)
        known = (
            None
            if not acknowledged
            else (acknowledged[0].invoice, sequences.get(acknowledged[0].invoice or 0))
        )
        # Without an invoice the answer does not name the event.
        if stored != known and (stored is None or known is None or acknowledged[0].invoice or stored[0]):
            wrong.append(f"the key {name} is stored with {stored}, told with {known}")
    return wrong


def _once(each: Sequence[Sale], acknowledged: Sequence[Sale]) -> Iterator[str]:
    baskets = {_as_payload(sale.basket) for sale in acknowledged}
    times = sum(sale.outcome == "bought" for sale in acknowledged)
    if times != bool(acknowledged) or len(baskets) > 1:
        yield f"has bought {times} times: {sorted(baskets)}"
    if len({sale.invoice for sale in acknowledged}) > 1:
        yield f"has the invoices {[sale.invoice for sale in acknowledged]}"
    if any(
        sale.outcome == "reused" and (not acknowledged or _as_payload(sale.basket) in baskets)
        for sale in each
    ):
        yield "was refused to the order that it bought"


def confirmed(ledger: Ledger, sales: Iterable[Sale]) -> list[str]:
    """Each confirmed purchase was billed as its preview showed, with the seats that it showed."""
    invoices = {invoice.number: invoice for invoice in ledger.invoices}
    wrong = []
    for sale in sales:
        if sale.confirmed and sale.outcome == "bought":
            invoice = invoices.get(sale.invoice or 0)
            if sale.shown != sale.billed or (invoice is not None and sale.shown != invoice.bill):
                wrong.append(f"invoice {sale.invoice} is {sale.billed}, and its preview showed {sale.shown}")
            if invoice is not None and (there := _seats(ledger, invoice.sequence)) != Counter(sale.seats):
                wrong.append(f"invoice {sale.invoice} adds to {there}, its preview showed {sale.seats}")
    return wrong


def _seats(ledger: Ledger, sequence: int) -> Counter[str]:
    """How many seats there were before an event."""
    there: Counter[str] = Counter()
    for entry in ledger.entries[: sequence - 1]:
        there.update({tier: change[0] for tier, change in entry.seats.items()})
    return there


def released(entries: Iterable[Entry], records: Iterable[Record], sales: Iterable[Sale]) -> list[str]:
    """Seats were lost by a release that was asked for, and moved only with a named occupant."""
    records = list(records)
    asked = {
        record.path.rpartition("/")[2]
        for record in records
        if record.method in ("PATCH", "DELETE") and record.status in (*UNCERTAIN, 200, 204)
    }
    ids = {record.name: record.id for record in records if record.method == "POST"}
    named = {ids.get(name) for sale in sales for name in sale.placed}
    wrong = []
    for entry in entries:
        taken = [change[1] for change in entry.seats.values() if change[1]]
        if sum(taken) < 0 and (entry.type not in RELEASES or entry.person not in asked):
            wrong.append(f"event {entry.sequence} {entry.type} took the seat of {entry.person}")
        if len(taken) > 1 and entry.person not in named:
            wrong.append(f"event {entry.sequence} moved {entry.person}, whom no order named")
    return wrong
