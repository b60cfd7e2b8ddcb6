"""Bills that are not invoices yet, as previews and quotes print them."""

from typing import Final

from scim_server.documents import formats
from seat_policy.bill import Bill

_COLUMNS: Final = ("", "calculation", "net", "tax")


def columns(bill: Bill) -> tuple[str, ...]:
    """Headings of a table of lines; the column of tax is left out if the bill has no tax."""
    return _COLUMNS if bill.tax.minor else _COLUMNS[:-1]


def as_rows(bill: Bill) -> list[tuple[object, ...]]:
    """Rows under `columns`."""
    shown = len(columns(bill))
    return [
        (line.description, line.explanation, formats.amount(line.net), formats.amount(line.tax))[:shown]
        for line in bill.lines
    ]
