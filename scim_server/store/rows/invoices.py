"""Invoices and credit notes. They are immutable, and have numbers without gaps (SEATS 44).

A new number is one more than the last number, which is read under the organization's lock. Triggers refuse
every UPDATE and DELETE.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import invoice_lines, invoices


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line as it was billed. Amounts are in minor units.

    Attributes:
        unit: the price of one seat for a whole term.
        fraction: the billed part of the term, such as `74/93`.
        credits_invoice, credits_position: the line that this line of a credit note credits.
    """

    position: int
    kind: str
    tier: str
    quantity: int
    unit: int
    fraction: str
    net: int
    tax: int
    description: str
    explanation: str
    credits_invoice: int | None = None
    credits_position: int | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice. If `credits` has the number of a corrected invoice, it is a credit note.

    Attributes:
        sequence: the number of the event that explains the invoice.
        reason: `opening`, `purchase`, `automatic`, `renewal` or `credit`.
        since, until: the first billed day, and the day after the last billed day.
        inputs: the contract at that time, seller, customer, and actor.
    """

    number: int
    sequence: int
    reason: str
    issued: str
    since: str
    until: str
    currency: str
    net: int
    tax: int
    total: int
    credits: int | None
    inputs: Mapping[str, Any]
    lines: tuple[InvoiceLine, ...] = ()

    @property
    def reference(self) -> str:
        """The public name, such as `acme-INV-0007`.

        It is unique on the whole server, because it begins with the slug.
        """
        return self.reference_of(self.number)

    def reference_of(self, number: int) -> str:
        """The public name of another invoice of the organization."""
        return f"{self.inputs['organization']}-INV-{number:04}"


_LINE_FIELDS: Final = tuple(InvoiceLine.__dataclass_fields__)
_FIELDS: Final = tuple(name for name in Invoice.__dataclass_fields__ if name != "lines")
_LAST: Final = select(func.max(invoices.c.number)).where(invoices.c.organization == bindparam("org"))
_INVOICES: Final = select(*(invoices.c[name] for name in _FIELDS)).where(
    invoices.c.organization == bindparam("org")
)
_LINES: Final = (
    select(invoice_lines.c.invoice, *(invoice_lines.c[name] for name in _LINE_FIELDS))
    .where(
        invoice_lines.c.organization == bindparam("org"),
        invoice_lines.c.invoice.in_(bindparam("numbers", expanding=True)),
    )
    .order_by(invoice_lines.c.invoice, invoice_lines.c.position)
)
_CREDITED: Final = select(
    invoice_lines.c.credits_invoice, invoice_lines.c.credits_position, invoice_lines.c.invoice
).where(
    invoice_lines.c.organization == bindparam("org"),
    invoice_lines.c.credits_invoice.in_(bindparam("numbers", expanding=True)),
)


def next_number(write: Write) -> int:
    """The number of the next invoice or credit note."""
    last = write.connection.execute(_LAST, {"org": write.organization}).scalar()
    return (last or 0) + 1


def any_since(read: Read, sequence: int) -> bool:
    """Whether an invoice was issued after an event."""
    query = select(func.count()).where(
        invoices.c.organization == read.organization, invoices.c.sequence >= sequence
    )
    return bool(read.connection.execute(query).scalar_one())


def add(write: Write, invoice: Invoice) -> None:
    """Issue an invoice."""
    here = {"organization": write.organization}
    values = {name: getattr(invoice, name) for name in _FIELDS}
    write.connection.execute(insert(invoices).values(here | values))
    write.connection.execute(
        insert(invoice_lines),
        [
            here | {"invoice": invoice.number} | {name: getattr(line, name) for name in _LINE_FIELDS}
            for line in invoice.lines
        ],
    )


def get(read: Read, number: int) -> Invoice | None:
    """One invoice with its lines."""
    found = _with_lines(read, _INVOICES.where(invoices.c.number == number))
    return found[0] if found else None


def every(read: Read, *, reason: str | None = None, before: int | None, limit: int) -> list[Invoice]:
    """Invoices with their lines, newest first, or those with a reason.

    Args:
        before: the number at which the previous page ended.
    """
    query = _INVOICES if before is None else _INVOICES.where(invoices.c.number < before)
    if reason is not None:
        query = query.where(invoices.c.reason == reason)
    return _with_lines(read, query.order_by(invoices.c.number.desc()).limit(limit))


def count(read: Read, reason: str | None) -> int:
    """How many invoices and credit notes there are, or how many with a reason."""
    query = select(func.count()).where(invoices.c.organization == read.organization)
    if reason is not None:
        query = query.where(invoices.c.reason == reason)
    return int(read.connection.execute(query).scalar_one())


def sheet(read: Read, reason: str | None, *, skip: int, limit: int) -> list[Invoice]:
    """A part of the invoices with their lines, newest first, or of those with a reason."""
    query = _INVOICES if reason is None else _INVOICES.where(invoices.c.reason == reason)
    return _with_lines(read, query.order_by(invoices.c.number.desc()).offset(skip).limit(limit))


def credited(read: Read, numbers: Iterable[int]) -> dict[int, dict[int, int]]:
    """The credited lines: for each invoice and line position, the number of the credit note."""
    found: dict[int, dict[int, int]] = {number: {} for number in numbers}
    for row in read.connection.execute(_CREDITED, {"org": read.organization, "numbers": list(found)}):
        found[row.credits_invoice][row.credits_position] = row.invoice
    return found


def _with_lines(read: Read, query: Any) -> list[Invoice]:  # noqa: ANN401 - a Select of many columns
    rows: Sequence[Any] = read.connection.execute(query, {"org": read.organization}).all()
    lines: dict[int, list[InvoiceLine]] = {row.number: [] for row in rows}
    for line in read.connection.execute(_LINES, {"org": read.organization, "numbers": list(lines)}):
        lines[line.invoice].append(InvoiceLine(*line[1:]))
    return [
        Invoice(**{name: getattr(row, name) for name in _FIELDS}, lines=tuple(lines[row.number]))
        for row in rows
    ]
