"""Invoices and credit notes as text and as an HTML page. `invoice_pdf` creates the PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from scim_server.documents import formats
from scim_server.store.rows.invoices import Invoice, InvoiceLine
from seat_policy.money import Money
from seat_policy.proration import Proration, Remaining, Term, remaining

_PAGES: Final = Environment(
    loader=PackageLoader("scim_server.documents"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Page:
    """The text of an invoice, for HTML and PDF.

    Attributes:
        facts: label and value of each entry at the top.
        rows: description, calculation, share of the term, amount.
        sums: label and amount; the last entry is the amount to pay.
        note: the reason of a credit note.
    """

    title: str
    seller: tuple[str, ...]
    bill_to: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[tuple[str, str], ...]
    note: str


def day_of_issue(invoice: Invoice) -> date:
    """The day of issue in the time zone of the contract."""
    zone = ZoneInfo(invoice.inputs["contract"]["time_zone"])
    return datetime.fromisoformat(invoice.issued).astimezone(zone).date()


def issued_on(invoice: Invoice) -> str:
    """The day of issue as invoices show it."""
    return formats.day(day_of_issue(invoice))


def billed_part(invoice: Invoice) -> Remaining:
    """The part of the term that an invoice bills, computed again from the contract that it contains."""
    contract = invoice.inputs["contract"]
    months, number = int(contract["months"]), int(contract["term"]["number"])
    term = Term(date.fromisoformat(contract["start"]), (number - 1) * months, months)
    return remaining(term, date.fromisoformat(invoice.since), Proration(contract["method"]))


def page(invoice: Invoice) -> Page:
    """The text of an invoice."""
    last = date.fromisoformat(invoice.until) - timedelta(days=1)
    tax = invoice.inputs["contract"]["tax"]
    facts = [
        ("Number", invoice.reference),
        ("Issued", issued_on(invoice)),
        ("For", f"{formats.day(date.fromisoformat(invoice.since))} to {formats.day(last)}"),
        ("Organization", str(invoice.inputs["organization"])),
    ]
    if invoice.credits is not None:
        facts.insert(1, ("Corrects", invoice.reference_of(invoice.credits)))
    columns = ("", "Calculation", "Share of term", f"Net {invoice.currency}")
    return Page(
        title="Invoice" if invoice.credits is None else "Credit note",
        seller=tuple(str(invoice.inputs["seller"]).splitlines()),
        bill_to=tuple(str(invoice.inputs["bill_to"]).splitlines()),
        facts=tuple(facts),
        columns=columns if tax is None else (*columns, "Tax"),
        rows=tuple(_row(invoice, line, taxed=tax is not None) for line in invoice.lines),
        sums=_sums(invoice, tax),
        note=str(invoice.inputs.get("why") or ""),
    )


def _row(invoice: Invoice, line: InvoiceLine, *, taxed: bool) -> tuple[str, ...]:
    share = Fraction(line.fraction)
    cells = (
        line.description,
        line.explanation,
        "whole" if share == 1 else line.fraction,
        formats.amount(Money(line.net, invoice.currency)),
    )
    return (*cells, formats.amount(Money(line.tax, invoice.currency))) if taxed else cells


def _sums(invoice: Invoice, tax: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    total = (f"Total {invoice.currency}", formats.amount(Money(invoice.total, invoice.currency)))
    if tax is None:
        return (total,)
    contained = ", contained in prices" if tax["inclusive"] else ""
    return (
        ("Net", formats.amount(Money(invoice.net, invoice.currency))),
        (f"Tax {tax['percent']} %{contained}", formats.amount(Money(invoice.tax, invoice.currency))),
        total,
    )


def as_html(invoice: Invoice) -> str:
    """A complete HTML page without scripts, for printing."""
    return _PAGES.get_template("invoice.html").render(page=page(invoice), reference=invoice.reference)
