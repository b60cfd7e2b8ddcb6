"""The vendor's API keys. Only digests are stored, never the keys themselves."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.store.tables import ACTIVE, api_keys, organizations


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret.

    Attributes:
        scopes: the permissions of the key.
        revoked: when the key was revoked; None if it was not.
        organization: the slug of the only organization that the key can use; None if it can use all.
        expires: when the key expires; None if it never expires.
        last_used: when the key was last used, to within a minute; None if it was never used.
        rotating: when the running rotation began; both secrets are accepted since then. None if no rotation
            is running.
    """

    id: str
    name: str
    scopes: frozenset[str]
    created: str
    revoked: str | None
    organization: str | None = None
    expires: str | None = None
    last_used: str | None = None
    rotating: str | None = None

    def is_live(self, now: str) -> bool:
        """Whether the key is accepted at a time, given as a timestamp."""
        return self.revoked is None and (self.expires is None or now < self.expires)


_COLUMNS: Final = (
    api_keys.c.id,
    api_keys.c.name,
    api_keys.c.scopes,
    api_keys.c.created,
    api_keys.c.revoked,
    organizations.c.slug,
    api_keys.c.expires,
    api_keys.c.last_used,
    api_keys.c.rotating,
)
_EVERY: Final = select(*_COLUMNS).outerjoin(organizations, organizations.c.id == api_keys.c.bound_to)
_BY_DIGEST: Final = _EVERY.where(
    or_(api_keys.c.digest == bindparam("digest"), api_keys.c.next_digest == bindparam("digest")),
    # A key for one organization ends with it.
    or_(api_keys.c.bound_to.is_(None), organizations.c.slug.is_not(None)),
)


def add(connection: Connection, key: ApiKey, digest: str) -> bool:
    """Store a new key, unless a key that is not revoked has its name; return whether it was stored."""
    bound_to = select(organizations.c.id).where(organizations.c.slug == key.organization).scalar_subquery()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(api_keys).values(
        id=key.id,
        name=key.name,
        digest=digest,
        scopes=" ".join(sorted(key.scopes)),
        created=key.created,
        expires=key.expires,
        bound_to=None if key.organization is None else bound_to,
    )
    only_if_free = statement.on_conflict_do_nothing(index_elements=[api_keys.c.name], index_where=ACTIVE)
    return connection.execute(only_if_free.returning(api_keys.c.id)).first() is not None


def by_digest(connection: Connection, digest: str) -> ApiKey | None:
    """The key with this digest, even if it is no longer accepted."""
    row = connection.execute(_BY_DIGEST, {"digest": digest}).first()
    return _key(row) if row else None


def every(connection: Connection) -> list[ApiKey]:
    """All keys, oldest first."""
    return [_key(row) for row in connection.execute(_EVERY.order_by(api_keys.c.created))]


def revoke(connection: Connection, id_: str, at: str) -> None:
    """Revoke a key. Both secrets of a rotation end."""
    connection.execute(update(api_keys).where(api_keys.c.id == id_).values(revoked=at))


def stamp(connection: Connection, id_: str, at: str) -> None:
    """Record the use of a key."""
    connection.execute(update(api_keys).where(api_keys.c.id == id_).values(last_used=at))


def begin_rotation(connection: Connection, id_: str, digest: str, at: str) -> bool:
    """Accept a second secret; return whether no other rotation was running."""
    idle = (api_keys.c.id == id_) & api_keys.c.next_digest.is_(None)
    return _changed(connection, idle, next_digest=digest, rotating=at)


def complete_rotation(connection: Connection, id_: str) -> bool:
    """Accept only the second secret from now on; return whether a rotation was running."""
    return _changed(
        connection, _rotating(id_), digest=api_keys.c.next_digest, next_digest=None, rotating=None
    )


def cancel_rotation(connection: Connection, id_: str) -> bool:
    """Accept only the first secret again; return whether a rotation was running."""
    return _changed(connection, _rotating(id_), next_digest=None, rotating=None)


def _rotating(id_: str) -> Any:  # noqa: ANN401 - a condition of SQLAlchemy
    return (api_keys.c.id == id_) & api_keys.c.next_digest.is_not(None)


def _changed(connection: Connection, where: Any, **values: Any) -> bool:  # noqa: ANN401 - as above
    return connection.execute(update(api_keys).where(where).values(**values)).rowcount == 1


def _key(row: Any) -> ApiKey:  # noqa: ANN401 - a row's columns have no static type
    id_, name, scopes, *others = row
    return ApiKey(id_, name, frozenset(scopes.split()), *others)
