"""Bearer tokens. Only their digests are stored."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import tokens


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret.

    Attributes:
        expires: when the token expires; None if it never expires.
        revoked: when the token was revoked; None while it is active.
        last_used: when the token was last used, to within a minute; None if it was never used.
        user_agent: how the provider named itself then; None if it is not known.
    """

    id: str
    name: str
    created: str
    expires: str | None
    revoked: str | None
    last_used: str | None
    user_agent: str | None = None

    def is_live(self, now: str) -> bool:
        """Whether the token is accepted at a time, given as a timestamp."""
        return self.revoked is None and (self.expires is None or now < self.expires)


_COLUMNS: Final = tuple(tokens.c[name] for name in Token.__dataclass_fields__)
_BY_DIGEST: Final = select(*_COLUMNS).where(
    tokens.c.organization == bindparam("org"), tokens.c.digest == bindparam("digest")
)


def by_digest(read: Read, digest: str) -> Token | None:
    """The token with this SHA-256 digest."""
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
    """Revoke a token."""
    write.connection.execute(
        update(tokens)
        .where(tokens.c.organization == write.organization, tokens.c.id == token)
        .values(revoked=write.at)
    )


def stamp(connection: Connection, organization: str, token: str, at: str, user_agent: str | None) -> None:
    """Record the use of a token, outside the history."""
    here = (tokens.c.organization == organization) & (tokens.c.id == token)
    connection.execute(update(tokens).where(here).values(last_used=at, user_agent=user_agent))
