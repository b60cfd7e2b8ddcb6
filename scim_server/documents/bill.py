"""A bill before it is an invoice, as previews and quotes show it."""

from typing import Final

from scim_server.documents.amounts import grouped
from seat_policy.invoices import Bill

_COLUMNS: Final = ("", "seats", "price a term", "calculation", "net", "tax")


def as_json(bill: Bill) -> dict[str, object]:
    """Amounts as decimal text; `unit` is a seat's price for a whole term, `fraction` what of it is billed."""
    return {
        "currency": bill.currency,
        "since": bill.since.isoformat(),
        "until": bill.term.end.isoformat(),
        "lines": [
            {
                "description": line.description,
                "kind": line.kind.value,
                "tier": line.tier,
                "quantity": line.quantity,
                "unit": str(line.unit),
                "fraction": str(line.fraction),
                "explanation": line.explanation,
                "net": str(line.net),
                "tax": str(line.tax),
            }
            for line in bill.lines
        ],
        "net": str(bill.net),
        "tax": str(bill.tax),
        "total": str(bill.total),
    }


def columns(bill: Bill) -> tuple[str, ...]:
    """Headings of a table of lines; without tax there is no column of it."""
    return _COLUMNS if bill.tax.minor else _COLUMNS[:-1]


def as_rows(bill: Bill) -> list[tuple[object, ...]]:
    """Rows under `columns`."""
    shown = len(columns(bill))
    return [
        (
            line.description,
            line.quantity,
            grouped(line.unit),
            line.explanation,
            grouped(line.net),
            grouped(line.tax),
        )[:shown]
        for line in bill.lines
    ]
