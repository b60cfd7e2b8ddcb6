"""Queries of tokens and API keys, for lists and for the caller of a request."""

from scim_server.services.access.api_keys import PEOPLE_READ, SIGN_INS
from scim_server.services.access.secrets import digest
from scim_server.services.context import Context
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import api_keys, tokens
from scim_server.store.rows.api_keys import ApiKey
from scim_server.store.rows.tokens import Token

__all__ = [
    "PEOPLE_READ",
    "SIGN_INS",
    "digest",
    "every_api_key",
    "every_token",
    "live_api_key",
    "live_token",
]


def every_token(context: Context) -> list[Token]:
    """All tokens of an organization, including revoked ones."""
    with context.read() as read:
        return tokens.every(read)


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
    return key if key is not None and key.revoked is None else None
