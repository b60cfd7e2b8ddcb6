"""Parts of a term in words."""

from datetime import date

import pytest

from scim_server.documents import formats
from seat_policy.proration import Proration, Term, remaining

YEAR = Term(date(2026, 1, 1), 0, 12)

# From 15 March, 17 of March's 31 days and 9 whole months are left; from 15 December, 17 days; of 365 days,
# 292 are left on 15 March.
PARTS = (
    ("2026-01-01", Proration.MONTHLY_EXACT, "the whole term", "el periodo completo"),
    (
        "2026-03-15",
        Proration.MONTHLY_EXACT,
        "9 months and 17 days of 12 months",
        "9 meses y 17 días de 12 meses",
    ),
    ("2026-11-01", Proration.MONTHLY_EXACT, "2 months of 12 months", "2 meses de 12 meses"),
    ("2026-11-30", Proration.MONTHLY_EXACT, "1 month and 1 day of 12 months", "1 mes y 1 día de 12 meses"),
    ("2026-12-15", Proration.MONTHLY_EXACT, "17 days of 12 months", "17 días de 12 meses"),
    ("2026-03-15", Proration.MONTH_STARTED, "10 months of 12 months", "10 meses de 12 meses"),
    ("2026-12-15", Proration.MONTH_COMPLETED, "0 months of 12 months", "0 meses de 12 meses"),
    ("2026-03-15", Proration.DAY_ACTUAL, "292 of 365 days", "292 de 365 días"),
)


@pytest.mark.parametrize(("day", "method", "english", "spanish"), PARTS)
def test_a_part_of_a_term_is_said_in_months_and_days(
    day: str, method: Proration, english: str, spanish: str
) -> None:
    left = remaining(YEAR, date.fromisoformat(day), method)

    assert (formats.part_of_term(left), formats.part_of_term(left, "es")) == (english, spanish)
