"""Creates and revokes the credentials of programs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

from scim_server.services.access import queries, tokens
from scim_server.services.access.api_keys import PREFIX, SCOPES, USUAL_SCOPES, NewApiKey, Scope, named
from scim_server.services.access.rate_limits import RateLimit
from scim_server.services.access.secrets import digest, new_secret
from scim_server.services.access.tokens import NewToken
from scim_server.services.context import Context
from scim_server.services.errors import UnknownScope
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import api_keys
from scim_server.store.rows import tokens as token_rows
from scim_server.store.rows.api_keys import ApiKey
from scim_server.store.rows.tokens import Token

__all__ = [
    "SCOPES",
    "STAMP_EVERY",
    "NewToken",
    "RateLimit",
    "create_api_key",
    "create_token",
    "revoke_api_key",
    "revoke_token",
    "rotate_token",
    "stamp_token",
]

STAMP_EVERY: Final = timedelta(minutes=1)
_LONGEST_USER_AGENT: Final = 200


def create_token(
    context: Context, name: str, *, lifetime: timedelta | None = None, numbered: bool = False
) -> NewToken:
    """Create a token, which works at once.

    Args:
        numbered: whether a number is added to the name if it is in use.

    Raises:
        TokenNameTaken: an active token has the name.
    """
    return context.write(lambda write: tokens.add(write, name, lifetime, numbered=numbered))


def rotate_token(context: Context, name: str) -> NewToken:
    """Create the token that replaces another one, which still works until it is revoked.

    Raises:
        UnknownToken, AmbiguousToken: the name does not identify one active token.
    """
    return context.write(lambda write: tokens.rotate(write, name))


def revoke_token(context: Context, name: str, *, preview: bool = False) -> Token:
    """Revoke a token, given by its id or name; return the token.

    Raises:
        UnknownToken, AmbiguousToken: the name does not identify one token.
    """
    run = context.preview if preview else context.write
    return run(lambda write: tokens.revoke(write, name))


def stamp_token(database: Database, organization: str, token: Token, user_agent: str | None) -> None:
    """Record the use of a token, at most once a minute, outside the history.

    Args:
        user_agent: how the provider names itself.
    """
    now = database.now()
    said = None if user_agent is None else user_agent[:_LONGEST_USER_AGENT]
    if token.last_used is None or token.last_used < timestamp(now - STAMP_EVERY):
        database.write_unnumbered(
            lambda connection: token_rows.stamp(connection, organization, token.id, timestamp(now), said)
        )


def create_api_key(database: Database, name: str, scopes: Sequence[str] = ()) -> NewApiKey:
    """Create a key, which works at once.

    Raises:
        UnknownScope: the scope does not exist.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise UnknownScope(f"the scope '{unknown[0]}' does not exist. The scopes are: {', '.join(SCOPES)}")
    secret = new_secret(PREFIX)
    allowed = frozenset(Scope(scope) for scope in scopes or USUAL_SCOPES)
    key = ApiKey(str(uuid4()), name, allowed, timestamp(database.now()), None)
    database.write_unnumbered(lambda connection: api_keys.add(connection, key, digest(secret)))
    return NewApiKey(key, secret)


def revoke_api_key(database: Database, name: str, *, preview: bool = False) -> ApiKey:
    """Revoke a key, given by its id or name; return the key.

    Raises:
        UnknownApiKey, AmbiguousApiKey: the name does not identify one active key.
    """
    key = named(queries.every_api_key(database), name)
    at = timestamp(database.now())
    if not preview:
        database.write_unnumbered(lambda connection: api_keys.revoke(connection, key.id, at))
    return replace(key, revoked=at)
