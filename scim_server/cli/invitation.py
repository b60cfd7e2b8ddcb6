"""`scim-seats invite` and `scim-seats invitation`: people asked in by mail."""

import click

from scim_server.cli.output import emit, json_option, opened, table
from scim_server.config import Config
from scim_server.representations.base import dump
from scim_server.representations.bills import Billed
from scim_server.services.invitations import send as invitations
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.invitations.send import LANGUAGES, Listed
from scim_server.services.organizations import settings as organizations
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows.invitations import Invitation
from seat_policy.invitations import State
from seat_policy.roles import Role

COLUMNS = ("email", "role", "seat held", "state", "expires", "mail", "id")


def _described(one: Invitation) -> dict[str, object]:
    return {
        "id": one.id,
        "email": one.email,
        "role": one.role,
        "wants": one.wants,
        "held": one.held,
        "state": one.state,
        "language": one.language,
        "inviter": one.inviter,
        "sent": one.sent,
        "expires": one.expires,
        "closed": one.closed,
        "person": one.person,
    }


def _mail(one: Listed) -> str:
    delivery = one.delivery
    if delivery is None:
        return "withdrawn"
    if delivery.sent is not None:
        return "sent"
    if delivery.given_up:
        return f"failed: {delivery.last_error}"
    return "to be sent" if delivery.last_error is None else f"tried again: {delivery.last_error}"


def say_who_sends(settings: Config) -> None:
    """Tell the operator what sending depends on, where this shell does not show that it is set."""
    if settings.smtp_url is None:
        click.echo(
            "The mail is sent by the worker. This shell has no SCIM_SEATS_SMTP_URL: make sure that the "
            "server, or 'scim-seats worker', has.",
            err=True,
        )


@click.command()
@click.argument("slug")
@click.argument("emails", metavar="EMAIL...", nargs=-1, required=True)
@click.option("--tier", help="Which seat to hold; the highest with a free one by default.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.USER.value,
    show_default=True,
    help="As what they come in; primary_owner, of any domain, where there is none.",
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True, help="Of the mail."
)
@json_option
def invite(
    *, slug: str, emails: tuple[str, ...], tier: str | None, role: str, language: str, as_json: bool
) -> None:
    """Invite addresses, all of them or none; an EMAIL may be a list apart by commas or lines.

    Each invitation holds a seat for 21 days. With too few seats nothing is sent, and what is missing is
    shown with its price.

    Example: scim-seats invite acme ada@example.com,grace@example.com --role admin
    """
    with opened() as (settings, database):
        organization = organizations.find(database, slug)
        try:
            sent = _invited(database, organization.id, emails, Role(role), tier, language)
        except Shortfall as shortfall:
            if as_json:
                emit(_missing(slug, shortfall), as_json=True, text=lambda: None)
            raise
    rows = [(one.email, one.role, one.held, one.expires[:19] + "Z") for one in sent]

    def text() -> None:
        table(("invited", "role", "seat held", "expires"), rows, empty="")
        say_who_sends(settings)

    emit({"org": slug, "invitations": [_described(one) for one in sent]}, as_json=as_json, text=text)


def _invited(
    database: Database,
    organization: str,
    emails: tuple[str, ...],
    role: Role,
    tier: str | None,
    language: str,
) -> list[Invitation]:
    if role is not Role.PRIMARY_OWNER:
        return invitations.invite(
            database, organization, OPERATOR, emails, role=role, tier=tier, language=language
        )
    if len(emails) > 1 or tier is not None:
        raise click.UsageError("the Primary Owner is one address, without --tier")
    return [invitations.invite_primary_owner(database, organization, OPERATOR, emails[0], language=language)]


def _missing(slug: str, shortfall: Shortfall) -> dict[str, object]:
    short = shortfall.short
    return {
        "org": slug,
        "invitations": [],
        "shortfall": {
            "tier": short.tier,
            "missing": short.missing,
            "free": short.free,
            "waiting": short.waiting,
            "price": None if shortfall.bill is None else dump(Billed(), shortfall.bill),
        },
    }


@click.group()
def invitation() -> None:
    """Invitations: list them, send them again, take them back."""


@invitation.command(name="list")
@click.argument("slug")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only these.")
@json_option
def list_(*, slug: str, state: str | None, as_json: bool) -> None:
    """List invitations, the newest first, and what became of their mail.

    Example: scim-seats invitation list acme --state pending
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        found = invitations.every(database, organization.id, None if state is None else State(state))
    rows = [
        (
            one.invitation.email,
            one.invitation.role,
            one.invitation.held,
            one.state,
            one.invitation.expires[:19] + "Z",
            _mail(one),
            one.invitation.id,
        )
        for one in found
    ]
    listed = [_described(one.invitation) | {"state": one.state, "mail": _mail(one)} for one in found]
    emit(
        {"org": slug, "invitations": listed},
        as_json=as_json,
        text=lambda: table(COLUMNS, rows, empty="No invitations."),
    )


@invitation.command()
@click.argument("slug")
@click.argument("email")
@json_option
def resend(*, slug: str, email: str, as_json: bool) -> None:
    """Send an invitation again: a new link for 21 days; an expired one takes a seat again.

    Example: scim-seats invitation resend acme ada@example.com
    """
    with opened() as (settings, database):
        organization = organizations.find(database, slug)
        try:
            one = invitations.resend(database, organization.id, OPERATOR, email)
        except Shortfall as shortfall:
            if as_json:
                emit(_missing(slug, shortfall), as_json=True, text=lambda: None)
            raise

    def text() -> None:
        click.echo(f"{one.email} is invited until {one.expires[:19]}Z.")
        say_who_sends(settings)

    emit({"org": slug, **_described(one)}, as_json=as_json, text=text)


@invitation.command()
@click.argument("slug")
@click.argument("email")
@json_option
def revoke(*, slug: str, email: str, as_json: bool) -> None:
    """Take an invitation back; whoever is first in the queue gets its seat.

    Example: scim-seats invitation revoke acme ada@example.com
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        one = invitations.revoke(database, organization.id, OPERATOR, email)
    emit(
        {"org": slug, **_described(one)},
        as_json=as_json,
        text=lambda: click.echo(f"The invitation of {one.email} is taken back."),
    )
