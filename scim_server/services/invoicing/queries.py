"""Queries of invoices and credit notes."""

from scim_server.services.context import Context
from scim_server.services.invoicing.invoices import Issued, get
from scim_server.services.lists import SHEET, Page, Sheet, page_of
from scim_server.store.rows import invoices

__all__ = ["Issued", "every", "find", "sheet"]


def every(context: Context, *, before: int | None = None, limit: int = 100) -> Page[Issued]:
    """List invoices and credit notes, newest first; `before` is the last number of the previous page."""
    with context.read() as read:
        found = invoices.every(read, before=before, limit=limit + 1)
        credited = invoices.credited(read, (one.number for one in found))
    issued = [Issued(one, credited[one.number]) for one in found]
    return page_of(issued, limit, lambda one: str(one.invoice.number))


def sheet(
    context: Context, *, reason: str | None = None, number: int = 1, size: int = SHEET
) -> Sheet[Issued]:
    """A numbered page of the invoices and credit notes, newest first.

    Args:
        reason: only invoices with this reason, such as `purchase` or `credit`.
    """
    with context.read() as read:
        total = invoices.count(read, reason)
        found = invoices.sheet(read, reason, skip=(number - 1) * size, limit=size)
        credited = invoices.credited(read, (one.number for one in found))
    issued = tuple(Issued(one, credited[one.number]) for one in found)
    return Sheet(issued, total, number, size)


def find(context: Context, number: int) -> Issued:
    """Find one invoice or credit note.

    Raises:
        UnknownInvoice: no invoice has this number.
    """
    with context.read() as read:
        return Issued(get(read, number), invoices.credited(read, [number])[number])
