"""Queries of invoices and credit notes."""

from typing import Final

from scim_server.services.context import Context
from scim_server.services.errors import UnknownInvoice
from scim_server.services.invoicing.invoices import Issued, get
from scim_server.services.lists import SHEET, Page, Sheet, page_of
from scim_server.store.rows import invoices, organizations

__all__ = ["CREDIT", "REASONS", "Issued", "credit_note", "every", "find", "named", "number_in", "sheet"]


CREDIT: Final = "credit"
REASONS: Final = ("opening", "purchase", "automatic", "renewal", CREDIT)
"""Why invoices are issued; the last one is the reason of credit notes."""
_MOST_DIGITS: Final = 15


def every(
    context: Context, *, reason: str | None = None, before: int | None = None, limit: int = 100
) -> Page[Issued]:
    """List invoices and credit notes, newest first.

    Args:
        reason: only those with this reason.
        before: the last number of the previous page.
    """
    with context.read() as read:
        found = invoices.every(read, reason=reason, before=before, limit=limit + 1)
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


def number_in(name: str, slug: str) -> int | None:
    """The number in a name of an invoice, such as `7` or `acme-INV-0007`.

    Returns:
        None if the text is not the name of an invoice of the organization with this slug.
    """
    prefix, _, digits = name.rpartition("-INV-")
    if prefix not in ("", slug) or not digits.isascii() or not digits.isdecimal():
        return None
    return int(digits) if len(digits) <= _MOST_DIGITS else None


def named(context: Context, name: str) -> Issued:
    """Find one invoice or credit note by its number or its reference.

    Raises:
        UnknownInvoice: the organization has no such invoice.
    """
    with context.read() as read:
        number = number_in(name, organizations.get(read).slug)
        found = None if number is None else invoices.get(read, number)
        if found is None:
            raise UnknownInvoice("the organization has no invoice with this number")
        return Issued(found, invoices.credited(read, [found.number])[found.number])


def credit_note(context: Context, name: str) -> Issued:
    """Find one credit note by its number or its reference.

    Raises:
        UnknownInvoice: the organization has no such credit note.
    """
    found = named(context, name)
    if found.invoice.credits is None:
        raise UnknownInvoice("the organization has no credit note with this number")
    return found
