"""Idempotency keys of requests to /v1, with the answers that are repeated."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.store.tables import idempotency_keys


@dataclass(frozen=True, slots=True)
class Claimed:
    """A key that a request has claimed together with its effect.

    Attributes:
        request: the digest of the method, the address and the body.
        status: the status of the answer; None if the answer was not stored.
        answer: the encrypted body of the answer.
    """

    request: str
    created: str
    status: int | None
    answer: str | None


_COLUMNS: Final = tuple(idempotency_keys.c[name] for name in Claimed.__dataclass_fields__)
_ONE: Final = (idempotency_keys.c.api_key == bindparam("holder")) & (
    idempotency_keys.c.digest == bindparam("of")
)
_GET: Final = select(*_COLUMNS).where(_ONE)


def get(connection: Connection, api_key: str, digest: str) -> Claimed | None:
    """The key with this digest; None if no request has claimed it."""
    row = connection.execute(_GET, {"holder": api_key, "of": digest}).first()
    return Claimed(*row) if row else None


def claim(connection: Connection, api_key: str, digest: str, request: str, at: str) -> bool:
    """Claim a key; return whether no other request has claimed it."""
    values = {"api_key": api_key, "digest": digest, "request": request, "created": at}
    add = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    adding = add(idempotency_keys).values(values).on_conflict_do_nothing()
    return connection.execute(adding.returning(idempotency_keys.c.created)).first() is not None


def keep_answer(
    connection: Connection, api_key: str, digest: str, request: str, answer: tuple[int, str]
) -> None:
    """Store the answer to the request that has claimed a key.

    Args:
        answer: its status, and the encrypted body.
    """
    status, body = answer
    mine = update(idempotency_keys).where(_ONE, idempotency_keys.c.request == request)
    connection.execute(mine.values(status=status, answer=body), {"holder": api_key, "of": digest})


def forget_one(connection: Connection, api_key: str, digest: str, before: str) -> None:
    """Delete a key if it was claimed before a time, so that it can be used again."""
    old = delete(idempotency_keys).where(_ONE, idempotency_keys.c.created < before)
    connection.execute(old, {"holder": api_key, "of": digest})


def forget(connection: Connection, before: str) -> int:
    """Delete the keys that were claimed before a time; return how many."""
    return connection.execute(delete(idempotency_keys).where(idempotency_keys.c.created < before)).rowcount
