"""Invoices and credit notes: the list, each invoice as a page, and its PDF."""

from datetime import date, timedelta
from typing import Final

from flask import Response
from werkzeug.exceptions import NotFound

from scim_server.console import listing, pages
from scim_server.console.billing_words import reasons, tax_words
from scim_server.console.downloads import csv_file
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, visit
from scim_server.documents import invoice as document
from scim_server.documents import invoice_words
from scim_server.services.errors import UnknownInvoice
from scim_server.services.invoicing import queries
from scim_server.services.invoicing.queries import Issued
from seat_policy.money import Money

billing_invoices = Pages("billing_invoices")

_IN_FILE: Final = 10_000
_COLUMNS: Final = (
    "number",
    "issued",
    "reason",
    "from",
    "to",
    "net",
    "tax",
    "total",
    "currency",
    "corrects",
    "corrected by",
)


@billing_invoices.show("/billing/invoices", Permission.BILLING)
def show() -> Response:
    """All invoices and credit notes, newest first."""
    chosen = listing.of_request("reason")
    reason = chosen.get("reason") if chosen.get("reason") in reasons() else None
    return pages.page(
        "billing_invoices.html",
        chosen=chosen,
        sheet=queries.sheet(context(), reason=reason, number=chosen.number),
        reasons=reasons(),
    )


@billing_invoices.show("/billing/invoices.csv", Permission.BILLING)
def file() -> Response:
    """The list as a file."""
    chosen = listing.of_request("reason")
    reason = chosen.get("reason") if chosen.get("reason") in reasons() else None
    found = queries.sheet(context(), reason=reason, size=_IN_FILE)
    return csv_file(f"{visit().slug}-invoices", _COLUMNS, [_row(one) for one in found.data])


def _row(one: Issued) -> tuple[object, ...]:
    invoice = one.invoice
    last = date.fromisoformat(invoice.until) - timedelta(days=1)
    amounts = (str(Money(minor, invoice.currency)) for minor in (invoice.net, invoice.tax, invoice.total))
    corrects = "" if invoice.credits is None else invoice.reference_of(invoice.credits)
    corrected = " ".join(invoice.reference_of(note) for note in sorted({*one.credited.values()}))
    return (
        invoice.reference,
        document.issued_on(invoice),
        invoice.reason,
        invoice.since,
        last.isoformat(),
        *amounts,
        invoice.currency,
        corrects,
        corrected,
    )


@billing_invoices.show("/billing/invoices/<number>", Permission.BILLING)
def one(number: str) -> Response:
    """One invoice or credit note; as a PDF if its number ends with `.pdf`."""
    found = _found(number.removesuffix(".pdf"))
    if number.endswith(".pdf"):
        return _pdf(found)
    invoice = found.invoice
    part = document.billed_part(invoice)
    return pages.page(
        "billing_invoice.html",
        issued=found,
        invoice=invoice,
        page=document.page(invoice, visit().language),
        explanation=lambda line: invoice_words.explanation(line, visit().language),
        part=part,
        last=date.fromisoformat(invoice.until) - timedelta(days=1),
        since=date.fromisoformat(invoice.since),
        reasons=reasons(),
        money=lambda minor: Money(minor, invoice.currency),
        tax_words=tax_words,
    )


def _found(number: str) -> Issued:
    try:
        return queries.named(context(), number)
    except UnknownInvoice:
        raise NotFound from None


def _pdf(found: Issued) -> Response:
    # Importing the PDF library is slow, and no other page needs it.
    from scim_server.documents.invoice_pdf import as_pdf  # noqa: PLC0415

    headers = {
        "Content-Disposition": f'attachment; filename="{found.invoice.reference}.pdf"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(as_pdf(found.invoice, visit().language), headers=headers, content_type="application/pdf")
