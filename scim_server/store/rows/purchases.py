"""Which keys have bought what, so that a repeated request buys nothing twice (SEATS 46)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, insert, select

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import purchases


@dataclass(frozen=True, slots=True)
class KeyedPurchase:
    """A purchase that a key has made.

    Attributes:
        digest: of what was ordered.
        sequence: of its event.
        invoice: None where nothing was owed.
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
    """What a key has bought."""
    row = read.connection.execute(_BY_KEY, {"org": read.organization, "key": key}).first()
    return KeyedPurchase(*row) if row else None


def add(write: Write, purchase: KeyedPurchase) -> None:
    """Remember what a key has bought."""
    values = {name: getattr(purchase, name) for name in _FIELDS}
    write.connection.execute(insert(purchases).values(values | {"organization": write.organization}))
