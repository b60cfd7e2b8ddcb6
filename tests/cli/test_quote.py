"""`scim-seats quote`: the price table by the command, and invalid questions with their answers."""

import json
import os
import subprocess
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scim_server.cli import main
from tests.seat_policy.price_table import ROWS, Row
from tests.seat_policy.quotes import METHODS, Answer, Quote, answer, any_quote, billed
from tests.support.servers.running import SCIM_SEATS

QUESTION = {
    "--start": "2026-01-01",
    "--months": "12",
    "--currency": "USD",
    "--price": "standard=20.00",
    "--add": "standard=5",
    "--on": "2026-03-15",
}
"""Without a change, it is answered."""
BYTE = os.fsdecode(b"\xff")
"""Python's form of a byte on the command line that is not valid UTF-8."""


def arguments(quote: Quote, moment: str | None = None) -> list[str]:
    """The command that asks a question."""
    said = [f"--start={quote.start}", f"--months={quote.months}", f"--currency={quote.currency}"]
    said += [f"--time-zone={quote.zone}", f"--method={quote.method}", f"--tax={quote.tax}"]
    said += ["--inclusive" if quote.inclusive else "--exclusive", f"--on={moment or quote.day}"]
    for tier, price in quote.prices.items():
        said.append(f"--{'term-price' if tier in quote.whole else 'price'}={tier}={price}")
    said += [f"--add={tier}={quantity}" for tier, quantity in quote.adds.items()]
    said += [f"--upgrade={source}={quantity}:{target}" for quantity, source, target in quote.upgrades]
    return ["quote", *said, "--json"]


def changed(**changes: str | Sequence[str] | None) -> list[str]:
    """The question with some options changed, repeated, or (None) omitted."""
    options = QUESTION | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    said = ["quote"]
    for name, value in options.items():
        values = [] if value is None else [value] if isinstance(value, str) else value
        said += [f"{name}={one}" for one in values]
    return said


def run(said: Sequence[str]) -> Result:
    """The command in this process; it may raise only an exit."""
    done = CliRunner().invoke(main, said)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done


