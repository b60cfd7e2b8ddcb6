"""`scim-seats simulate`: show who would get a seat, wait or be refused, and the price of missing seats."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import click

from scim_server.cli.failures import Refusal
from scim_server.cli.output import emit, in_organization, json_option, say, table
from scim_server.cli.quote import print_bill
from scim_server.representations.base import dump
from scim_server.representations.simulations import SIMULATED
from scim_server.services.simulation import queries
from scim_server.services.simulation.queries import (
    MOST_BYTES,
    Foreseen,
    Outcome,
    PeopleFile,
    Simulated,
    Simulation,
    TierSummary,
)
from seat_policy.admission import Reason
from seat_policy.bill import Bill

_SHOWN: Final = 50
_BAD_SHOWN: Final = 20
_LONGEST: Final = 500
_WORDS: Final = {
    Outcome.SEATED: "would get a seat",
    Outcome.WAITING: "would wait",
    Outcome.REFUSED: "would be refused",
    Outcome.NONE: "would have no seat until one of their groups gives a tier",
    Outcome.INACTIVE: "would be inactive",
    Outcome.HERE: "are here already",
}
_STANDSTILL: Final = {
    Reason.CONTRACT_INACTIVE: "the contract has no current term",
    Reason.SUSPENDED: "the organization is suspended",
}


@click.command()
@click.argument("slug")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(allow_dash=True))
@click.option(
    "--group", help="Simulate the members of an existing group instead, as if all members were active."
)
@click.option(
    "--tier", help="Tier of people who have no tier in FILE; the tiers of their groups are then ignored."
)
@click.option("--skip-bad", is_flag=True, help="Ignore wrong lines of FILE, and list them.")
@click.option(
    "--outcome",
    type=click.Choice([one.value for one in Outcome]),
    help="List only people with this outcome; all people are counted.",
)
@click.option("--all", "every", is_flag=True, help=f"List all people, not only the first {_SHOWN}.")
@json_option
def simulate(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    file: str | None,
    group: str | None,
    tier: str | None,
    skip_bad: bool,
    outcome: str | None,
    every: bool,
    as_json: bool,
) -> None:
    """Simulate which people of a file would get a seat, and compute the price of the missing seats.

    FILE has one of these forms: CSV with a header (userName; also displayName, givenName, familyName, email,
    externalId, active, tier, and groups separated by semicolons), a people export of Okta or Entra ID, JSON
    Lines, or a JSON array of SCIM Users. "-" means standard input. The simulation adds people in the order of
    the file. Nothing is written.

    Example: scim-seats simulate acme people.csv

    Example: scim-seats simulate acme people.csv --outcome refused --all

    Example: scim-seats simulate acme --group Engineering --tier premium
    """
    if (file is None) is (group is None):
        raise click.UsageError("give a FILE, or a group with --group")
    content = None if file is None else _read(file)
    with in_organization(slug) as context:
        if content is None:
            simulated = queries.of_group(context, str(group), tier)
        else:
            listed = queries.read_file(context, content, tier)
            _print_problems(listed)
            simulated = queries.of_file(context, listed, skip_bad=skip_bad)
    simulated = replace(simulated, only=None if outcome is None else Outcome(outcome))
    emit(dump(SIMULATED, simulated), as_json=as_json, text=lambda: _print(simulated, every=every))


def _read(file: str) -> bytes:
    try:
        with click.open_file(file, "rb") as stream:
            content: bytes = stream.read(MOST_BYTES + 1)
            return content
    except OSError as error:
        raise Refusal("unreadable_file", f"{file} cannot be read: {error.strerror}") from None


def _print_problems(listed: PeopleFile) -> None:
    if listed.unused:
        say(f"Ignored columns: {', '.join(listed.unused)[:_LONGEST]}", err=True)
    for bad in listed.bad[:_BAD_SHOWN]:
        say(f"{listed.unit} {bad.line}: {bad.problem}"[:_LONGEST], err=True)
    if len(listed.bad) > _BAD_SHOWN:
        say(f"... and {len(listed.bad) - _BAD_SHOWN} more", err=True)


def _tier_row(one: TierSummary) -> tuple[object, ...]:
    return one.tier, one.free, one.seated, one.waiting, one.refused, one.free_then


_TIER_COLUMNS: Final = ("tier", "free now", "seated", "waiting for it", "refused it", "free then")


def _print(simulated: Simulated, *, every: bool) -> None:
    foreseen, listed = simulated.simulation, simulated.listed
    shown = listed if every else listed[:_SHOWN]
    columns = ("line", "userName", "now", "then", "seat", "waits for", "why")
    table(columns, map(_row, shown), empty="No people.")
    if len(shown) < len(listed):
        say(f"... and {len(listed) - len(shown)} more; --all lists all.")
    say("")
    table(_TIER_COLUMNS, map(_tier_row, foreseen.tiers), empty="")
    say("")
    say(_in_words(foreseen))
    if foreseen.standstill is not None:
        say(f"No seats are assigned now, because {_STANDSTILL[foreseen.standstill]}.")
    if foreseen.bought:
        _print_priced(
            f"{_seats(foreseen.bought)} bought automatically for new people", foreseen.price_of_bought
        )
    if foreseen.missing:
        others = (
            f" and the {foreseen.waiting_already} people in the queue" if foreseen.waiting_already else ""
        )
        _print_priced(f"{_seats(foreseen.missing)} missing for these people{others}", foreseen.price)
    say("This was a simulation, and nothing was written.")


def _print_priced(words: str, bill: Bill | None) -> None:
    say(f"{words}{'.' if bill is None else ':'}")
    if bill is not None:
        print_bill(bill)


def _row(one: Foreseen) -> tuple[object, ...]:
    name = one.simulated.user_name[:_LONGEST]
    return one.simulated.line, name, one.before, one.outcome.value, one.tier, one.waits_for, one.reason


def _in_words(foreseen: Simulation) -> str:
    """Count the people with each outcome; outcomes without people are left out."""
    counts = [f"{count} {_WORDS[outcome]}" for outcome, count in foreseen.counted.items() if count]
    back = foreseen.reactivated
    reactivated = f" {back} of them would be reactivated." if back else ""
    number = len(foreseen.people)
    people = "person" if number == 1 else "people"
    return f"{number} {people}: {', '.join(counts) or 'nobody'}.{reactivated}"


def _seats(numbers: Mapping[str, int]) -> str:
    """The seats as a subject with its verb: `2 standard and 1 premium seats are`."""
    numbered = " and ".join(f"{number} {tier}" for tier, number in numbers.items())
    return f"{numbered} {'seat is' if sum(numbers.values()) == 1 else 'seats are'}"
