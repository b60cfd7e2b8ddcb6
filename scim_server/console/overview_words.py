"""Sentences about the connections to directories."""

from datetime import datetime, timedelta
from typing import Final

from scim_server.console import filters
from scim_server.console.visit import gettext, ngettext
from scim_server.services.access.queries import LATELY, Connection

_HOURLY: Final = timedelta(minutes=90)
_OFTEN: Final = timedelta(hours=12)
_DAILY: Final = timedelta(hours=36)
_EXPIRES_SOON: Final = timedelta(days=14)


def provider_words(connection: Connection) -> str:
    """The provider of a connection."""
    return connection.provider or gettext("Your provider")


def verdict(connection: Connection, now: datetime) -> tuple[str, str]:
    """What a reader should know about a connection, and whether to act: `warn`, `bad` or nothing."""
    token = connection.token
    if not connection.live:
        return gettext("The token has expired, so every call is refused. Create a new one."), "bad"
    if token.last_used is None:
        return gettext("It has never called. Enter the token at your provider."), ""
    if connection.refused is not None:
        return _refused(connection), "warn"
    expires = None if token.expires is None else datetime.fromisoformat(token.expires)
    if expires is not None and expires - now < _EXPIRES_SOON:
        return gettext("It works, but the token expires on %(day)s.", day=filters.day(expires.date())), "warn"
    if now - datetime.fromisoformat(token.last_used) > LATELY:
        return gettext("It works. Nothing was sent in the last 24 hours."), ""
    return gettext("It works."), ""


def _refused(connection: Connection) -> str:
    refused = connection.refused
    people = 0 if refused is None else refused.people
    values = {"provider": provider_words(connection), "number": filters.number(people)}
    every = connection.retry_every
    if every is None:
        return ngettext(
            "%(provider)s sent %(number)s person for whom no seat was free.",
            "%(provider)s sent %(number)s people for whom no seat was free.",
            people,
            **values,
        )
    return ngettext(
        "%(provider)s is retrying %(number)s person %(pace)s.",
        "%(provider)s is retrying %(number)s people %(pace)s.",
        people,
        **values,
        pace=_pace(every),
    )


def _pace(every: timedelta) -> str:
    if every <= _HOURLY:
        return gettext("every hour or more often")
    if every <= _OFTEN:
        return gettext("every few hours")
    if every <= _DAILY:
        return gettext("about once a day")
    return gettext("every few days")
