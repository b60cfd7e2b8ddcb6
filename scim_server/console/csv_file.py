"""Lists as CSV files for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from flask import Response

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet computes a cell that begins with one of these characters."""


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A download with a row of headings. No cell is computed as a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


def _harmless(cell: object) -> object:
    """A text that begins like a formula gets an apostrophe before it; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
