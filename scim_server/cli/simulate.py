"""`scim-seats simulate`: who would get in, who would wait or be refused, and what seats for all cost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import click

from scim_server.cli import people_file
from scim_server.cli.output import emit, json_option, opened, table
from scim_server.cli.people_file import MOST_BYTES, PeopleFile
from scim_server.cli.quote import print_bill
from scim_server.documents import bill as bill_document
from scim_server.services.errors import OperatorError
from scim_server.services.organizations import queries as organizations
from scim_server.services.scim.schemas import directory
from scim_server.services.seats import gate as seats
from scim_server.services.simulation import run as simulation
from scim_server.services.simulation.requests import Outcome
from scim_server.services.simulation.run import Foreseen, Simulation
from scim_server.store.database.session import Database
from scim_server.store.rows.organizations import Organization
from seat_policy.admission import Reason
from seat_policy.contract import ANY
from seat_policy.invoices import Bill

_SHOWN: Final = 50
_BAD_SHOWN: Final = 20
_WORDS: Final = {
    Outcome.SEATED: "would get a seat",
    Outcome.WAITING: "would wait",
    Outcome.REFUSED: "would be refused",
    Outcome.NONE: "would be here without a seat until a group gives one",
    Outcome.INACTIVE: "would be inactive",
    Outcome.HERE: "are here already",
}
_STANDSTILL: Final = {
    Reason.CONTRACT_INACTIVE: "no term of the contract runs",
    Reason.SUSPENDED: "the organization is suspended",
}


@click.command()
@click.argument("slug")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(allow_dash=True))
@click.option("--group", help="Simulate an existing group instead: as if all its members were active.")
@click.option("--tier", help="What everybody asks for of whom FILE says nothing else; whatever groups give.")
@click.option("--skip-bad", is_flag=True, help="Leave out lines of FILE that are wrong, and list them.")
@click.option(
    "--outcome", type=click.Choice([one.value for one in Outcome]), help="List only these; all are counted."
)
@click.option("--all", "every", is_flag=True, help=f"List everybody, not the first {_SHOWN}.")
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
    """Dry run: who of the people in FILE would get in, on which tier, and what seats for the rest cost.

    FILE is CSV with a header (userName; also displayName, givenName, familyName, email, externalId, active,
    groups apart by semicolons, tier), a people export of Okta or Entra ID, JSON Lines or a JSON array of
    SCIM Users; "-" reads standard input. Its order is the order of arrival. Nothing is written.

    Example: scim-seats simulate acme people.csv

    Example: scim-seats simulate acme people.csv --outcome refused --all

    Example: scim-seats simulate acme --group Engineering --tier premium
    """
    if (file is None) is (group is None):
        raise click.UsageError("name a FILE, or a group by --group")
    content = None if file is None else _read(file)
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        if content is None:
            listed = PeopleFile((), ())
            foreseen = simulation.foresee_group(database, organization.id, str(group), tier)
        else:
            listed = _listed(database, organization, content, tier, skip_bad=skip_bad)
            foreseen = simulation.foresee(database, organization.id, listed.people)
    shown = [one for one in foreseen.people if outcome is None or one.outcome == outcome]
    emit(
        _as_json(slug, foreseen, shown, listed),
        as_json=as_json,
        text=lambda: _print(foreseen, shown if every else shown[:_SHOWN], len(shown)),
    )


def _read(file: str) -> bytes:
    try:
        with click.open_file(file, "rb") as stream:
            content: bytes = stream.read(MOST_BYTES + 1)
            return content
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}") from None


def _listed(
    database: Database, organization: Organization, content: bytes, tier: str | None, *, skip_bad: bool
) -> PeopleFile:
    """The people of a file, if nothing is wrong with it, or what is wrong may be left out."""
    of_users = directory(database, organization)
    reader = of_users.user_reader(seats=organization.shows_seats, strict=organization.strict)
    availability = seats.show(database, organization.id)
    if tier is not None:
        availability.wanted(tier)
    tiers = [one.tier.name for one in reversed(availability.tiers)]
    listed = people_file.read(content, reader, [*tiers, ANY], tier)
    if listed.unused:
        click.echo(f"Columns that say nothing here: {_printable(', '.join(listed.unused))}", err=True)
    for bad in listed.bad[:_BAD_SHOWN]:
        click.echo(_printable(f"{listed.unit} {bad.line}: {bad.problem}"), err=True)
    if len(listed.bad) > _BAD_SHOWN:
        click.echo(f"... and {len(listed.bad) - _BAD_SHOWN} more", err=True)
    if listed.bad and not skip_bad:
        raise OperatorError(
            f"nothing was simulated: {_counted(len(listed.bad), listed.unit)} wrong. Correct the file, "
            "or leave out what is wrong with --skip-bad"
        )
    return listed


def _counted(number: int, unit: str) -> str:
    if number == 1:
        return f"one {unit} is"
    return f"{number} {'lines' if unit == 'line' else 'entries'} are"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:500]


def _as_json(
    slug: str, foreseen: Simulation, shown: Sequence[Foreseen], listed: PeopleFile
) -> dict[str, object]:
    return {
        "org": slug,
        "people": [*map(_described, shown)],
        "summary": _summary(foreseen),
        "standstill": foreseen.standstill,
        "missing": dict(foreseen.missing),
        "waiting_already": foreseen.waiting_already,
        "price": _priced(foreseen.price),
        "automatic": {"seats": dict(foreseen.bought), "price": _priced(foreseen.price_of_bought)},
        "bad": [{listed.unit: bad.line, "problem": bad.problem} for bad in listed.bad],
        "unused_columns": list(listed.unused),
    }


def _priced(bill: Bill | None) -> dict[str, object] | None:
    return None if bill is None else bill_document.as_json(bill)


def _summary(foreseen: Simulation) -> dict[str, object]:
    """Everybody counted, also those who are not listed."""
    counted = Counter(one.outcome for one in foreseen.people)
    return {
        **{outcome.value: counted[outcome] for outcome in Outcome},
        "reactivated": sum(map(_is_reactivated, foreseen.people)),
        "tiers": {str(row[0]): dict(zip(_TIER_KEYS, row[1:], strict=True)) for row in _tier_rows(foreseen)},
    }


def _described(one: Foreseen) -> dict[str, object]:
    return {
        "line": one.comer.line,
        "user_name": one.comer.user_name,
        "now": one.before,
        "outcome": one.outcome,
        "tier": one.tier,
        "waits_for": one.waits_for,
        "wants": one.wants,
        "reason": one.reason,
    }


def _is_reactivated(one: Foreseen) -> bool:
    return one.before == "inactive" and one.outcome in (Outcome.SEATED, Outcome.WAITING, Outcome.NONE)


_TIER_KEYS: Final = ("free", "seated", "waiting", "refused", "free_then")
_TIER_COLUMNS: Final = ("tier", "free now", "seated", "waiting for it", "refused it", "free then")


def _tier_rows(foreseen: Simulation) -> list[tuple[object, ...]]:
    """A row for every tier, the lowest first, and one for those who take any."""
    came = [one for one in foreseen.people if one.outcome is not Outcome.HERE]
    seated = Counter(one.tier for one in came)
    waiting = Counter(one.waits_for for one in came)
    refused = Counter(one.wants for one in came if one.outcome is Outcome.REFUSED)
    pairs = zip(reversed(foreseen.before.tiers), reversed(foreseen.after.tiers), strict=True)
    rows: list[tuple[object, ...]] = [
        (name := now.tier.name, now.free, seated[name], waiting[name], refused[name], then.free)
        for now, then in pairs
    ]
    any_tier = (ANY, None, 0, waiting[ANY], refused[ANY], None)
    return [*rows, any_tier] if waiting[ANY] or refused[ANY] else rows


def _print(foreseen: Simulation, shown: Sequence[Foreseen], number: int) -> None:
    columns = ("line", "userName", "now", "then", "seat", "waits for", "why")
    table(columns, map(_row, shown), empty="Nobody.")
    if len(shown) < number:
        click.echo(f"... and {number - len(shown)} more; --all lists everybody.")
    click.echo()
    table(_TIER_COLUMNS, _tier_rows(foreseen), empty="")
    click.echo()
    click.echo(_in_words(foreseen.people))
    if foreseen.standstill is not None:
        click.echo(f"No seat is given now: {_STANDSTILL[foreseen.standstill]}.")
    if foreseen.bought:
        _print_priced(f"On the way {_seats(foreseen.bought)} bought for newcomers", foreseen.price_of_bought)
    if foreseen.missing:
        others = f" and the {foreseen.waiting_already} who wait already" if foreseen.waiting_already else ""
        _print_priced(f"To seat everybody{others}, {_seats(foreseen.missing)} missing", foreseen.price)
    click.echo("Dry run: nothing was written.")


def _print_priced(words: str, bill: Bill | None) -> None:
    click.echo(f"{words}{'.' if bill is None else ':'}")
    if bill is not None:
        print_bill(bill)


def _row(one: Foreseen) -> tuple[object, ...]:
    name = _printable(one.comer.user_name)
    return one.comer.line, name, one.before, one.outcome.value, one.tier, one.waits_for, one.reason


def _in_words(people: Sequence[Foreseen]) -> str:
    """How many of each outcome, those that there are."""
    counted = Counter(one.outcome for one in people)
    told = ", ".join(f"{counted[outcome]} {_WORDS[outcome]}" for outcome in Outcome if counted[outcome])
    back = sum(map(_is_reactivated, people))
    reactivated = f" {back} of them would be reactivated." if back else ""
    return f"{len(people)} {'person' if len(people) == 1 else 'people'}: {told or 'nobody'}.{reactivated}"


def _seats(numbers: Mapping[str, int]) -> str:
    """`2 standard and 1 premium seats are`."""
    told = " and ".join(f"{number} {tier}" for tier, number in numbers.items())
    return f"{told} {'seat is' if sum(numbers.values()) == 1 else 'seats are'}"
