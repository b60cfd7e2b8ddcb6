"""Creates and revokes the credentials of programs."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

from scim_server.services.access import queries, tokens
from scim_server.services.access.api_keys import (
    PERMITS,
    PREFIX,
    SCOPES,
    USUAL_SCOPES,
    NewApiKey,
    Scope,
    named,
)
from scim_server.services.access.idempotency import Answer, Once, forget_idempotency_keys
from scim_server.services.access.rate_limits import RateLimit
from scim_server.services.access.secrets import digest, new_secret
from scim_server.services.access.tokens import NewToken
from scim_server.services.context import Context
from scim_server.services.errors import (
    ApiKeyNameTaken,
    NoRotation,
    RotationRuns,
    UnknownOrganization,
    UnknownScope,
)
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import api_keys, organizations
from scim_server.store.rows import tokens as token_rows
from scim_server.store.rows.api_keys import ApiKey
from scim_server.store.rows.tokens import Token

__all__ = [
    "PERMITS",
    "SCOPES",
    "STAMP_EVERY",
    "Answer",
    "NewApiKey",
    "NewToken",
    "Once",
    "RateLimit",
    "Scope",
    "cancel_api_key_rotation",
    "cancel_rotation",
    "complete_api_key_rotation",
    "complete_rotation",
    "create_api_key",
    "create_token",
    "forget_idempotency_keys",
    "revoke_api_key",
    "revoke_token",
    "rotate_api_key",
    "rotate_token",
    "stamp_api_key",
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
        UnknownToken: no active token has this id or name.
    """
    return context.write(lambda write: tokens.rotate(write, name))


def complete_rotation(context: Context, name: str, *, preview: bool = False) -> Token:
    """Complete the rotation of a token: revoke the token, because its successor is in use.

    Returns:
        The revoked token.

    Raises:
        UnknownToken: no active token has this id or name.
        NoRotation: the token has no successor.
    """
    run = context.preview if preview else context.write
    return run(lambda write: tokens.end_rotation(write, name, keep_new=True))


def cancel_rotation(context: Context, name: str, *, preview: bool = False) -> Token:
    """Cancel the rotation of a token: revoke its successor. The token itself still works.

    Returns:
        The revoked successor.

    Raises:
        UnknownToken: no active token has this id or name.
        NoRotation: the token has no successor.
    """
    run = context.preview if preview else context.write
    return run(lambda write: tokens.end_rotation(write, name, keep_new=False))


def revoke_token(context: Context, name: str, *, preview: bool = False) -> Token:
    """Revoke a token, given by its id or name; return the token.

    Raises:
        UnknownToken: no token that is not revoked has this id or name.
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


def create_api_key(
    database: Database,
    name: str,
    scopes: Sequence[str] = (),
    *,
    organization: str | None = None,
    lifetime: timedelta | None = None,
    numbered: bool = False,
) -> NewApiKey:
    """Create a key, which works at once.

    Args:
        organization: the slug of the only organization that the key can use.
        numbered: whether a number is added to the name if it is in use.

    Raises:
        UnknownScope: the scope does not exist.
        UnknownOrganization: the organization does not exist.
        ApiKeyNameTaken: a key that is not revoked has the name.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise UnknownScope(f"the scope '{unknown[0]}' does not exist. The scopes are: {', '.join(SCOPES)}")
    if organization is not None:
        _require_organization(database, organization)
    secret, now = new_secret(PREFIX), database.now()
    allowed = frozenset(Scope(scope) for scope in scopes or USUAL_SCOPES)
    expires = None if lifetime is None else timestamp(now + lifetime)
    key = ApiKey(str(uuid4()), name, allowed, timestamp(now), None, organization, expires)
    for free in tokens.names(name) if numbered else (name,):
        made = NewApiKey(replace(key, name=free), secret)
        if _stored(database, made):
            return made
    raise ApiKeyNameTaken(f"a key is already called '{name}'. Use another name, or revoke that key")


def _stored(database: Database, made: NewApiKey) -> bool:
    """Store a key, unless a key that is not revoked has its name; return whether it was stored."""
    return database.write_unnumbered(
        lambda connection: api_keys.add(connection, made.key, digest(made.secret))
    )


def _require_organization(database: Database, slug: str) -> None:
    with database.snapshot() as connection:
        if organizations.by_slug(connection, slug) is None:
            raise UnknownOrganization(f"the organization '{slug}' does not exist")


def rotate_api_key(database: Database, name: str) -> NewApiKey:
    """Begin a rotation: the key gets a second secret, and the first one still works.

    Raises:
        UnknownApiKey: no active key has this id or name.
        RotationRuns: a rotation is running.
    """
    key = named(queries.every_api_key(database), name)
    secret, at = new_secret(PREFIX), timestamp(database.now())
    begun = database.write_unnumbered(
        lambda connection: api_keys.begin_rotation(connection, key.id, digest(secret), at)
    )
    if not begun:
        raise RotationRuns(f"a rotation of '{key.name}' is running. Complete or cancel it first")
    return NewApiKey(replace(key, rotating=at), secret)


def complete_api_key_rotation(database: Database, name: str) -> ApiKey:
    """Complete a rotation: only the second secret works from now on.

    Raises:
        UnknownApiKey: no active key has this id or name.
        NoRotation: no rotation is running.
    """
    return _end_rotation(database, name, api_keys.complete_rotation)


def cancel_api_key_rotation(database: Database, name: str) -> ApiKey:
    """Cancel a rotation: only the first secret works from now on.

    Raises:
        UnknownApiKey: no active key has this id or name.
        NoRotation: no rotation is running.
    """
    return _end_rotation(database, name, api_keys.cancel_rotation)


def _end_rotation(database: Database, name: str, end: Callable[..., bool]) -> ApiKey:
    key = named(queries.every_api_key(database), name)
    if not database.write_unnumbered(lambda connection: end(connection, key.id)):
        raise NoRotation(f"no rotation of '{key.name}' is running")
    return replace(key, rotating=None)


def stamp_api_key(database: Database, key: ApiKey) -> None:
    """Record the use of a key, at most once a minute."""
    now = database.now()
    if key.last_used is None or key.last_used < timestamp(now - STAMP_EVERY):
        database.write_unnumbered(lambda connection: api_keys.stamp(connection, key.id, timestamp(now)))


def revoke_api_key(database: Database, name: str, *, preview: bool = False) -> ApiKey:
    """Revoke a key, given by its id or name; return the key.

    Raises:
        UnknownApiKey: no active key has this id or name.
    """
    key = named(queries.every_api_key(database), name)
    at = timestamp(database.now())
    if not preview:
        database.write_unnumbered(lambda connection: api_keys.revoke(connection, key.id, at))
    return replace(key, revoked=at)
