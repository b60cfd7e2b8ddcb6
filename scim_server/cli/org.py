"""`scim-seats org`: manage organizations, which are the vendor's customers."""

from typing import Any

import click

from scim_server.cli.contract import print_signed
from scim_server.cli.invitation import explain_mail
from scim_server.cli.org_settings import (
    ceiling_option,
    overflow_option,
    set_organization,
    tier_overflow_option,
)
from scim_server.cli.output import (
    emit,
    in_organization,
    json_option,
    minute,
    opened,
    parse_quantities,
    say,
    say_all,
    table,
    warn_of_loopback,
)
from scim_server.cli.owner_link import url_of
from scim_server.cli.seats import seats_rows
from scim_server.cli.terms import contract_options, terms_of
from scim_server.config import Config
from scim_server.representations import organizations as shapes
from scim_server.services.console import commands as console
from scim_server.services.context import Context
from scim_server.services.invitations.commands import LANGUAGES
from scim_server.services.organizations import commands, queries
from scim_server.services.organizations.commands import CreatedOrganization, NewOrganization, Suspension
from scim_server.services.organizations.queries import Listed
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.contract import DEFAULT_TIERS, Tier
from seat_policy.overflow import Overflow


@click.group()
def org() -> None:
    """Manage organizations, which are the vendor's customers."""


@org.command()
@click.argument("slug")
@click.option(
    "--seats",
    "quantities",
    metavar="TIER=NUMBER",
    multiple=True,
    required=True,
    callback=parse_quantities,
    help="Seats of a tier (standard, premium); repeatable.",
)
@overflow_option
@ceiling_option
@tier_overflow_option
@click.option(
    "--owner",
    metavar="EMAIL",
    help="Address of the Primary Owner. The owner is invited by mail, and a seat is held.",
)
@click.option(
    "--active", is_flag=True, help="With --owner: give the owner a seat at once, without an invitation."
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Language of the owner's invitation.  [default: en]"
)
@click.option(
    "--tier",
    "tiers",
    metavar="NAME",
    multiple=True,
    help="Tiers of the organization instead of standard and premium, lowest first.",
)
@contract_options
@json_option
def create(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    quantities: dict[str, int],
    overflow: str | None,
    ceilings: dict[str, int],
    tier_overflow: dict[str, Overflow | None],
    tiers: tuple[str, ...],
    bill_opening: bool,
    as_json: bool,
    **others: Any,  # noqa: ANN401 - the options of the owner and of a contract
) -> None:
    """Create an organization with seats and its first token, which is printed once.

    If a price is given, the organization has a contract from the beginning (see 'scim-seats contract set
    --help').

    Example: scim-seats org create acme --seats standard=50 --seats premium=10 --overflow queue
    """
    owner, terms = _owner_of(others), terms_of(others)
    if bill_opening and not terms.given:
        raise click.UsageError("--bill-opening needs a contract: add --price TIER=AMOUNT")
    new = NewOrganization(
        slug,
        quantities,
        tiers=tuple(Tier(name, rank) for rank, name in enumerate(tiers, start=1)) or DEFAULT_TIERS,
        overflow=Overflow(overflow or Overflow.REJECT),
        policies=tier_overflow,
        ceilings=ceilings,
        terms=terms if terms.given else None,
        bill_opening=bill_opening,
        **owner,
    )
    with opened(creates=True) as (settings, database):
        founded = commands.create(database, OPERATOR, new)
        console_url = _console_url(settings, database, founded, new)
    result = shapes.created(new, founded, settings.scim_url(slug), console_url)
    emit(result, as_json=as_json, text=lambda: _print_created(settings, founded, new, console_url))
    warn_of_loopback(settings)


def _owner_of(said: dict[str, Any]) -> dict[str, Any]:
    """The owner of a new organization, taken from the options.

    Raises:
        UsageError: an option about the owner is given without an owner, or two options contradict each other.
    """
    address, active, language = said.pop("owner"), said.pop("active"), said.pop("language")
    if (active and address is None) or (language and (active or address is None)):
        raise click.UsageError(
            "--active and --language need --owner. Do not use --language together with --active"
        )
    role = "owner" if active else "invite_owner"
    return {role: address, "language": language or LANGUAGES[0]}


def _console_url(
    settings: Config, database: Database, founded: CreatedOrganization, new: NewOrganization
) -> str | None:
    """The link with which the owner signs in; for an invited owner, it also accepts the invitation."""
    owner = new.owner or new.invite_owner
    if owner is None:
        return None
    context = Context(database, founded.organization.id, OPERATOR)
    return url_of(settings, new.slug, console.create_link(context, owner))


