"""`scim-seats org`: the vendor's customers."""

from collections.abc import Sequence
from typing import Any

import click

from scim_server.cli.contract import print_signed
from scim_server.cli.invitation import say_who_sends
from scim_server.cli.output import emit, json_option, opened, parse_quantities, table, warn_of_loopback
from scim_server.cli.seats import seats_rows
from scim_server.cli.terms import contract_options, terms_of
from scim_server.config import Config
from scim_server.representations.base import dump
from scim_server.representations.contracts import contract
from scim_server.representations.seats import Seats
from scim_server.services.context import Context
from scim_server.services.invitations.send import LANGUAGES
from scim_server.services.organizations import settings as organizations
from scim_server.services.organizations.settings import Founded, Listed, ModeEffect
from scim_server.services.seats import commands as seats_service
from scim_server.store.database.session import OPERATOR
from scim_server.store.rows.organizations import Organization
from seat_policy.contract import DEFAULT_TIERS, Tier
from seat_policy.overflow import Overflow


def parse_policies(_context: object, _parameter: object, values: Sequence[str]) -> dict[str, Overflow | None]:
    """Read TIER=POLICY, any number of times; TIER=none for no policy of its own.

    Raises:
        BadParameter: it is not of that form, or there is no such policy.
    """
    policies: dict[str, Overflow | None] = {}
    for value in values:
        tier, sign, policy = value.partition("=")
        known = [choice.value for choice in Overflow]
        if not sign or not tier or policy not in (*known, "none"):
            raise click.BadParameter(
                f"'{value}' is not of the form TIER=POLICY; policies: {', '.join(known)}, none"
            )
        if tier in policies:
            raise click.BadParameter(f"the tier '{tier}' is given twice")
        policies[tier] = None if policy == "none" else Overflow(policy)
    return policies


overflow_option = click.option(
    "--overflow",
    type=click.Choice([choice.value for choice in Overflow]),
    help="Who finds no free seat is refused, waits, gets a lower tier meanwhile, or a seat is bought.",
)


@click.group()
def org() -> None:
    """Organizations: the customers whose providers connect."""


@org.command()
@click.argument("slug")
@click.option(
    "--seats",
    "quantities",
    metavar="TIER=NUMBER",
    multiple=True,
    required=True,
    callback=parse_quantities,
    help="Seats, once for each tier: standard, premium.",
)
@overflow_option
@click.option(
    "--owner", metavar="EMAIL", help="The Primary Owner's address; they are invited by mail and hold a seat."
)
@click.option("--active", is_flag=True, help="With --owner: seat them at once, without an invitation.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the owner's invitation.  [default: en]")
@click.option(
    "--tier",
    "tiers",
    metavar="NAME",
    multiple=True,
    help="Its tiers, the lowest first, instead of standard and premium.",
)
@contract_options
@json_option
def create(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    quantities: dict[str, int],
    overflow: str | None,
    owner: str | None,
    active: bool,
    language: str | None,
    tiers: tuple[str, ...],
    bill_opening: bool,
    as_json: bool,
    **said: Any,  # noqa: ANN401 - the options of a contract
) -> None:
    """Create an organization with seats and its first token, which is shown this once.

    With a price it has a contract at once: see 'scim-seats contract set --help'.

    Example: scim-seats org create acme --seats standard=50 --seats premium=10 --overflow queue
    """
    terms = terms_of(said)
    if bill_opening and not terms.given:
        raise click.UsageError("--bill-opening needs a contract: add --price TIER=AMOUNT")
    if (active and owner is None) or (language and (active or owner is None)):
        raise click.UsageError("--active and --language say how the owner comes in: name one by --owner")
    named = tuple(Tier(name, rank) for rank, name in enumerate(tiers, start=1)) or DEFAULT_TIERS
    with opened(creates=True) as (settings, database):
        founded = organizations.create(
            database,
            OPERATOR,
            slug,
            quantities,
            tiers=named,
            overflow=overflow or "reject",
            owner=owner if active else None,
            invite_owner=None if active else owner,
            language=language or LANGUAGES[0],
            terms=terms if terms.given else None,
            bill_opening=bill_opening,
        )
    result: dict[str, object] = {
        "org": slug,
        "base_url": settings.scim_url(slug),
        "token": founded.token.secret,
    }
    if owner is not None:
        email, status = (owner, "active") if founded.invited is None else (founded.invited.email, "invited")
        result["owner"] = {"email": email, "status": status}
    if founded.signed is not None:
        result["contract"] = contract(slug, founded.signed)
    emit(result, as_json=as_json, text=lambda: _print_founded(settings, founded, owner))
    warn_of_loopback(settings)


