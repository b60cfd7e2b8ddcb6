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
    table,
    warn_of_loopback,
)
from scim_server.cli.owner_link import url_of
from scim_server.cli.seats import seats_rows
from scim_server.cli.terms import contract_options, terms_of
from scim_server.config import Config
from scim_server.representations import organizations as shapes
from scim_server.representations.contracts import contract as signed_contract
from scim_server.services.console import commands as console
from scim_server.services.context import Context
from scim_server.services.invitations.send import LANGUAGES
from scim_server.services.organizations import commands, queries
from scim_server.services.organizations.commands import Suspension
from scim_server.services.organizations.create import CreatedOrganization, NewOrganization
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
    owner: str | None,
    active: bool,
    language: str | None,
    tiers: tuple[str, ...],
    bill_opening: bool,
    as_json: bool,
    **agreed: Any,  # noqa: ANN401 - the options of a contract
) -> None:
    """Create an organization with seats and its first token, which is printed once.

    If a price is given, the organization has a contract from the beginning (see 'scim-seats contract set
    --help').

    Example: scim-seats org create acme --seats standard=50 --seats premium=10 --overflow queue
    """
    terms = terms_of(agreed)
    if bill_opening and not terms.given:
        raise click.UsageError("--bill-opening needs a contract: add --price TIER=AMOUNT")
    if (active and owner is None) or (language and (active or owner is None)):
        raise click.UsageError(
            "--active and --language need --owner. Do not use --language together with --active"
        )
    named = tuple(Tier(name, rank) for rank, name in enumerate(tiers, start=1)) or DEFAULT_TIERS
    with opened(creates=True) as (settings, database):
        founded = commands.create(
            database,
            OPERATOR,
            NewOrganization(
                slug,
                quantities,
                tiers=named,
                overflow=overflow or Overflow.REJECT,
                policies=tier_overflow,
                ceilings=ceilings,
                owner=owner if active else None,
                invite_owner=None if active else owner,
                language=language or LANGUAGES[0],
                terms=terms if terms.given else None,
                bill_opening=bill_opening,
            ),
        )
        console_url = None if owner is None else _console_url(settings, database, founded, owner)
    result: dict[str, object] = {
        "org": slug,
        "organization": slug,
        "base_url": settings.scim_url(slug),
        "token": founded.token.secret,
    }
    if owner is not None:
        email, status = (owner, "active") if founded.invited is None else (founded.invited.email, "invited")
        result["owner"] = {"email": email, "status": status}
        result["console_url"] = console_url
    if founded.signed is not None:
        result["contract"] = signed_contract(slug, founded.signed)
    emit(result, as_json=as_json, text=lambda: _print_created(settings, founded, owner, console_url))
    warn_of_loopback(settings)


def _console_url(settings: Config, database: Database, founded: CreatedOrganization, owner: str) -> str:
    """The link with which the owner signs in; for an invited owner, it also accepts the invitation."""
    context = Context(database, founded.organization.id, OPERATOR)
    return url_of(settings, founded.organization.slug, console.create_link(context, owner))


def _print_created(
    settings: Config, founded: CreatedOrganization, owner: str | None, console_url: str | None
) -> None:
    slug, invited = founded.organization.slug, founded.invited
    click.echo(f"Organization {slug} is ready. Values for its provider:")
    click.echo(f"  SCIM base URL  {settings.scim_url(slug)}")
    click.echo(f"  Bearer token   {founded.token.secret}")
    click.echo("The token is not shown again. To create another one, use 'scim-seats token create'.")
    if invited is not None:
        click.echo(
            f"{invited.email} is invited to become its Primary Owner until {minute(invited.expires)} UTC."
        )
        explain_mail(settings)
    elif owner is not None:
        click.echo(f"{owner} is its Primary Owner.")
    if console_url is not None:
        click.echo(f"  Console        {console_url}")
        click.echo(
            f"The link works once, for 10 minutes. To create another: scim-seats owner-link {slug} {owner}"
        )
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
    emit(result, as_json=as_json, text=lambda: click.echo(words))
