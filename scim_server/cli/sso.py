"""`scim-seats sso`: the identity provider with which Owners and Admins sign in at the console."""

from typing import IO

import click

from scim_server import config
from scim_server.cli.failures import Refusal
from scim_server.cli.output import emit, in_organization, json_option, minute, say
from scim_server.config import Config
from scim_server.documents import sso as documents
from scim_server.oidc import checks
from scim_server.representations import sso as shapes
from scim_server.representations.base import dump
from scim_server.services.sso import commands, queries
from scim_server.services.sso.commands import Given, Provider


@click.group()
def sso() -> None:
    """Let Owners and Admins sign in with the organization's own identity provider."""


def _result(settings: Config, slug: str, provider: Provider | None) -> dict[str, object]:
    return {
        "organization": slug,
        "provider": None if provider is None else dump(shapes.Provider(), provider),
        "redirect_uri": documents.redirect_uri(settings.public_url, slug),
        "sign_in_url": documents.sign_in_url(settings.public_url, slug),
    }


@sso.command(name="set")
@click.argument("slug")
@click.option("--issuer", required=True, help="The address with which the provider names itself.")
@click.option("--client-id", required=True, help="The name of this server at the provider.")
@click.option(
    "--client-secret-file",
    type=click.File(),
    help="A file with the client secret; - is standard input. Without this option, the client has no secret.",
)
@json_option
def set_(
    *, slug: str, issuer: str, client_id: str, client_secret_file: IO[str] | None, as_json: bool
) -> None:
    """Set the provider, in place of another one.

    Example: scim-seats sso set acme --issuer https://login.example.com --client-id seats
    """
    settings = config.load()
    secret = None if client_secret_file is None else client_secret_file.read(10_000)
    with in_organization(slug) as context:
        provider = commands.configure(context, Given(issuer, client_id, secret), settings.internal_hosts)
    result = _result(settings, slug, provider)

    def text() -> None:
        say(f"{slug} signs in with {provider.issuer}.")
        say(f"Redirect address, for the provider: {result['redirect_uri']}")
        say(f"Then: scim-seats sso test {slug}")

    emit(result, as_json=as_json, text=text)


@sso.command()
@click.argument("slug")
@json_option
def show(*, slug: str, as_json: bool) -> None:
    """Show the provider with its use. The secret is never shown."""
    settings = config.load()
    with in_organization(slug) as context:
        found = queries.overview(context)
    provider = found.provider
    result = _result(settings, slug, provider) | {"open_sessions": found.open_sessions}
    rows = [("Redirect address", result["redirect_uri"]), ("Address for people", result["sign_in_url"])]
    if provider is not None:
        failed = None if provider.failure is None else documents.failure(provider.failure)
        rows += [
            ("Issuer", provider.issuer),
            ("Client id", provider.client_id),
            ("Client secret", "none" if provider.client_secret is None else "stored"),
            ("Last sign-in", minute(provider.last_sign_in) or "never"),
            ("Last failure", f"{minute(provider.last_failure)} {failed}" if failed else "never"),
            ("Open sessions", str(found.open_sessions)),
        ]

    def text() -> None:
        if provider is None:
            say(f"{slug} has no company sign-in.")
        for name, value in rows:
            say(f"{name:<20}{value}")

    emit(result, as_json=as_json, text=text)


@sso.command()
@click.argument("slug")
@json_option
def test(*, slug: str, as_json: bool) -> None:
    """Read the provider's description of itself and its keys, and list everything that is wrong."""
    settings = config.load()
    with in_organization(slug) as context:
        provider = queries.find(context)
    found = checks.examine(
        provider.issuer, settings.internal_hosts, has_secret=provider.client_secret is not None
    )
    problems = [
        {"check": one.check.value, "prevents": one.check.prevents, "detail": documents.problem(one)}
        for one in found.problems
    ]
    result = {"organization": slug, "usable": found.usable, "keys": found.keys, "problems": problems}

    def text() -> None:
        for one in problems:
            say(f"{'Wrong' if one['prevents'] else 'Hint'}: {one['detail']}")
        if found.usable:
            say(f"{provider.issuer} can be used. Keys for signatures: {found.keys}.")

    emit(result, as_json=as_json, text=text)
    if not found.usable:
        raise Refusal("provider_unusable", "nobody can sign in with this provider")


@sso.command()
@click.argument("slug")
@json_option
def remove(*, slug: str, as_json: bool) -> None:
    """Remove the provider, and end the sessions that began with it.

    Example: scim-seats sso remove acme
    """
    with in_organization(slug) as context:
        removed = commands.remove(context)
    emit(
        {"organization": slug, "removed": removed.provider.issuer, "ended_sessions": removed.ended},
        as_json=as_json,
        text=lambda: say(f"{removed.provider.issuer} is removed. {removed.ended} sessions ended."),
    )
