"""Idempotency keys of purchases, so that a repeated request buys nothing twice (SEATS 46)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, insert, select

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import purchases


@dataclass(frozen=True, slots=True)
class KeyedPurchase:
    """A purchase that was made with a key.

    Attributes:
        digest: the digest of the order.
        sequence: the number of the event.
        invoice: the number of the invoice; None if nothing was owed.
    """

    key: str
    digest: str
    sequence: int
    invoice: int | None


_FIELDS: Final = tuple(KeyedPurchase.__dataclass_fields__)
_BY_KEY: Final = select(*(purchases.c[name] for name in _FIELDS)).where(
    purchases.c.organization == bindparam("org"), purchases.c.key == bindparam("key")
)


def by_key(read: Read, key: str) -> KeyedPurchase | None:
    """The purchase that was made with a key."""
    row = read.connection.execute(_BY_KEY, {"org": read.organization, "key": key}).first()
    return KeyedPurchase(*row) if row else None


def add(write: Write, purchase: KeyedPurchase) -> None:
    """Store the purchase that was made with a key."""
    values = {name: getattr(purchase, name) for name in _FIELDS}
    write.connection.execute(insert(purchases).values(values | {"organization": write.organization}))
