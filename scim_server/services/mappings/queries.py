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
        unmapped: what people get if their groups give no tier.
    """

    mappings: tuple[Mapped, ...]
    unmapped: Unmapped


def every(context: Context) -> Mappings:
    """All mappings, and what people get if none of their groups is mapped."""
    with context.read() as read:
        return Mappings(tuple(mappings.every(read)), mappings.unmapped(read))
