"""Bearer tokens: made by the server, shown once, stored as digests (SECURITY 2)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from scim_server.history import TokenCreated, TokenRevoked
from scim_server.services.errors import OperatorError
from scim_server.store.database.session import Actor, Database, Write, timestamp
from scim_server.store.rows import events, tokens
from scim_server.store.rows.tokens import Token

PREFIX: Final = "scs_"
"""Lets secret scanners recognise a token that leaked."""
_BYTES: Final = 32
STAMP_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token and, this once, its secret."""

    token: Token
    secret: str


def digest(secret: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


def create(
    database: Database, organization: str, actor: Actor, name: str, *, lifetime: timedelta | None = None
) -> NewToken:
    """Make a token; it works at once."""
    return database.write(organization, actor, lambda write: create_in(database, write, name, lifetime))


def create_in(database: Database, write: Write, name: str, lifetime: timedelta | None = None) -> NewToken:
    """Make a token in an open transaction."""
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    expires = None if lifetime is None else timestamp(database.now() + lifetime)
    token = Token(str(uuid4()), name, write.at, expires, None, None)
    tokens.add(write, token, digest(secret))
    events.append(write, TokenCreated(token=token.id, name=name))
    return NewToken(token, secret)


def revoke(database: Database, organization: str, actor: Actor, name: str) -> Token:
    """End a token, named by its id or by a name that only one living token has.

    Raises:
        OperatorError: there is no such living token, or several.
    """

    def work(write: Write) -> Token:
        living = [token for token in tokens.every(write) if token.revoked is None]
        found = [token for token in living if name in (token.id, token.name)]
        if len(found) != 1:
            known = ", ".join(f"{token.name} ({token.id})" for token in living) or "none"
            problem = "no living token" if not found else "several living tokens"
            raise OperatorError(f"{problem} called '{name}'; living tokens: {known}")
        tokens.revoke(write, found[0].id)
        events.append(write, TokenRevoked(token=found[0].id, name=found[0].name))
        return found[0]

    return database.write(organization, actor, work)


def every(database: Database, organization: str) -> list[Token]:
    """All tokens of an organization, revoked ones too."""
    with database.read(organization) as read:
        return tokens.every(read)


def find(database: Database, organization: str, secret: str) -> Token | None:
    """The token with this secret if it lives."""
    with database.read(organization) as read:
        token = tokens.by_digest(read, digest(secret))
    return token if token is not None and token.lives(timestamp(database.now())) else None


def stamp(database: Database, organization: str, token: Token) -> None:
    """Remember that a token was used, at most once a minute: no part of the history."""
    now = database.now()
    if token.last_used is None or token.last_used < timestamp(now - STAMP_EVERY):
        database.write_unnumbered(
            lambda connection: tokens.stamp(connection, organization, token.id, timestamp(now))
        )