def _print_founded(settings: Config, founded: Founded, owner: str | None) -> None:
    slug, invited = founded.organization.slug, founded.invited
    click.echo(f"Organization {slug} is ready for its provider:")
    click.echo(f"  SCIM base URL  {settings.scim_url(slug)}")
    click.echo(f"  Bearer token   {founded.token.secret}")
    click.echo("The token is not shown again; 'scim-seats token create' makes another.")
    if invited is not None:
        click.echo(f"{invited.email} is invited to become its Primary Owner until {invited.expires[:19]}Z.")
        say_who_sends(settings)
    elif owner is not None:
        click.echo(f"{owner} is its Primary Owner.")
    if founded.signed is not None:
        print_signed(slug, founded.signed)


@org.command(name="set")
@click.argument("slug")
@overflow_option
@click.option("--mode", type=click.Choice(["manual", "jit", "scim"]), help="Who creates people.")
@click.option("--strict/--no-strict", default=None, help="Refuse what bends an RFC instead of tolerating it.")
@click.option(
    "--require-if-match/--no-require-if-match",
    default=None,
    help="Refuse changes that do not name the version they are based on.",
)
@click.option(
    "--allow-invitations/--no-allow-invitations",
    default=None,
    help="Invite people in other modes than 'manual' too.",
)
@click.option(
    "--hold-removals/--no-hold-removals",
    default=None,
    help="When a provider removes many people at once, keep their seats from the queue until confirmed.",
)
@click.option(
    "--seat-extension",
    type=click.Choice(["on", "off", "auto"]),
    help="Whether SCIM shows each person's seat; auto: unless the overflow policy is reject.",
)
@click.option(
    "--tier-overflow",
    metavar="TIER=POLICY",
    multiple=True,
    callback=parse_policies,
    help="A tier's own policy for those who need exactly it; TIER=none follows the organization.",
)
@click.option(
    "--ceiling",
    "ceilings",
    metavar="TIER=NUMBER",
    multiple=True,
    callback=parse_quantities,
    help="Seats that the policy 'buy' may buy in one term.",
)
@click.option(
    "--seats",
    "totals",
    metavar="TIER=NUMBER",
    multiple=True,
    callback=parse_quantities,
    help="Set the granted seats of a tier to a total, not below what is in use.",
)
@click.option("--dry-run", is_flag=True, help="With --mode: only show what the other mode means.")
@json_option
def set_(  # noqa: PLR0913 - one parameter per setting
    *,
    slug: str,
    dry_run: bool,
    overflow: str | None,
    mode: str | None,
    strict: bool | None,
    require_if_match: bool | None,
    allow_invitations: bool | None,
    hold_removals: bool | None,
    seat_extension: str | None,
    tier_overflow: dict[str, Overflow | None],
    ceilings: dict[str, int],
    totals: dict[str, int],
    as_json: bool,
) -> None:
    """Change an organization's settings. People who wait keep waiting, whatever the new policy.

    Example: scim-seats org set acme --overflow queue
    """
    wanted: dict[str, object | None] = {
        "overflow": overflow,
        "mode": mode,
        "strict": strict,
        "require_if_match": require_if_match,
        "allow_invitations": allow_invitations,
        "hold_removals": hold_removals,
    }
    settings = {name: value for name, value in wanted.items() if value is not None}
    if seat_extension is not None:
        settings["seat_extension"] = {"on": True, "off": False, "auto": None}[seat_extension]
    if not settings and not totals and not tier_overflow and not ceilings:
        raise click.UsageError("say what to set, for example --overflow queue")
    if dry_run and (mode is None or len(settings) > 1 or totals or tier_overflow or ceilings):
        raise click.UsageError("--dry-run shows the effect of --mode, and of nothing else")
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        effect = None if mode is None else organizations.mode_effect(database, organization, mode)
        if effect is not None and dry_run:
            _tell_mode(slug, effect, as_json=as_json)
            return
        if totals:
            seats_service.grant(Context(database, organization.id, OPERATOR), totals)
        if tier_overflow or ceilings:
            organizations.change_overflow(database, organization.id, OPERATOR, tier_overflow, ceilings)
        if settings:
            organization = organizations.change(database, organization.id, OPERATOR, settings)
        after = organizations.overflow_by_tier(database, organization.id)
    shown = _settings(organization) | {
        "tiers": {tier: {"overflow": one.overflow, "ceiling": one.ceiling} for tier, one in after.items()}
    }
    words = ", ".join(f"{name} {value}" for name, value in shown.items() if name not in ("org", "tiers"))
    emit(shown, as_json=as_json, text=lambda: click.echo(f"{slug}: {words}"))