def separately(said: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The command as a shell runs it."""
    return subprocess.run([SCIM_SEATS, *said], capture_output=True, text=True, check=False)


def answered(printed: str) -> Answer:
    bill: dict[str, Any] = json.loads(printed)
    return [(line["net"], line["tax"]) for line in bill["lines"]], bill["net"], bill["tax"], bill["total"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.case)
def test_the_command_prices_each_row_of_the_price_table_correctly(row: Row) -> None:
    done = run(arguments(row.quote, row.moment))

    assert (done.exit_code, done.stderr) == (0, "")
    lines, *sums = answered(done.stdout)
    assert [net for net, _ in lines] == list(row.lines)
    assert sums == [row.net, row.tax, row.total]


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.case in ("both on one invoice", "with tax")],
    ids=lambda row: row.case,
)
def test_a_shell_prices_a_row_of_the_price_table_correctly(row: Row) -> None:
    done = separately(arguments(row.quote, row.moment))

    assert (done.returncode, done.stderr) == (0, "")
    lines, *sums = answered(done.stdout)
    assert [net for net, _ in lines] == list(row.lines)
    assert sums == [row.net, row.tax, row.total]


def test_the_command_gives_the_amounts_of_the_billing_engine() -> None:
    dice = Random(45)
    drawn = (any_quote(dice) for _ in range(400))
    quotes = [quote for quote in drawn if quote.term == 1]

    for quote in quotes:
        assert answered(run(arguments(quote)).stdout) == answer(billed(quote)), quote


def test_the_json_answer_contains_every_input() -> None:
    done = run([*changed(tax="19"), "--json"])

    assert json.loads(done.stdout) == {
        "currency": "USD",
        "since": "2026-03-15",
        "until": "2027-01-01",
        "lines": [
            {
                "description": "5 standard seats added",
                "kind": "added",
                "tier": "standard",
                "quantity": 5,
                "unit": "240.00",
                "fraction": "74/93",
                "explanation": "5 seats x 20.00 x (9 months + 17/31)",
                "net": "954.84",
                "tax": "181.42",
            }
        ],
        "net": "954.84",
        "tax": "181.42",
        "total": "1136.26",
    }


def test_the_text_output_is_a_table_with_sums() -> None:
    done = run(changed(tax="19"))

    heading, line, *sums = done.stdout.splitlines()
    assert heading.split() == ["calculation", "net", "tax"]
    assert line.endswith("5 seats x 20.00 x (9 months + 17/31)  954.84  181.42")
    assert sums == [
        "From 2026-03-15 to 2026-12-31, the end of the term.",
        "Net 954.84 USD, tax 181.42 USD.",
        "Total 1,136.26 USD",
    ]


def test_a_quote_writes_no_file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.chdir(tmp_path)

    done = separately(changed())

    assert (done.returncode, list(tmp_path.iterdir())) == (0, [])


NO_SEATS = "{} seats cannot be bought; the number must be from 1 to 10000000"
NO_PRICE = "the contract has no price for {} seats; set a price first"
NO_ZONE = "'{}' is not a time zone; use a name such as Europe/Berlin or UTC"
NO_MONEY = "'{}' is not an amount of money; write it like 20.00"
NO_CURRENCY = "'{}' is not a currency; use its ISO 4217 code, such as USD, EUR or JPY"
NO_TAX = "a tax of {} % is not possible; use a percentage such as 19 or 8.875"
AFTER = "{} is after the term, whose last day is 2026-12-31"
NO_YEAR = "a contract that begins on {} is not possible; check the year"
BOTH = ["standard=20", "premium=100"]

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"add": "standard=0"}, NO_SEATS.format(0)),
    ({"add": "standard=10000001"}, NO_SEATS.format(10000001)),
    ({"add": "standard=999999999"}, NO_SEATS.format(999999999)),
    ({"add": None, "upgrade": "standard=0:premium"}, NO_SEATS.format(0)),
    ({"add": "gold=1"}, NO_PRICE.format("gold")),
    ({"add": "Standard=1"}, NO_PRICE.format("Standard")),
    ({"add": "any=1"}, NO_PRICE.format("any")),
    ({"price": None}, NO_PRICE.format("standard")),
    ({"upgrade": "standard=1:premium"}, NO_PRICE.format("premium")),
    ({"upgrade": "gold=1:standard"}, NO_PRICE.format("gold")),
    (
        {"price": BOTH, "upgrade": "premium=1:standard"},
        "standard costs less than premium, so it is not an upgrade",
    ),
    ({"upgrade": "standard=1:standard"}, "standard seats cannot be upgraded to their own tier"),
    ({"on": "2027-01-01"}, AFTER.format("2027-01-01")),
    ({"on": "2026-12-31T23:30-05:00"}, AFTER.format("2027-01-01")),
    ({"on": "2026-12-31T15:00Z", "time_zone": "Asia/Tokyo"}, AFTER.format("2027-01-01")),
    ({"on": "9999-12-31"}, AFTER.format("9999-12-31")),
    ({"price": "standard=20.001"}, "'20.001' has too many decimals; USD has 2"),
    ({"price": "standard=20.000"}, "'20.000' has too many decimals; USD has 2"),
    ({"currency": "JPY"}, "'20.00' has too many decimals; JPY has 0"),
    ({"price": "standard=-20"}, NO_MONEY.format("-20")),
    ({"price": "standard=1e3"}, NO_MONEY.format("1e3")),
    ({"price": "standard=20,00"}, NO_MONEY.format("20,00")),
    ({"price": "standard=1/2"}, NO_MONEY.format("1/2")),
    ({"price": "standard=\u00bd"}, NO_MONEY.format("\u00bd")),
    ({"price": "standard=\u0662\u0660"}, NO_MONEY.format("\u0662\u0660")),
    ({"price": "standard=20=30"}, NO_MONEY.format("20=30")),
    ({"price": f"standard={'9' * 16}"}, NO_MONEY.format("9" * 16)),
    ({"price": f"standard={'9' * 15}"}, "the price of standard is too large to be invoiced"),
    (
        {"price": None, "term_price": "standard=1000000000.01"},
        "the price of standard is too large to be invoiced",
    ),
    ({"currency": "XYZ"}, NO_CURRENCY.format("XYZ")),
    ({"currency": ""}, NO_CURRENCY.format("")),
    ({"currency": "\u20ac"}, NO_CURRENCY.format("\u20ac")),
    ({"time_zone": "Mars/Olympus"}, NO_ZONE.format("Mars/Olympus")),
    ({"time_zone": ""}, NO_ZONE.format("")),
    ({"time_zone": "Europe"}, NO_ZONE.format("Europe")),
    ({"time_zone": "/etc/passwd"}, NO_ZONE.format("/etc/passwd")),
    ({"time_zone": "../UTC"}, NO_ZONE.format("../UTC")),
    ({"time_zone": "z" * 5000}, NO_ZONE.format("z" * 5000)),
    ({"time_zone": "UTC\nUTC"}, NO_ZONE.format("UTC UTC")),
    ({"tax": "101"}, NO_TAX.format(101)),
    ({"tax": "100.0001"}, NO_TAX.format("100.0001")),
    ({"tax": "8.87501"}, NO_TAX.format("8.87501")),
    ({"start": "0001-01-01"}, NO_YEAR.format("0001-01-01")),
    ({"start": "9000-06-01"}, NO_YEAR.format("9000-06-01")),
    ({"start": "9999-12-31"}, "12 months after 9999-12-31 is beyond the calendar"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED, ids=lambda value: str(value)[:60])
def test_an_impossible_order_is_refused_in_one_line(changes: dict[str, Any], reason: str) -> None:
    done = run(changed(**changes))

    assert (done.exit_code, done.stdout, done.stderr) == (1, "", f"scim-seats: {reason}\n")


NUMBER = "'{}' is not of the form TIER=NUMBER, such as standard=50"
AMOUNT = "'{}' is not of the form TIER=AMOUNT, such as standard=20.00"
UPGRADE = "'{}' is not of the form TIER=NUMBER:TIER, such as standard=3:premium"
MOMENT = "'{}' is not a day or time such as 2026-03-01 or 2026-03-01T07:30Z"
DAY = "'{}' is not a day such as 2026-03-01"
PERCENT = "'{}' is not a percentage such as 19 or 8.875"

WRONG: list[tuple[str, str, str]] = [
    *(("add", text, NUMBER.format(text)) for text in ("", "standard", "=5", "standard=", "standard=five")),
    *(("add", text, NUMBER.format(text)) for text in ("standard=1.5", "standard=1/2", "standard=--5")),
    *(("add", text, NUMBER.format(text)) for text in ("standard=\u00bd", "standard=\u00b2", "standard= 5")),
    ("add", "standard=-5", "'standard=-5': seats cannot be negative"),
    ("add", f"standard={10**9}", f"'standard={10**9}': the number of seats is too large"),
    ("add", f"standard={'9' * 5000}", f"'standard={'9' * 5000}': the number of seats is too large"),
    *(
        ("upgrade", text, UPGRADE.format(text))
        for text in ("", "standard=3", "standard:premium", "=3:premium")
    ),
    *(("upgrade", text, UPGRADE.format(text)) for text in ("standard=-3:premium", "standard=3:", "a=1:b:c")),
    *(("upgrade", text, UPGRADE.format(text)) for text in ("a=\u0663:b", f"a={10**9}:b", "a=1.5:b")),
    *(("price", text, AMOUNT.format(text)) for text in ("", "20.00", "=20.00", "standard=")),
    *(("term-price", text, AMOUNT.format(text)) for text in ("", "240", "=240", "standard=")),
    *(("on", text, MOMENT.format(text)) for text in ("", "today", "2026-02-29", "2026-13-01", "0000-01-01")),
    *(("on", text, MOMENT.format(text)) for text in ("10000-01-01", "2026-03-01T25:00Z", "2026-3-1", "1e9")),
    ("on", "\u0662\u0660\u0662\u0666-03-01", MOMENT.format("\u0662\u0660\u0662\u0666-03-01")),
    *(("start", text, DAY.format(text)) for text in ("", "today", "2025-02-29", "2026-01-01T00:00Z", "-1")),
    *(("tax", text, PERCENT.format(text)) for text in ("", "%", "19%%", "-1", "-0.1", "NaN", "sNaN", "1/2")),
    *(
        ("tax", text, PERCENT.format(text))
        for text in ("Infinity", "-Infinity", "19,5", "nineteen", "1e99999", "1e-99999", "1_9", "١٩")
    ),
    *(
        ("months", text, f"{text} is not in the range 1<=x<=120.")
        for text in ("0", "-1", "121", "1000000000")
    ),
    *(("months", text, f"'{text}' is not a valid integer range.") for text in ("", "1.5", "1/2", "NaN")),
    ("months", "9" * 5000, f"'{'9' * 5000}' is not a valid integer range."),
    *(
        ("method", text, f"'{text}' is not one of {', '.join(map(repr, METHODS))}.")
        for text in ("", "monthly", "1")
    ),
]


@pytest.mark.parametrize(("option", "text", "reason"), WRONG, ids=lambda value: str(value)[:60])
def test_an_unreadable_option_is_wrong_usage(option: str, text: str, reason: str) -> None:
    done = run(changed(**{option.replace("-", "_"): text}))

    *_, message = done.stderr.splitlines()
    assert (done.exit_code, done.stdout, message) == (
        2,
        "",
        f"Error: Invalid value for '--{option}': {reason}",
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"on": None}, "Missing option '--on'."),
        (
            {"add": None},
            "give --add, such as --add standard=5, or --upgrade standard=10:premium",
        ),
        (
            {"add": ["standard=1", "standard=2"]},
            "Invalid value for '--add': the tier 'standard' is given twice",
        ),
        (
            {"price": ["standard=1", "standard=1"]},
            "Invalid value for '--price': the tier 'standard' is given twice",
        ),
        (
            {"term_price": "standard=240"},
            "standard has a price per month and a price per term; give only one of them",
        ),
        ({"seller": "Example"}, "No such option '--seller'."),
    ],
)
def test_a_missing_or_repeated_option_is_wrong_usage(changes: dict[str, Any], reason: str) -> None:
    done = run(changed(**changes))

    *_, message = done.stderr.splitlines()
    assert (done.exit_code, done.stdout, message) == (2, "", f"Error: {reason}")


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("America/Los_Angeles", "0001-01-01T00:00Z"),
        ("UTC", "0001-01-01T00:00+14:00"),
        ("Asia/Tokyo", "9999-12-31T23:59Z"),
        ("UTC", "9999-12-31T23:59-12:00"),
    ],
)
def test_a_moment_beyond_the_calendar_is_refused(zone: str, moment: str) -> None:
    done = run(changed(time_zone=zone, on=moment))

    assert done.exit_code in (1, 2)
    assert done.stdout == ""


@pytest.mark.parametrize("printed", [[], ["--json"]])
def test_a_tier_name_of_invalid_bytes_exits_with_a_documented_status(printed: list[str]) -> None:
    done = run([*changed(price=f"{BYTE}=20", add=f"{BYTE}=5"), *printed])

    assert done.exit_code in (0, 1, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"time_zone": BYTE},
        {"currency": BYTE},
        {"add": f"{BYTE}=1"},
        {"on": BYTE},
        {"add": "standard=0"},
        {"price": f"{BYTE}=20", "add": f"{BYTE}=5"},
        {"on": "0001-01-01T00:00Z", "time_zone": "America/Los_Angeles"},
    ],
    ids=str,
)
def test_an_invalid_question_never_shows_a_traceback(changes: dict[str, Any]) -> None:
    done = run([*changed(**changes), "--json"])

    assert done.exit_code == 2 or (done.exit_code, len(done.stderr.splitlines())) in [(0, 0), (1, 1)]


@pytest.mark.parametrize("changes", [{"currency": BYTE}, {"add": "standard=0"}], ids=str)
def test_an_invalid_question_never_shows_a_traceback_in_a_shell(changes: dict[str, Any]) -> None:
    done = separately([*changed(**changes), "--json"])

    assert "Traceback" not in done.stderr
    assert done.returncode == 2 or (done.returncode, len(done.stderr.splitlines())) in [(0, 0), (1, 1)]


def test_random_text_in_any_option_is_answered_or_refused() -> None:
    dice = Random(2026)
    pieces = ["=", ":", "-", ".", "/", "%", "T", "Z", "e", "0", "9", "20", "standard", " ", "\n", "\t", "\0"]
    pieces += ["NaN", "\u00bd", "\u0663", "\U0001f4ba", "2026-01-01", "USD", "UTC", "+", "_", "[red]", "\\"]
    names = [*QUESTION, "--time-zone", "--method", "--tax", "--term-price", "--upgrade"]

    for _ in range(2_000):
        name, text = dice.choice(names), "".join(dice.choices(pieces, k=dice.randint(0, 5)))
        printed = dice.choice([[], ["--json"]])
        done = run([*changed(**{name[2:].replace("-", "_"): text}), *printed])
        assert done.exit_code in (0, 1, 2), (name, text)
        if done.exit_code == 1:
            assert len(done.stderr.splitlines()) == 1, (name, text)
