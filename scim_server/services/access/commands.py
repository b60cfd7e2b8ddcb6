"""Make and end the secrets by which programs call."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

from scim_server.services.access import queries, tokens
from scim_server.services.access.api_keys import PREFIX, SCOPES, USUAL_SCOPES, NewApiKey, Scope, named
from scim_server.services.access.secrets import digest, new_secret
from scim_server.services.access.tokens import NewToken
from scim_server.services.context import Context
from scim_server.services.errors import UnknownScope
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import api_keys
from scim_server.store.rows import tokens as token_rows
from scim_server.store.rows.api_keys import ApiKey
from scim_server.store.rows.tokens import Token

STAMP_EVERY: Final = timedelta(minutes=1)


def create_token(
    context: Context, name: str, *, lifetime: timedelta | None = None, numbered: bool = False
) -> NewToken:
    """Make a token; it works at once.

    Args:
        numbered: whether a number is added to a name that is taken.

    Raises:
        TokenNameTaken: a live token has the name.
    """
    return context.write(lambda write: tokens.add(write, name, lifetime, numbered=numbered))


def revoke_token(context: Context, name: str, *, preview: bool = False) -> Token:
    """End a token, named by its id or by its name; what it was.

    Raises:
        UnknownToken, AmbiguousToken: no one token is named.
    """
    run = context.preview if preview else context.write
    return run(lambda write: tokens.revoke(write, name))


def stamp_token(database: Database, organization: str, token: Token) -> None:
    """Remember that a token was used, at most once a minute: no part of the history."""
    now = database.now()
    if token.last_used is None or token.last_used < timestamp(now - STAMP_EVERY):
        database.write_unnumbered(
            lambda connection: token_rows.stamp(connection, organization, token.id, timestamp(now))
        )


def create_api_key(database: Database, name: str, scopes: Sequence[str] = ()) -> NewApiKey:
    """Make a key; it works at once.

    Raises:
        UnknownScope: there is no such scope.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise UnknownScope(f"the scope '{unknown[0]}' does not exist; scopes: {', '.join(SCOPES)}")
    secret = new_secret(PREFIX)
    allowed = frozenset(Scope(scope) for scope in scopes or USUAL_SCOPES)
    key = ApiKey(str(uuid4()), name, allowed, timestamp(database.now()), None)
    database.write_unnumbered(lambda connection: api_keys.add(connection, key, digest(secret)))
    return NewApiKey(key, secret)


def revoke_api_key(database: Database, name: str, *, preview: bool = False) -> ApiKey:
    """End a key, named by its id or by its name; the key as it is then.

    Raises:
        UnknownApiKey, AmbiguousApiKey: no one live key is named.
    """
    key = named(queries.every_api_key(database), name)
    at = timestamp(database.now())
    if not preview:
        database.write_unnumbered(lambda connection: api_keys.revoke(connection, key.id, at))
    return replace(key, revoked=at)
