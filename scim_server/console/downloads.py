"""Lists as files. They are sent while they are read, so that no list is ever whole in memory."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from flask import Response, stream_with_context

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BOM: Final = "\ufeff"
"""Spreadsheets read UTF-8 only with this mark."""


def cell(value: object) -> str:
    """A value as text that no spreadsheet takes for a formula (SECURITY 15)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file with a header, without formulas."""

    def lines() -> Iterator[str]:
        yield _BOM
        yield _line(header)
        for row in rows:
            yield _line([cell(value) for value in row])

    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(stream_with_context(lines()), headers=headers, content_type="text/csv; charset=utf-8")


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
