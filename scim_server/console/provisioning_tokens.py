"""Connections: the tokens of providers, their rotation in two steps, and guides for setting a provider up."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from flask import Response, abort, request

from scim_server.console import pages
from scim_server.console.doorkeeper import sentence
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import config, context, gettext, visit
from scim_server.services.access import commands, queries
from scim_server.services.access.commands import NewToken
from scim_server.services.errors import ServiceError

tokens = Pages("tokens")

_LIST: Final = "/provisioning/tokens"
_LONGEST_NAME: Final = 100
_MOST_DAYS: Final = 3650


@dataclass(frozen=True, slots=True)
class Guide:
    """How a provider is set up.

    Attributes:
        name: of the provider.
        fields: each field of the provider's form with its value; `url` and `token` stand for these values.
        steps: what to do in the provider's console, in order.
    """

    name: str
    fields: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]


URL: Final = "url"
TOKEN: Final = "token"  # noqa: S105 - the name of a value, which stands for the token


@tokens.show(_LIST, Permission.MEMBERS)
def show() -> Response:
    """All tokens with their last use, and the rotations that are running."""
    return _list()


@tokens.do(_LIST, Permission.BILLING)
def create() -> Response:
    """Create a token, and show it once."""
    name, days = request.form.get("name", "").strip()[:_LONGEST_NAME], request.form.get("days", "").strip()
    if not name:
        return _list(name, days, gettext("Give the token a name, such as okta. It is shown in the audit."))
    if days and not (days.isascii() and days.isdecimal() and 1 <= int(days[:6]) <= _MOST_DAYS):
        return _list(name, days, gettext("The number of days is from 1 to 3650; empty means no end."))
    try:
        made = commands.create_token(context(), name, lifetime=timedelta(days=int(days)) if days else None)
    except ServiceError as error:
        return _list(name, days, sentence(error.detail))
    return _made(made)


@tokens.do("/provisioning/tokens/rotate", Permission.BILLING)
def rotate() -> Response:
    """The first step of a rotation: create the second token, and show it once. The old one still works."""
    return _made(commands.rotate_token(context(), request.form.get("id", "")), rotates=True)


@tokens.show("/provisioning/tokens/end", Permission.BILLING)
def ask_end() -> Response:
    """What the end of a token does, with its last use."""
    token = commands.revoke_token(context(), request.args.get("id", ""), preview=True)
    state = next(one for one in queries.token_states(context()) if one.token.id == token.id)
    return pages.page("token_end.html", state=state)


@tokens.do("/provisioning/tokens/end", Permission.BILLING)
def end() -> Response:
    """Revoke a token; in a rotation, this is the second step."""
    token = commands.revoke_token(context(), request.form.get("id", ""))
    return pages.done(gettext("The token %(name)s no longer works.", name=token.name), _LIST)


@tokens.show("/provisioning/guides/<provider>", Permission.MEMBERS)
def guide(provider: str) -> Response:
    """The exact fields and steps for a provider, and whether it has called."""
    found = guides().get(provider)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return pages.page(
        "guide.html",
        guide=found,
        guides=guides(),
        current=provider,
        base_url=config().scim_url(visit().slug),
        live=[one for one in queries.token_states(context()) if one.live],
        may_change=Permission.BILLING.admits(visit().role),
    )


def _list(name: str = "", days: str = "", error: str = "") -> Response:
    states = queries.token_states(context())
    return pages.page(
        "tokens.html",
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        live=[one for one in states if one.live],
        ended=[one for one in states if not one.live],
        base_url=config().scim_url(visit().slug),
        guides=guides(),
        name=name,
        days=days,
        error=error,
        may_change=Permission.BILLING.admits(visit().role),
    )


def _made(made: NewToken, *, rotates: bool = False) -> Response:
    return pages.page(
        "token_made.html",
        made=made,
        rotates=rotates,
        base_url=config().scim_url(visit().slug),
        guides=guides(),
    )


def guides() -> dict[str, Guide]:
    """The guides by the name in the address. The names of fields are those of the providers' consoles."""
    return {"okta": _okta(), "entra": _entra(), "other": _other()}


def _okta() -> Guide:
    return Guide(
        "Okta",
        (
            ("SCIM connector base URL", URL),
            ("Unique identifier field for users", "userName"),
            ("Supported provisioning actions", "Push New Users, Push Profile Updates, Push Groups"),
            ("Authentication Mode", "HTTP Header"),
            ("Authorization", TOKEN),
        ),
        (
            gettext("In the app's General tab, edit App Settings, set Provisioning to SCIM, and save."),
            gettext("Open Provisioning > Integration, press Edit, and fill in the fields above."),
            gettext("Press Test Connector Configuration. It must succeed; then save."),
            gettext(
                "Open Provisioning > To App and enable Create Users, Update User Attributes and Deactivate "
                "Users."
            ),
            gettext("In Assignments, assign people or groups. This takes seats."),
            gettext("In Push Groups, push the groups that give a tier or a role here."),
        ),
    )


def _entra() -> Guide:
    return Guide(
        "Microsoft Entra ID",
        (("Tenant URL", URL), ("Secret token", TOKEN)),
        (
            gettext(
                "Open Entra ID > Enterprise apps > New application > Create your own application, and choose "
                "an application that is not in the gallery."
            ),
            gettext("Open Provisioning > New configuration, and fill in the fields above."),
            gettext("Press Test connection. It must succeed; then Create."),
            gettext(
                "Keep the default attribute mapping, with userName as the matching attribute and with active."
            ),
            gettext("In Users and groups, assign people or groups. Members of nested groups are left out."),
            gettext("Press Provision on demand for one person, then Start provisioning on the overview."),
        ),
    )


def _other() -> Guide:
    return Guide(
        gettext("Another provider"),
        (
            (gettext("SCIM base URL, or Tenant URL"), URL),
            (gettext("Token, Secret or Bearer token"), TOKEN),
            (gettext("The whole Authorization header"), f"Bearer + {TOKEN}"),
        ),
        (
            gettext("A field called token or secret takes the token alone."),
            gettext("A field for the whole header takes the word Bearer, a space, and the token."),
            gettext("If the test answers 401, check whether Bearer is missing or is there twice."),
            gettext("Some providers create and remove a test person, so keep one seat free."),
        ),
    )
