"""A bill before it is an invoice, as previews and quotes print it."""

from typing import Final

from scim_server.documents import formats
from seat_policy.invoices import Bill

_COLUMNS: Final = ("", "calculation", "net", "tax")


def columns(bill: Bill) -> tuple[str, ...]:
    """Headings of a table of lines; without tax there is no column of it."""
    return _COLUMNS if bill.tax.minor else _COLUMNS[:-1]


def as_rows(bill: Bill) -> list[tuple[object, ...]]:
    """Rows under `columns`."""
    shown = len(columns(bill))
    return [
        (line.description, line.explanation, formats.amount(line.net), formats.amount(line.tax))[:shown]
        for line in bill.lines
    ]
