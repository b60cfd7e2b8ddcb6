"""Invoices: listed, and shown as JSON, HTML and PDF."""

from typing import Any, Final

from flask import Response

from scim_server.admin import auth, lists
from scim_server.admin.lists import ListQuery
from scim_server.admin.parsing import choice
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.documents.invoice import as_html
from scim_server.representations.invoices import Invoice, issued
from scim_server.services.access.commands import Scope
from scim_server.services.errors import UnknownInvoice
from scim_server.services.invoicing import queries
from scim_server.services.invoicing.queries import REASONS

invoices = Noun("invoices", "Invoices and their credit notes, which never change.")

_INVOICES: Final = f"{OF_ORGANIZATION}/invoices"
_ONE: Final = f"{_INVOICES}/<invoice>"
_HTML: Final = "text/html"
_PDF: Final = "application/pdf"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


class InvoicesQuery(ListQuery):
    """The parameters of the list."""

    reason = choice(REASONS, load_default=None, about="Only invoices with this reason.")


@invoices.list(_INVOICES, Scope.BILLING_READ, Invoice, InvoicesQuery)
def list_invoices(query: dict[str, Any]) -> dict[str, object]:
    """List invoices and credit notes, the newest first.

    Their numbers have no gaps. `credited_by` of a line is the credit note that corrected it.
    """
    return listed(query, query["reason"])


def listed(query: dict[str, Any], reason: str | None) -> dict[str, object]:
    """The answer with a page of invoices, optionally of one reason."""
    before = lists.after_number(query)
    page = queries.every(auth.context(), reason=reason, before=before, limit=query["limit"])
    return lists.listed([issued(one) for one in page.data], page.next_cursor)


@invoices.show(_ONE, Scope.BILLING_READ, Invoice, raises=(UnknownInvoice,))
def show(invoice: str) -> dict[str, object]:
    """One invoice or credit note, with the calculation of each line."""
    return issued(queries.named(auth.context(), invoice))


@invoices.file(f"{_ONE}/html", Scope.BILLING_READ, _HTML, raises=(UnknownInvoice,))
def as_page(invoice: str) -> Response:
    """One invoice or credit note as an HTML page for printing, without scripts."""
    found = queries.named(auth.context(), invoice).invoice
    return Response(as_html(found), headers=_HEADERS, content_type=f"{_HTML}; charset=utf-8")


@invoices.file(f"{_ONE}/pdf", Scope.BILLING_READ, _PDF, raises=(UnknownInvoice,))
def as_pdf(invoice: str) -> Response:
    """One invoice or credit note as a PDF document."""
    # Importing the PDF library is slow, and no other call needs it.
    from scim_server.documents import invoice_pdf  # noqa: PLC0415

    found = queries.named(auth.context(), invoice).invoice
    name = {"Content-Disposition": f'attachment; filename="{found.reference}.pdf"'}
    return Response(invoice_pdf.as_pdf(found), headers=_HEADERS | name, content_type=_PDF)
