"""Lists as files. They are sent while they are read, so that no list is ever whole in memory."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import orjson
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

    def lines() -> Iterator[bytes]:
        yield (_BOM + _line(header)).encode()
        for row in rows:
            yield _line([cell(value) for value in row]).encode()

    return _file(f"{name}.csv", "text/csv; charset=utf-8", lines())


def jsonl_file(name: str, objects: Iterable[object]) -> Response:
    """A file with one JSON object on each line."""
    return _file(f"{name}.jsonl", "application/jsonl", (orjson.dumps(one) + b"\n" for one in objects))


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _file(name: str, type_: str, parts: Iterable[bytes]) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(stream_with_context(iter(parts)), headers=headers, content_type=type_)
