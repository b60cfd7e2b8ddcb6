"""The vendor's API keys. Only digests are stored, never the keys themselves."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.store.tables import ACTIVE, api_keys


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret.

    Attributes:
        scopes: the permissions of the key.
        revoked: when the key was revoked; None if it is active.
    """

    id: str
    name: str
    scopes: frozenset[str]
    created: str
    revoked: str | None


_COLUMNS: Final = (
    api_keys.c.id,
    api_keys.c.name,
    api_keys.c.scopes,
    api_keys.c.created,
    api_keys.c.revoked,
)
_BY_DIGEST: Final = select(*_COLUMNS).where(api_keys.c.digest == bindparam("digest"))


def add(connection: Connection, key: ApiKey, digest: str) -> bool:
    """Store a new key, unless an active key has its name; return whether it was stored."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(api_keys).values(
        id=key.id, name=key.name, digest=digest, scopes=" ".join(sorted(key.scopes)), created=key.created
    )
    only_if_free = statement.on_conflict_do_nothing(index_elements=[api_keys.c.name], index_where=ACTIVE)
    return connection.execute(only_if_free.returning(api_keys.c.id)).first() is not None


def by_digest(connection: Connection, digest: str) -> ApiKey | None:
    """The key with this digest, even if it was revoked."""
    row = connection.execute(_BY_DIGEST, {"digest": digest}).first()
    return _key(row) if row else None


def every(connection: Connection) -> list[ApiKey]:
    """All keys, oldest first."""
    return [_key(row) for row in connection.execute(select(*_COLUMNS).order_by(api_keys.c.created))]


def revoke(connection: Connection, id_: str, at: str) -> None:
    """Revoke a key."""
    connection.execute(update(api_keys).where(api_keys.c.id == id_).values(revoked=at))


def _key(row: Any) -> ApiKey:  # noqa: ANN401 - a row's columns have no static type
    return ApiKey(row.id, row.name, frozenset(row.scopes.split()), row.created, row.revoked)