@org.command(name="list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the organizations with their settings and seats."""
    with opened() as (settings, database):
        found = organizations.every(database)
    result = {
        "organizations": [
            _settings(one.organization)
            | {"base_url": settings.scim_url(one.organization.slug), "suspended": one.suspended}
            | dump(Seats(), one.seats)
            for one in found
        ]
    }
    rows = [
        (one.organization.slug, _state(one), one.organization.overflow, *row)
        for one in found
        for row in seats_rows(one.seats)
    ]
    columns = ("organization", "mode", "overflow", "tier", "seats", "in use", "held", "free", "waiting")
    empty = "There are no organizations yet; 'scim-seats org create' makes one."
    emit(result, as_json=as_json, text=lambda: table(columns, rows, empty=empty))


def _tell_mode(slug: str, effect: ModeEffect, *, as_json: bool) -> None:
    result = {
        "org": slug,
        "dry_run": True,
        "mode": {"from": effect.before, "to": effect.after},
        "meaning": effect.meaning,
        "members": dict(effect.members),
        "removed": 0,
    }

    def text() -> None:
        click.echo(f"{slug}: {effect.before} -> {effect.after}. {effect.meaning}")
        stay = ", ".join(f"{number} by {way}" for way, number in effect.members.items()) or "nobody yet"
        click.echo(f"Nobody is removed; members: {stay}. Nothing was changed; leave out --dry-run to do it.")

    emit(result, as_json=as_json, text=text)


def _state(one: Listed) -> str:
    return one.organization.mode if one.suspended is None else "suspended"


@org.command()
@click.argument("slug")
@json_option
def suspend(*, slug: str, as_json: bool) -> None:
    """Give no more seats: creates and activations are refused; reads and removals go on."""
    with opened() as (_, database):
        changed = organizations.suspend(database, organizations.find(database, slug).id, OPERATOR)
    text = f"{slug} is suspended: no seat is given." if changed else f"{slug} was suspended before."
    emit({"org": slug, "suspended": True, "changed": changed}, as_json=as_json, text=lambda: click.echo(text))


@org.command()
@click.argument("slug")
@json_option
def resume(*, slug: str, as_json: bool) -> None:
    """Give seats again after a suspension; whoever waits for a free one gets it at once."""
    with opened() as (_, database):
        changed = organizations.resume(database, organizations.find(database, slug).id, OPERATOR)
    text = f"{slug} is served again." if changed else f"{slug} was not suspended."
    emit(
        {"org": slug, "suspended": False, "changed": changed}, as_json=as_json, text=lambda: click.echo(text)
    )


def _settings(organization: Organization) -> dict[str, object]:
    return {
        "org": organization.slug,
        "mode": organization.mode,
        "overflow": organization.overflow,
        "strict": organization.strict,
        "require_if_match": organization.require_if_match,
        "allow_invitations": organization.allow_invitations,
        "hold_removals": organization.hold_removals,
        "seat_extension": organization.shows_seats,
    }
