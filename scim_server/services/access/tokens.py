"""Bearer tokens of an organization in an open transaction."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from scim_server.history import TokenCreated, TokenRevoked
from scim_server.services.access.secrets import digest, new_secret
from scim_server.services.errors import NoRotation, TokenNameTaken, UnknownToken
from scim_server.store.database.session import Read, Write, timestamp
from scim_server.store.rows import events, tokens
from scim_server.store.rows.tokens import Token

PREFIX: Final = "scs_"
NUMBER: Final = re.compile(r"-\d+$")
"""The number that tokens of one rotation have after their common name."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A new token with its secret, which is shown only once."""

    token: Token
    secret: str


def add(write: Write, name: str, lifetime: timedelta | None = None, *, numbered: bool = False) -> NewToken:
    """Create a token, which works at once.

    Args:
        numbered: whether a number is added to the name if it is in use, such as `provider-2`.

    Raises:
        TokenNameTaken: an active token has the name; the log could not distinguish two tokens with one name.
    """
    present = {token.name: token for token in tokens.every(write) if token.revoked is None}
    taken = {token.name for token in present.values() if token.is_live(write.at)}
    if name in taken and not numbered:
        raise TokenNameTaken(
            f"an active token is already called '{name}'. Use another name, or revoke that token"
        )
    free = next(one for one in names(name) if one not in taken)
    if free in present:
        # It has expired. Without this, two tokens that are not revoked would have one name.
        _revoke(write, present[free])
    secret = new_secret(PREFIX)
    expires = None if lifetime is None else timestamp(write.moment + lifetime)
    token = Token(str(uuid4()), free, write.at, expires, None, None)
    tokens.add(write, token, digest(secret))
    events.append(write, TokenCreated(token=token.id, name=free))
    return NewToken(token, secret)


def names(name: str) -> Iterator[str]:
    """A name, followed by the same name with the numbers from 2."""
    return itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))


def rotate(write: Write, name: str) -> NewToken:
    """Create a token with the name of a live one and the next number, and with as long a life.

    Raises:
        UnknownToken: no active token has this id or name.
    """
    old = named(write, name)
    lifetime = None
    if old.expires is not None:
        lifetime = datetime.fromisoformat(old.expires) - datetime.fromisoformat(old.created)
    return add(write, NUMBER.sub("", old.name), lifetime, numbered=True)


def revoke(write: Write, name: str) -> Token:
    """Revoke a token, given by its id or name.

    Raises:
        UnknownToken: no token that is not revoked has this id or name.
    """
    token = named(write, name)
    _revoke(write, token)
    return token


def _revoke(write: Write, token: Token) -> None:
    tokens.revoke(write, token.id)
    events.append(write, TokenRevoked(token=token.id, name=token.name))


def end_rotation(write: Write, name: str, *, keep_new: bool) -> Token:
    """Revoke one of the two tokens of a rotation; return it.

    Args:
        name: the id or name of the older token.
        keep_new: whether the older token is revoked, and not its successor.

    Raises:
        UnknownToken: no token that is not revoked has this id or name.
        NoRotation: the token has no successor.
    """
    old = named(write, name)
    common = NUMBER.sub("", old.name)
    rotating = [
        one for one in tokens.every(write) if one.is_live(write.at) and NUMBER.sub("", one.name) == common
    ]
    newer = rotating[rotating.index(old) + 1 :] if old in rotating else []
    if not newer:
        raise NoRotation(f"no rotation of the token '{old.name}' is running")
    return revoke(write, old.id if keep_new else newer[0].id)


def named(read: Read, name: str) -> Token:
    """The token with the given id or name that is not revoked. An id is preferred, as a name may look so.

    Raises:
        UnknownToken: no such token has this id or name.
    """
    present = [token for token in tokens.every(read) if token.revoked is None]
    found = [token for token in present if token.id == name] or [
        token for token in present if token.name == name
    ]
    if not found:
        known = ", ".join(f"{token.name} ({token.id})" for token in present) or "none"
        raise UnknownToken(f"the organization has no active token '{name}'. Active tokens: {known}")
    return found[0]
