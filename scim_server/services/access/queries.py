"""Queries of tokens and API keys, for lists and for the caller of a request."""

from dataclasses import dataclass

from scim_server.services.access import connections
from scim_server.services.access import tokens as rotation
from scim_server.services.access.api_keys import PEOPLE_READ, SIGN_INS, Scope
from scim_server.services.access.connections import LATELY, Connection
from scim_server.services.access.secrets import digest
from scim_server.services.context import Context
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import api_keys, tokens
from scim_server.store.rows.api_keys import ApiKey
from scim_server.store.rows.tokens import Token

__all__ = [
    "LATELY",
    "PEOPLE_READ",
    "SIGN_INS",
    "Connection",
    "Described",
    "Scope",
    "TokenState",
    "described_token",
    "described_tokens",
    "digest",
    "every_api_key",
    "every_connection",
    "every_token",
    "live_api_key",
    "live_token",
    "token_states",
]


def every_token(context: Context) -> list[Token]:
    """All tokens of an organization, including revoked ones."""
    with context.read() as read:
        return tokens.every(read)


@dataclass(frozen=True, slots=True)
class TokenState:
    """A token, and its part in a rotation.

    Attributes:
        live: whether the token is accepted now.
        successor: the newer token that replaces this one in a rotation; None if no rotation is running.
        predecessor: the token that this one replaces; None if there is none.
    """

    token: Token
    live: bool
    successor: Token | None = None
    predecessor: Token | None = None

    @property
    def replaced(self) -> bool:
        """Whether the provider uses the successor, and has not used this token since."""
        if self.successor is None or self.successor.last_used is None:
            return False
        return self.token.last_used is None or self.token.last_used <= self.successor.last_used


def token_states(context: Context) -> list[TokenState]:
    """All tokens, the newest first. Live tokens with one name, but for a number, are one rotation."""
    at = timestamp(context.database.now())
    found = every_token(context)
    rotations: dict[str, list[Token]] = {}
    for token in found:
        if token.is_live(at):
            rotations.setdefault(rotation.NUMBER.sub("", token.name), []).append(token)
    states = []
    for token in found:
        rotating = rotations.get(rotation.NUMBER.sub("", token.name), []) if token.is_live(at) else []
        place = rotating.index(token) if rotating else 0
        states.append(
            TokenState(
                token,
                token.is_live(at),
                successor=rotating[place + 1] if place + 1 < len(rotating) else None,
                predecessor=rotating[place - 1] if place else None,
            )
        )
    return states[::-1]


def every_connection(context: Context) -> tuple[Connection, ...]:
    """The tokens that are not revoked, each with its provider and what it did in the last 24 hours."""
    with context.read() as read:
        return connections.every(read, context.database.now())


@dataclass(frozen=True, slots=True)
class Described:
    """A token with its part in a rotation, and with what its provider did in the last 24 hours.

    Attributes:
        connection: what the provider did; None for a revoked token.
    """

    state: TokenState
    connection: Connection | None

    @property
    def provider(self) -> str | None:
        """The provider, as far as it can be known."""
        return connections.provider_of(self.state.token)


def described_tokens(context: Context) -> list[Described]:
    """All tokens, the newest first, each with its rotation and its provider."""
    by_id = {one.token.id: one for one in every_connection(context)}
    return [Described(state, by_id.get(state.token.id)) for state in token_states(context)]


def described_token(context: Context, id_: str) -> Described:
    """The token with the given id or name that is not revoked.

    Raises:
        UnknownToken: no token has this id or name.
    """
    with context.read() as read:
        token = rotation.named(read, id_)
    return next(one for one in described_tokens(context) if one.state.token.id == token.id)


def live_token(database: Database, organization: str, secret: str) -> Token | None:
    """The organization's active token with this secret; None if there is none."""
    with database.read(organization) as read:
        token = tokens.by_digest(read, digest(secret))
    return token if token is not None and token.is_live(timestamp(database.now())) else None


def every_api_key(database: Database) -> list[ApiKey]:
    """All keys, including revoked ones."""
    with database.snapshot() as connection:
        return api_keys.every(connection)


def live_api_key(database: Database, secret: str) -> ApiKey | None:
    """The active key with this secret; None if there is none."""
    with database.snapshot() as connection:
        key = api_keys.by_digest(connection, digest(secret))
    return key if key is not None and key.is_live(timestamp(database.now())) else None
