"""Bills that are not invoices yet, as previews and quotes print them."""

from typing import Final

from scim_server.documents import formats
from seat_policy.bill import Bill

_COLUMNS: Final = ("", "calculation", "net", "tax")


def columns(bill: Bill) -> tuple[str, ...]:
    """The headings of a table of lines. If the bill has no tax, the table has no column for tax."""
    return _COLUMNS if bill.tax.minor else _COLUMNS[:-1]


def as_rows(bill: Bill) -> list[tuple[object, ...]]:
    """The rows of the table under `columns`."""
    shown = len(columns(bill))
    return [
        (line.description, line.explanation, formats.amount(line.net), formats.amount(line.tax))[:shown]
        for line in bill.lines
    ]
