"""Keys by which the vendor's app calls: made here, shown once, stored as digests, with scopes."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from scim_server.services.access.tokens import digest
from scim_server.services.errors import OperatorError
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import api_keys
from scim_server.store.rows.api_keys import ApiKey

SIGN_INS: Final = "sign-ins"
PEOPLE_READ: Final = "people:read"
SEATS_READ: Final = "seats:read"
SEATS_BUY: Final = "seats:buy"
SCOPES: Final = (SIGN_INS, PEOPLE_READ, SEATS_READ, SEATS_BUY)
USUAL_SCOPES: Final = (SIGN_INS, PEOPLE_READ, SEATS_READ)
"""What a key may do that was made without saying: nothing that costs money."""
PREFIX: Final = "ssk_"
_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key and, this once, its secret."""

    key: ApiKey
    secret: str


def create(database: Database, name: str, scopes: Sequence[str] = ()) -> NewApiKey:
    """Make a key; it works at once.

    Raises:
        OperatorError: there is no such scope.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise OperatorError(f"there is no scope '{unknown[0]}'; there are: {', '.join(SCOPES)}")
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    allowed = frozenset(scopes or USUAL_SCOPES)
    key = ApiKey(str(uuid4()), name, allowed, timestamp(database.now()), None)
    database.write_unnumbered(lambda connection: api_keys.add(connection, key, digest(secret)))
    return NewApiKey(key, secret)


def find(database: Database, secret: str) -> ApiKey | None:
    """The key with this secret, if it works."""
    with database.snapshot() as connection:
        key = api_keys.by_digest(connection, digest(secret))
    return key if key is not None and key.revoked is None else None


def every(database: Database) -> list[ApiKey]:
    """All keys, revoked ones too."""
    with database.snapshot() as connection:
        return api_keys.every(connection)


def revoke(database: Database, name: str) -> ApiKey:
    """End a key, named by its id or by a name that only one living key has.

    Raises:
        OperatorError: there is no such living key, or several.
    """
    living = [key for key in every(database) if key.revoked is None]
    found = [key for key in living if name in (key.id, key.name)]
    if len(found) != 1:
        known = ", ".join(f"{key.name} ({key.id})" for key in living) or "none"
        problem = "no living key" if not found else "several living keys"
        raise OperatorError(f"{problem} called '{name}'; living keys: {known}")
    at = timestamp(database.now())
    database.write_unnumbered(lambda connection: api_keys.revoke(connection, found[0].id, at))
    return found[0]
