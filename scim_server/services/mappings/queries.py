"""Queries of mappings."""

from dataclasses import dataclass

from scim_server.services.context import Context
from scim_server.store.rows import mappings
from scim_server.store.rows.mappings import Mapped
from seat_policy.mapping import Unmapped


@dataclass(frozen=True, slots=True)
class Mappings:
    """All mappings of an organization.

    Attributes:
        unmapped: what people without a group that gives a tier get.
    """

    mappings: tuple[Mapped, ...]
    unmapped: Unmapped


def every(context: Context) -> Mappings:
    """All mappings, and what people without a mapped group get."""
    with context.read() as read:
        return Mappings(tuple(mappings.every(read)), mappings.unmapped(read))
