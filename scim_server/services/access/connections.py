"""The connections of an organization to directories: each token, its provider, and what the provider did."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from scim_server.store.database.session import Read, timestamp
from scim_server.store.rows import tokens, traffic
from scim_server.store.rows.tokens import Token
from scim_server.store.rows.traffic import Refused

LATELY: Final = timedelta(hours=24)
_KNOWN: Final = (
    ("okta", "Okta"),
    ("entra", "Microsoft Entra ID"),
    ("azure", "Microsoft Entra ID"),
    ("microsoft", "Microsoft Entra ID"),
    ("jumpcloud", "JumpCloud"),
    ("onelogin", "OneLogin"),
    ("pingfederate", "PingFederate"),
    ("pingone", "PingOne"),
    ("google", "Google Workspace"),
    ("keycloak", "Keycloak"),
    ("rippling", "Rippling"),
)
"""Parts of the names of providers, in lower case."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A token that is not revoked, and its provider in the last 24 hours.

    Attributes:
        provider: guessed from how the provider names itself, or else from the name of the token; None if both
            say nothing.
        live: whether the token is accepted; false if it has expired.
        came: how many people became members or active.
        turned_away: how many people were refused, also those who are in by now.
        refused: the people who were refused and still are; None if there are none.
    """

    token: Token
    provider: str | None
    live: bool
    came: int
    turned_away: int
    refused: Refused | None

    @property
    def retry_every(self) -> timedelta | None:
        """The mean time between two attempts for a refused person; None if no attempt was repeated."""
        found = self.refused
        if found is None or found.attempts < 2:  # noqa: PLR2004 - one time between two attempts
            return None
        first, last = map(datetime.fromisoformat, (found.first_attempt, found.last_attempt))
        return (last - first) / (found.attempts - 1)


def provider_of(token: Token) -> str | None:
    """The provider that uses a token, as far as it can be known."""
    for said in (token.user_agent, token.name):
        for part, provider in _KNOWN:
            if part in (said or "").lower():
                return provider
    return None


def every(read: Read, now: datetime) -> tuple[Connection, ...]:
    """The connections of an organization at a time, in the order of their creation."""
    since = now - LATELY
    came, refused = traffic.came(read, since), traffic.refused(read, since)
    turned_away = traffic.refused_lately(read, since)
    return tuple(
        Connection(
            token,
            provider_of(token),
            token.is_live(timestamp(now)),
            came.get(token.name, 0),
            turned_away.get(token.name, 0),
            refused.get(token.name),
        )
        for token in tokens.every(read)
        if token.revoked is None
    )
