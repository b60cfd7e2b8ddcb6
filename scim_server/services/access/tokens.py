"""Bearer tokens of an organization in an open transaction."""

import itertools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from scim_server.history import TokenCreated, TokenRevoked
from scim_server.services.access.secrets import digest, new_secret
from scim_server.services.errors import AmbiguousToken, NoRotation, TokenNameTaken, UnknownToken
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
    taken = {token.name for token in tokens.every(write) if token.is_live(write.at)}
    if name in taken and not numbered:
        raise TokenNameTaken(
            f"an active token is already called '{name}'. Use another name, or revoke that token"
        )
    free = next(one for one in _names(name) if one not in taken)
    secret = new_secret(PREFIX)
    expires = None if lifetime is None else timestamp(write.moment + lifetime)
    token = Token(str(uuid4()), free, write.at, expires, None, None)
    tokens.add(write, token, digest(secret))
    events.append(write, TokenCreated(token=token.id, name=free))
    return NewToken(token, secret)


def _names(name: str) -> itertools.chain[str]:
    return itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))


def rotate(write: Write, name: str) -> NewToken:
    """Create a token with the name of a live one and the next number, and with as long a life.

    Raises:
        UnknownToken, AmbiguousToken: the name does not identify one active token.
    """
    old = named(write, name, write.at)
    lifetime = None
    if old.expires is not None:
        lifetime = datetime.fromisoformat(old.expires) - datetime.fromisoformat(old.created)
    return add(write, NUMBER.sub("", old.name), lifetime, numbered=True)


def revoke(write: Write, name: str) -> Token:
    """Revoke a token, given by its id or name.

    Raises:
        UnknownToken: no active token has this id or name.
        AmbiguousToken: several tokens have the name.
    """
    token = named(write, name, write.at)
    tokens.revoke(write, token.id)
    events.append(write, TokenRevoked(token=token.id, name=token.name))
    return token


def end_rotation(write: Write, name: str, *, keep_new: bool) -> Token:
    """Revoke one of the two tokens of a rotation; return it.

    Args:
        name: the id or name of the older token.
        keep_new: whether the older token is revoked, and not its successor.

    Raises:
        UnknownToken, AmbiguousToken: the name does not identify one active token.
        NoRotation: the token has no successor.
    """
    old = named(write, name, write.at)
    common = NUMBER.sub("", old.name)
    rotating = [
        one for one in tokens.every(write) if one.is_live(write.at) and NUMBER.sub("", one.name) == common
    ]
    newer = rotating[rotating.index(old) + 1 :] if old in rotating else []
    if not newer:
        raise NoRotation(f"no rotation of the token '{old.name}' is running")
    return revoke(write, old.id if keep_new else newer[0].id)


def named(read: Read, name: str, now: str) -> Token:
    """The token with the given id or name that is not revoked.

    Raises:
        UnknownToken, AmbiguousToken: the name does not identify one token.
    """
    present = [token for token in tokens.every(read) if token.revoked is None]
    found = [token for token in present if name in (token.id, token.name)]
    # An expired token does not make the name of an active one ambiguous.
    found = [token for token in found if token.is_live(now)] or found
    known = ", ".join(f"{token.name} ({token.id})" for token in present) or "none"
    if not found:
        raise UnknownToken(f"the organization has no active token '{name}'. Active tokens: {known}")
    if len(found) > 1:
        raise AmbiguousToken(f"several tokens are called '{name}'. Give the id of one of them: {known}")
    return found[0]
