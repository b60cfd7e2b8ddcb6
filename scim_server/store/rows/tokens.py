"""Bearer tokens: only their digests are stored."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import tokens


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret.

    Attributes:
        expires: refused from then on; None for never.
        revoked: when; None while it lives.
        last_used: to within a minute; None if never.
    """

    id: str
    name: str
    created: str
    expires: str | None
    revoked: str | None
    last_used: str | None

    def is_live(self, now: str) -> bool:
        """Whether it opens anything at a moment given as a timestamp."""
        return self.revoked is None and (self.expires is None or now < self.expires)


_COLUMNS: Final = tuple(tokens.c[name] for name in Token.__dataclass_fields__)
_BY_DIGEST: Final = select(*_COLUMNS).where(
    tokens.c.organization == bindparam("org"), tokens.c.digest == bindparam("digest")
)


def by_digest(read: Read, digest: str) -> Token | None:
    """The token whose SHA-256 this is."""
    row = read.connection.execute(_BY_DIGEST, {"org": read.organization, "digest": digest}).first()
    return Token(*row) if row else None


def every(read: Read) -> list[Token]:
    """All tokens of the organization, in the order of their creation."""
    query = select(*_COLUMNS).where(tokens.c.organization == read.organization)
    return [Token(*row) for row in read.connection.execute(query.order_by(tokens.c.created, tokens.c.id))]


def add(write: Write, token: Token, digest: str) -> None:
    """Insert a token."""
    values = {name: getattr(token, name) for name in Token.__dataclass_fields__}
    write.connection.execute(
        insert(tokens).values(values | {"organization": write.organization, "digest": digest})
    )


def revoke(write: Write, token: str) -> None:
    """From now on it opens nothing."""
    write.connection.execute(
        update(tokens)
        .where(tokens.c.organization == write.organization, tokens.c.id == token)
        .values(revoked=write.at)
    )


def stamp(connection: Connection, organization: str, token: str, at: str) -> None:
    """Remember that it was used; no part of the history."""
    connection.execute(
        update(tokens).where(tokens.c.organization == organization, tokens.c.id == token).values(last_used=at)
    )