def _print_created(
    settings: Config, founded: CreatedOrganization, new: NewOrganization, console_url: str | None
) -> None:
    slug, invited, owner = new.slug, founded.invited, new.owner or new.invite_owner
    say(f"Organization {slug} is ready. Values for its provider:")
    say(f"  SCIM base URL  {settings.scim_url(slug)}")
    say(f"  Bearer token   {founded.token.secret}")
    say("The token is not shown again. To create another one, use 'scim-seats token create'.")
    if invited is not None:
        say(f"{invited.email} is invited to become its Primary Owner until {minute(invited.expires)} UTC.")
        explain_mail(settings)
    elif owner is not None:
        say(f"{owner} is its Primary Owner.")
    if console_url is not None:
        say(f"  Console        {console_url}")
        say(f"The link works once, for 10 minutes. To create another: scim-seats owner-link {slug} {owner}")
    if founded.signed is not None:
        print_signed(slug, founded.signed)


org.add_command(set_organization)


@org.command(name="list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the organizations with their settings and seats."""
    with opened() as (settings, database):
        found = queries.every(database)
    result = {
        "data": [shapes.organization(one, settings.scim_url(one.organization.slug)) for one in found],
        "next_cursor": None,
    }
    rows = [
        (one.organization.slug, _state(one), one.organization.overflow, *row)
        for one in found
        for row in seats_rows(one.seats)
    ]
    columns = ("organization", "mode", "overflow", "tier", "seats", "in use", "held", "free", "waiting")
    empty = "No organizations yet. Create one with 'scim-seats org create'."
    emit(result, as_json=as_json, text=lambda: table(columns, rows, empty=empty))


def _state(one: Listed) -> str:
    return one.organization.mode if one.suspended is None else "suspended"


yes_option = click.option(
    "--yes", is_flag=True, help="Do it. Without this option, only show what would happen."
)


@org.command()
@click.argument("slug")
@yes_option
@json_option
def suspend(*, slug: str, yes: bool, as_json: bool) -> None:
    """Stop assigning seats. Creates and activations are refused; reads and removals still work.

    Example: scim-seats org suspend acme --yes
    """
    with in_organization(slug) as context:
        done = commands.suspend(context, preview=not yes)
    if not done.changed:
        words = f"{slug} is already suspended."
    elif yes:
        words = f"{slug} is suspended. No seats are assigned."
    else:
        words = (
            f"{slug} would be suspended. Creates and activations would be refused. People "
            "would keep their seats."
        )
    _print_suspension(done, words, yes=yes, as_json=as_json)


@org.command()
@click.argument("slug")
@yes_option
@json_option
def resume(*, slug: str, yes: bool, as_json: bool) -> None:
    """Assign seats again after a suspension; waiting people get the free seats at once.

    Example: scim-seats org resume acme --yes
    """
    with in_organization(slug) as context:
        done = commands.resume(context, preview=not yes)
    people = "1 waiting person" if done.promoted == 1 else f"{done.promoted} waiting people"
    if not done.changed:
        words = f"{slug} is not suspended."
    elif yes:
        words = f"{slug} is resumed, and {people} got a seat."
    else:
        words = f"{slug} would be resumed, and {people} would get a seat."
    _print_suspension(done, words, yes=yes, as_json=as_json)


def _print_suspension(done: Suspension, words: str, *, yes: bool, as_json: bool) -> None:
    if done.changed and not yes:
        words += "\nThis was a preview, and nothing was changed. Add --yes to do it."
    result = shapes.suspension(done, preview=not yes)
    emit(result, as_json=as_json, text=lambda: say_all(words))


@org.command()
@click.argument("slug")
@click.option("--slug", "repeated", metavar="SLUG", help="Do it: repeat the name of the organization.")
@json_option
def delete(*, slug: str, repeated: str | None, as_json: bool) -> None:
    """Suspend an organization, and schedule its deletion after 30 days.

    Until then nothing is deleted, and `org undelete` cancels it.

    Example: scim-seats org delete acme --slug acme
    """
    preview = repeated is None
    with in_organization(slug) as context:
        done = commands.schedule_deletion(context, slug if repeated is None else repeated, preview=preview)
    day_ = minute(done.deletes)[:10]
    members = "1 member" if done.people == 1 else f"{done.people} members"
    if preview:
        words = (
            f"{slug} with {members} would be suspended, and may be deleted from {day_}.\n"
            f"This was a preview, and nothing was changed. Add --slug {slug} to do it."
        )
    else:
        words = (
            f"{slug} is suspended, and may be deleted from {day_}. To cancel: scim-seats org undelete {slug}"
        )
    result = shapes.deletion(done, preview=preview)
    emit(result, as_json=as_json, text=lambda: say_all(words))


@org.command()
@click.argument("slug")
@json_option
def undelete(*, slug: str, as_json: bool) -> None:
    """Cancel a scheduled deletion. The organization stays suspended until `org resume`.

    Example: scim-seats org undelete acme
    """
    with in_organization(slug) as context:
        done = commands.cancel_deletion(context)
    words = f"{slug} will not be deleted. It is still suspended: scim-seats org resume {slug} --yes"
    result = shapes.deletion(done, preview=False)
    emit(result, as_json=as_json, text=lambda: say_all(words))
