"""`scim-seats config`: check the settings."""

import sys
from collections.abc import Iterator
from ipaddress import ip_address

import click

from scim_server import config
from scim_server.cli.output import emit, json_option, say
from scim_server.config import DEFAULT_MAIL_FROM, Checked, Config
from scim_server.printable import printable
from scim_server.store.database.engines import database_url
from scim_server.store.errors import StoreError


@click.group(name="config")
def config_() -> None:
    """Check the settings, which are environment variables."""


@config_.command()
@json_option
def check(*, as_json: bool) -> None:
    """Show everything that is wrong with the settings. Nothing is started or changed.

    Problems prevent a start, and the exit status is 1. Remarks are about settings that are probably not meant
    so.

    Example: scim-seats config check
    """
    found = config.check()
    problems = [*found.problems, *_database(found.config)]
    remarks = [*_unknown(found), *_remarks(found.config)]

    def text() -> None:
        for line in problems:
            say(f"Problem: {line}")
        for line in remarks:
            say(f"Remark: {line}")
        if not problems:
            say("The server can start with these settings.")

    emit({"usable": not problems, "problems": problems, "remarks": remarks}, as_json=as_json, text=text)
    sys.exit(1 if problems else 0)


def _database(settings: Config) -> Iterator[str]:
    try:
        database_url(settings.database_url)
    except StoreError as error:
        yield str(error)


def _unknown(found: Checked) -> Iterator[str]:
    for name, similar in found.unknown.items():
        meant = f" Did you mean {similar[0]}?" if similar else ""
        yield printable(f"{name} is not a setting.{meant}")


def _remarks(settings: Config) -> Iterator[str]:
    """What works, but probably not as the operator wants."""
    secure = settings.public_url.startswith("https://")
    if settings.is_loopback:
        yield "SCIM_SEATS_PUBLIC_URL: only this machine can reach the links and the SCIM base URL."
    elif not secure:
        yield "SCIM_SEATS_PUBLIC_URL begins with http://, but providers and browsers need https://."
    if secure and not settings.trusted_proxy:
        yield (
            "SCIM_SEATS_PUBLIC_URL begins with https://, but SCIM_SEATS_TRUSTED_PROXY is not true. Requests "
            "that a proxy forwards from other machines are refused."
        )
    if not settings.trusted_proxy and not _is_loopback(settings.host):
        yield (
            "SCIM_SEATS_HOST can be reached from other machines, but without SCIM_SEATS_TRUSTED_PROXY=true "
            "their requests are refused, because they are not encrypted."
        )
    if settings.management is not None and not _is_loopback(settings.management[0]):
        yield "SCIM_SEATS_MANAGEMENT can be reached from other machines. The listener asks for no password."
    if settings.smtp_url is None:
        yield "SCIM_SEATS_SMTP_URL is not set, so mail stays in the database."
    elif settings.mail_from == DEFAULT_MAIL_FROM:
        yield f"SCIM_SEATS_MAIL_FROM is not set; mail servers may refuse mail from {DEFAULT_MAIL_FROM}."


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
