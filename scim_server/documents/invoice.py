"""Invoices and credit notes as text and as an HTML page. `invoice_pdf` creates the PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from scim_server.documents import formats, invoice_words
from scim_server.documents.invoice_words import WORDS, Words
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
        words: the fixed texts of the language.
    """

    title: str
    seller: tuple[str, ...]
    bill_to: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[tuple[str, str], ...]
    note: str
    words: Words


def day_of_issue(invoice: Invoice) -> date:
    """The day of issue in the time zone of the contract."""
    zone = ZoneInfo(invoice.inputs["contract"]["time_zone"])
    return datetime.fromisoformat(invoice.issued).astimezone(zone).date()


def issued_on(invoice: Invoice, language: str = formats.ENGLISH) -> str:
    """The day of issue as invoices show it."""
    return formats.day(day_of_issue(invoice), language)


def billed_part(invoice: Invoice) -> Remaining:
    """The part of the term that an invoice bills, computed again from the contract that it contains."""
    contract = invoice.inputs["contract"]
    months, number = int(contract["months"]), int(contract["term"]["number"])
    term = Term(date.fromisoformat(contract["start"]), (number - 1) * months, months)
    return remaining(term, date.fromisoformat(invoice.since), Proration(contract["method"]))


def page(invoice: Invoice, language: str = formats.ENGLISH) -> Page:
    """The text of an invoice."""
    words = WORDS[language]
    first, end = date.fromisoformat(invoice.since), date.fromisoformat(invoice.until)
    last = end - timedelta(days=1)
    tax = invoice.inputs["contract"]["tax"]
    facts = [
        (words.number, invoice.reference),
        (words.issued, issued_on(invoice, language)),
        (words.period, f"{formats.day(first, language)} {words.until} {formats.day(last, language)}"),
        (words.organization, str(invoice.inputs["organization"])),
    ]
    if invoice.credits is not None:
        facts.insert(1, (words.corrects, invoice.reference_of(invoice.credits)))
    columns = ("", words.calculation, words.share, f"{words.net} {invoice.currency}")
    return Page(
        title=words.invoice if invoice.credits is None else words.credit_note,
        seller=tuple(str(invoice.inputs["seller"]).splitlines()),
        bill_to=tuple(str(invoice.inputs["bill_to"]).splitlines()),
        facts=tuple(facts),
        columns=columns if tax is None else (*columns, words.tax),
        rows=tuple(_row(invoice, line, language, taxed=tax is not None) for line in invoice.lines),
        sums=_sums(invoice, tax, language),
        note=str(invoice.inputs.get("why") or ""),
        words=words,
    )


def _row(invoice: Invoice, line: InvoiceLine, language: str, *, taxed: bool) -> tuple[str, ...]:
    share = Fraction(line.fraction)
    cells = (
        invoice_words.description(line, language),
        invoice_words.explanation(line, language),
        WORDS[language].whole if share == 1 else line.fraction,
        formats.amount(Money(line.net, invoice.currency), language),
    )
    return (*cells, formats.amount(Money(line.tax, invoice.currency), language)) if taxed else cells


def _sums(invoice: Invoice, tax: Mapping[str, Any] | None, language: str) -> tuple[tuple[str, str], ...]:
    words = WORDS[language]

    def amount(minor: int) -> str:
        return formats.amount(Money(minor, invoice.currency), language)

    total = (f"{words.total} {invoice.currency}", amount(invoice.total))
    if tax is None:
        return (total,)
    contained = words.contained if tax["inclusive"] else ""
    return (
        (words.net, amount(invoice.net)),
        (f"{words.tax} {tax['percent']} %{contained}", amount(invoice.tax)),
        total,
    )


def as_html(invoice: Invoice) -> str:
    """A complete HTML page without scripts, for printing."""
    return _PAGES.get_template("invoice.html").render(page=page(invoice), reference=invoice.reference)
