"""Cells and lines of CSV files, which spreadsheets open."""

import csv
import io
from collections.abc import Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
BOM: Final = "\ufeff"
"""Spreadsheets read UTF-8 only with this mark."""


def cell(value: object) -> str:
    """A value as text that no spreadsheet takes for a formula (SECURITY 15)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def line(cells: Sequence[object]) -> str:
    """A line of a CSV file, without formulas."""
    text = io.StringIO()
    csv.writer(text).writerow([cell(one) for one in cells])
    return text.getvalue()
