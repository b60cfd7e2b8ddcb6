"""Mappings as they are read."""

from dataclasses import dataclass

from scim_server.services.context import Context
from scim_server.store.rows import mappings
from scim_server.store.rows.mappings import Mapped
from seat_policy.mapping import Unmapped


@dataclass(frozen=True, slots=True)
class Mappings:
    """All mappings of an organization.

    Attributes:
        unmapped: what people get who are in no group that gives a tier.
    """

    mappings: tuple[Mapped, ...]
    unmapped: Unmapped


def every(context: Context) -> Mappings:
    """All mappings, and what people get who are covered by none."""
    with context.read() as read:
        return Mappings(tuple(mappings.every(read)), mappings.unmapped(read))
