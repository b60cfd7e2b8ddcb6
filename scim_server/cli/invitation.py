"""`scim-seats invite` and `scim-seats invitation`: invite people by mail, and manage invitations."""

from typing import NoReturn

import click

from scim_server import config
from scim_server.cli.output import day, emit, in_organization, json_option, minute, say, table
from scim_server.config import Config
from scim_server.representations import invitations as shapes
from scim_server.representations.base import dump
from scim_server.services.context import Context
from scim_server.services.errors import NoFreeSeat
from scim_server.services.invitations import commands, queries
from scim_server.services.invitations.commands import LANGUAGES, Invitees, Revoked, Shortfall
from scim_server.store.rows.invitations import Invitation
from seat_policy.invitations import State
from seat_policy.roles import Role

COLUMNS = ("email", "role", "state", "expires", "mail")


def explain_mail(settings: Config) -> None:
    """If this shell has no setting for a mail server, explain that the worker sends mail."""
    if settings.smtp_url is None:
        say(
            "The worker sends the mail. SCIM_SEATS_SMTP_URL is not set in this shell. Make sure that it is "
            "set for the server, or for 'scim-seats worker'.",
            err=True,
        )


@click.command()
@click.argument("slug")
@click.argument("emails", metavar="EMAIL...", nargs=-1, required=True)
@click.option(
    "--tier", help="Tier of the seat that the invitation holds. Default: the highest tier with a free seat."
)
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.USER.value,
    show_default=True,
    help="Role of the invitees. primary_owner is possible only if the organization has no Primary "
    "Owner; then any domain is accepted.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="Language of the mail.",
)
@json_option
def invite(
    *, slug: str, emails: tuple[str, ...], tier: str | None, role: str, language: str, as_json: bool
) -> None:
    """Invite addresses: either all of them, or none.

    An EMAIL may be a list, separated by commas or line breaks. Each invitation holds a seat for 21 days. If
    there are too few seats, no mail is sent, and the command shows the missing seats with their price.

    Example: scim-seats invite acme ada@example.com,grace@example.com --role admin
    """
    with in_organization(slug) as context:
        sent = _invite(context, emails, Role(role), tier, language)
    if isinstance(sent, Shortfall):
        refuse(sent, as_json=as_json)
    rows = [(one.email, one.role, one.held, minute(one.expires)) for one in sent]

    def text() -> None:
        table(("invited", "role", "seat held", "expires"), rows, empty="")
        explain_mail(config.load())

    result = {"organization": slug, "invitations": [dump(shapes.Invitation(), one) for one in sent]}
    emit(result, as_json=as_json, text=text)


def _invite(
    context: Context, emails: tuple[str, ...], role: Role, tier: str | None, language: str
) -> list[Invitation] | Shortfall:
    if role is not Role.PRIMARY_OWNER:
        return commands.invite(context, Invitees(emails, role, tier, language))
    if len(emails) > 1 or tier is not None:
        raise click.UsageError("with --role primary_owner give one address, and leave out --tier")
    sent = commands.invite_primary_owner(context, emails[0], language=language)
    return sent if isinstance(sent, Shortfall) else [sent]


def refuse(shortfall: Shortfall, *, as_json: bool) -> NoReturn:
    """Print the missing seats and their price, and end with status 1."""
    emit(shapes.shortfall(shortfall), as_json=as_json, text=lambda: None)
    short = shortfall.short
    command = f"scim-seats seats add {shortfall.organization} {short.tier}={short.missing}"
    raise NoFreeSeat(f"{shortfall.detail}. Add {'it' if short.missing == 1 else 'them'} with: {command}")


@click.group()
def invitation() -> None:
    """List, resend and revoke invitations."""


@invitation.command(name="list")
@click.argument("slug")
@click.option(
    "--state",
    type=click.Choice([state.value for state in State]),
    help="Show only invitations in this state.",
)
@json_option
def list_(*, slug: str, state: str | None, as_json: bool) -> None:
    """List invitations, newest first, with the state of their mail.

    Example: scim-seats invitation list acme --state pending
    """
    with in_organization(slug) as context:
        found = queries.every(context, None if state is None else State(state))
    rows = [
        (
            one.invitation.email,
            one.invitation.role,
            one.state,
            day(one.invitation.expires),
            one.mail,
        )
        for one in found
    ]
    emit(
        {"organization": slug, "data": [shapes.listed(one) for one in found], "next_cursor": None},
        as_json=as_json,
        text=lambda: table(COLUMNS, rows, empty="No invitations."),
    )


@invitation.command()
@click.argument("slug")
@click.argument("email")
@json_option
def resend(*, slug: str, email: str, as_json: bool) -> None:
    """Send an invitation again, with a new link for 21 days; an expired invitation holds a seat again.

    Example: scim-seats invitation resend acme ada@example.com
    """
    with in_organization(slug) as context:
        one = commands.resend(context, email)
    if isinstance(one, Shortfall):
        refuse(one, as_json=as_json)

    def text() -> None:
        say(f"{one.email} is invited until {minute(one.expires)} UTC.")
        explain_mail(config.load())

    emit({"organization": slug, **dump(shapes.Invitation(), one)}, as_json=as_json, text=text)


@invitation.command()
@click.argument("slug")
@click.argument("email")
@click.option(
    "--yes", is_flag=True, help="Revoke the invitation. Without this option, only show what would happen."
)
@json_option
def revoke(*, slug: str, email: str, yes: bool, as_json: bool) -> None:
    """Revoke an invitation; the first person in the queue gets the seat.

    Example: scim-seats invitation revoke acme ada@example.com --yes
    """
    with in_organization(slug) as context:
        revoked = commands.revoke(context, email, preview=not yes)
    result = shapes.revoked(revoked, preview=not yes)
    emit(result, as_json=as_json, text=lambda: _print_revoked(revoked, yes=yes))


def _print_revoked(revoked: Revoked, *, yes: bool) -> None:
    email = revoked.invitation.email
    say(f"The invitation of {email} {'is' if yes else 'would be'} revoked; its link stops working.")
    if revoked.released is not None:
        say(f"Its {revoked.released} seat {'is' if yes else 'would be'} free again.")
    rows = revoked.let_in.items()
    if rows:
        table(("gets in" if yes else "would get in", "tier"), rows, empty="")
    if not yes:
        say("This was a preview, and nothing was changed. Add --yes to do it.")
