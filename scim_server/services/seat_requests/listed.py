"""A request in the form for people, with its reference and the present seat of the person."""

from dataclasses import dataclass
from typing import Self

from scim_server.services.errors import InvalidReference, UnknownSeatRequest
from scim_server.services.lists import Reference
from scim_server.store.database.session import Read
from scim_server.store.rows import organizations, seat_requests
from scim_server.store.rows.seat_requests import Asked, SeatRequest


@dataclass(frozen=True, slots=True)
class Listed:
    """A request.

    Attributes:
        tier: the tier of the person's seat now.
        waits_for: the tier that the person waits for now, or `any`.
        active: whether the person is an active member now; false for a person who was refused.
    """

    reference: Reference
    request: SeatRequest
    tier: str | None
    waits_for: str | None
    active: bool

    @classmethod
    def of(cls, slug: str, one: Asked) -> Self:
        """Make a request of an organization's list."""
        return cls(Reference(slug, one.request.number), one.request, one.tier, one.waits_for, one.active)


def named(read: Read, reference: str) -> Listed:
    """The request with a reference, open or not.

    Raises:
        UnknownSeatRequest: no request of the organization has this reference.
    """
    slug = organizations.get(read).slug
    try:
        number = Reference.parse(slug, reference).number
    except InvalidReference:
        number = 0
    found = seat_requests.get(read, number)
    if found is None:
        raise UnknownSeatRequest("this organization has no request with this id")
    return Listed.of(slug, found)
