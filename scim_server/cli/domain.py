"""`scim-seats domain`: domains whose addresses are invited."""

from collections.abc import Callable

import click

from scim_server.cli.output import emit, json_option, opened, table
from scim_server.config import Config
from scim_server.dns import txt_records
from scim_server.services.invitations import domains
from scim_server.services.organizations import settings as organizations
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows.domains import Domain


@click.group()
def domain() -> None:
    """Domains: prove whose addresses may be invited."""


def _described(one: Domain) -> dict[str, object]:
    return {
        "domain": one.domain,
        "verified": one.verified,
        "record": {"name": domains.record_name(one), "type": "TXT", "value": domains.record_text(one)},
    }


def _on(slug: str, use: Callable[[Config, Database, str], Domain]) -> Domain:
    with opened() as (settings, database):
        return use(settings, database, organizations.find(database, slug).id)


def _tell(slug: str, one: Domain, *, as_json: bool) -> None:
    def text() -> None:
        if one.verified is not None:
            click.echo(f"{one.domain} is verified: its addresses can be invited.")
            return
        click.echo("Add this record to the DNS:")
        click.echo(f"  {domains.record_name(one)}  TXT  {domains.record_text(one)}")
        click.echo(f"Then: scim-seats domain verify {slug} {one.domain}")

    emit({"org": slug, **_described(one)}, as_json=as_json, text=text)


@domain.command()
@click.argument("slug")
@click.argument("name", metavar="DOMAIN")
@click.option("--verified", is_flag=True, help="Take it as proved, on your word.")
@json_option
def add(*, slug: str, name: str, verified: bool, as_json: bool) -> None:
    """Name a domain and learn the DNS record that proves it.

    Example: scim-seats domain add acme example.com
    """
    one = _on(slug, lambda _, database, org: domains.add(database, org, OPERATOR, name, verified=verified))
    _tell(slug, one, as_json=as_json)


@domain.command()
@click.argument("slug")
@click.argument("name", metavar="DOMAIN")
@json_option
def verify(*, slug: str, name: str, as_json: bool) -> None:
    """Look for the proof in the DNS.

    Example: scim-seats domain verify acme example.com
    """

    def use(settings: Config, database: Database, org: str) -> Domain:
        return domains.verify(
            database, org, OPERATOR, name, lambda record: txt_records(record, settings.dns_server)
        )

    _tell(slug, _on(slug, use), as_json=as_json)


@domain.command(name="list")
@click.argument("slug")
@json_option
def list_(*, slug: str, as_json: bool) -> None:
    """List an organization's domains and whether they are proved."""
    with opened() as (_, database):
        found = domains.every(database, organizations.find(database, slug).id)
    rows = [
        (one.domain, "verified" if one.verified else "not yet", domains.record_text(one)) for one in found
    ]
    emit(
        {"org": slug, "domains": [_described(one) for one in found]},
        as_json=as_json,
        text=lambda: table(("domain", "state", "TXT record"), rows, empty="No domains yet."),
    )


@domain.command()
@click.argument("slug")
@click.argument("name", metavar="DOMAIN")
@json_option
def remove(*, slug: str, name: str, as_json: bool) -> None:
    """Forget a domain; invitations that were sent stay.

    Example: scim-seats domain remove acme example.com
    """
    one = _on(slug, lambda _, database, org: domains.remove(database, org, OPERATOR, name))
    emit(
        {"org": slug, "removed": one.domain},
        as_json=as_json,
        text=lambda: click.echo(f"{one.domain} is removed."),
    )
