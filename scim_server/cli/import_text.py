"""The text of previews and reports of imports."""

from collections.abc import Mapping, Sequence
from typing import Final

from scim_server.cli.output import say, table
from scim_server.cli.quote import print_bill
from scim_server.services.imports.queries import Preview, Report
from seat_policy.bill import Bill

_SHOWN: Final = 20
_WORDS: Final = {
    "seated": "with a seat",
    "waiting": "waiting",
    "refused": "refused",
    "none": "active without a seat",
    "inactive": "inactive",
}
_TIERS: Final = ("tier", "free now", "seated", "waiting for it", "refused it", "free then")


def _numbers(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    """The counts with words, without those that are 0."""
    parts = [f"{counts[name]:,} {words}" for name, words in names.items() if counts.get(name)]
    return ", ".join(parts) or "none"


def print_preview(found: Preview) -> None:
    """Print what an import would do."""
    entries, seats = found.entries, found.seats
    say(f"{found.job.source}: {entries.get('person', 0):,} people and {entries.get('group', 0):,} groups.")
    words = {
        "new": "new",
        "here": "here already",
        "updated": "here and to be updated",
        "different": "here with other values (--update replaces them)",
        "errors": "wrong, and not imported",
    }
    say(f"People: {_numbers(found.people, words)}.")
    counted = {outcome.value: count for outcome, count in seats.counted.items()}
    counted["none"] += found.unseated
    say(f"Seats: {_numbers(counted, _WORDS)}.")
    rows = [(one.tier, one.free, one.seated, one.waiting, one.refused, one.free_then) for one in seats.tiers]
    table(_TIERS, rows, empty="")
    if found.roles:
        say(f"Roles: {_numbers(found.roles, {role: role for role in found.roles})}.")
    for urn, count in found.unknown_schemas.items():
        say(
            f"{count:,} people have values of {urn}, which are lost unless you add the schema "
            "before with 'scim-seats schema add'."
        )
    _print_missing(seats.missing, seats.price)
    _print_problems([(one.line, one.source_id, one.name, one.detail) for one in found.problems])


def _print_missing(missing: Mapping[str, int], bill: Bill | None) -> None:
    if missing:
        seats = " and ".join(f"{count:,} {tier}" for tier, count in missing.items())
        are = "seat is" if sum(missing.values()) == 1 else "seats are"
        end = "." if bill is None else ":"
        say(f"To let in everybody who is left out, {seats} {are} missing{end}")
        if bill is not None:
            print_bill(bill)


def _print_problems(rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        say("")
        table(("line", "id in the source", "name", "not imported, because it"), rows[:_SHOWN], empty="")
        _print_more(len(rows))


def _print_more(count: int) -> None:
    if count > _SHOWN:
        say(f"... and {count - _SHOWN:,} more; --json lists them.")


def print_report(slug: str, report: Report) -> None:
    """Print what an import did."""
    job = report.job
    states = {"done": "is finished", "cancelled": "was cancelled", "ready": "is not carried out yet"}
    state = states.get(job.state, "is not finished")
    say(f"The import {job.id} of {job.source} {state}.")
    words = {
        "created": "created",
        "updated": "updated",
        "here": "here already",
        "different": "here with other values",
        "refused": "refused",
        "errors": "wrong",
    }
    say(f"People: {_numbers(job.people, words)}.")
    of_created = {name: words_ for name, words_ in _WORDS.items() if name != "refused"}
    say(f"Seats of the created people: {_numbers(job.people, of_created)}.")
    say(f"Groups: {_numbers(job.groups, words)}.")
    member_words = {
        "added": "added",
        "removed": "removed",
        "different": "different from the source",
        "left_out": "who join when they are let in",
        "unknown": "not in the source or not here",
        "circular": "that would make a circle",
    }
    say(f"Members: {_numbers(job.members, member_words)}.")
    _print_left_out(slug, report)
    _print_different(report)
    _print_problems([(one.line, one.given_id, one.key, one.detail) for one in report.problems])


def _print_left_out(slug: str, report: Report) -> None:
    if report.left_out:
        say("")
        rows = [(one.line, one.key, one.outcome, one.detail) for one in report.left_out]
        table(("line", "left out", "result", "why"), rows[:_SHOWN], empty="")
        _print_more(len(rows))
    _print_missing(report.summary.missing, report.summary.bill)
    if report.summary.missing:
        say(f"Buy these seats with: scim-seats left-out buy {slug}")


def _print_different(report: Report) -> None:
    if report.different:
        say("")
        rows = [(one.line, one.kind, one.key, one.detail) for one in report.different]
        table(("line", "", "here with other values", "which"), rows[:_SHOWN], empty="")
        _print_more(len(rows))
    if report.gone:
        say("")
        rows_ = [(one.user_name, one.id) for one in report.gone]
        table(("imported earlier, no longer in the source", "id"), rows_[:_SHOWN], empty="")
        _print_more(len(rows_))
