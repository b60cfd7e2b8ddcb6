"""`scim-seats owner-link`: a link with which an Admin or Owner signs in at the console."""

import click

from scim_server.cli.output import emit, json_option, opened, say
from scim_server.config import Config
from scim_server.documents import formats
from scim_server.documents.sign_in import link_url
from scim_server.services.console import commands
from scim_server.services.console.commands import NewLink
from scim_server.services.context import Context
from scim_server.services.organizations import queries
from scim_server.store.database.session import OPERATOR


@click.command(name="owner-link")
@click.argument("slug")
@click.argument("email")
@json_option
def owner_link(*, slug: str, email: str, as_json: bool) -> None:
    """Create a link with which an Admin or Owner signs in at the console.

    EMAIL is the userName of the person, or the address at which the person accepted an invitation. The link
    works once, for 10 minutes.

    Example: scim-seats owner-link acme owner@example.com
    """
    with opened() as (settings, database):
        context = Context(database, queries.find(database, slug).id, OPERATOR)
        link = commands.create_link(context, email)
    url = url_of(settings, slug, link)
    result = {
        "url": url,
        "organization": slug,
        "user_name": link.entrant.name,
        "role": link.entrant.role,
        "expires": link.expires,
    }

    def text() -> None:
        say(url)
        say(f"For {link.entrant.name}. It works once, until {formats.moment(link.expires)}.")

    emit(result, as_json=as_json, text=text)


def url_of(settings: Config, slug: str, link: NewLink) -> str:
    """The address of a link."""
    return link_url(settings.public_url, slug, link.secret)
