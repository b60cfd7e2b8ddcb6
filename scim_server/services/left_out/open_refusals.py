"""Open refusals, of a seat or of a better tier, which are retried or dismissed (SEATS 31, 32)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from scim_server.services.entitlements import better_tier
from scim_server.services.entitlements.better_tier import WantsBetter
from scim_server.services.errors import UnknownRefusal
from scim_server.services.lists import Reference
from scim_server.store.database.session import Read, timestamp
from scim_server.store.rows import organizations, refusals
from scim_server.store.rows.refusals import Refusal

LONGEST_AGE: Final = timedelta(days=7)
"""Older refusals are retried only if their reference is given, because the provider may have removed the
person.
"""


@dataclass(frozen=True, slots=True)
class Open:
    """What a retry tries again and a dismissal closes.

    Attributes:
        reference: the reference of the refusal in the log.
        person: the person's id; None for a refused create.
        wants: the name of the refused tier, or `any`.
        keeps: the tier of the person's seat; None for a person without a seat.
        refusal: the refusal of a person without a seat; None if the person wants a better tier.
    """

    reference: Reference
    person: str | None
    user_name: str | None
    wants: str
    keeps: str | None = None
    refusal: Refusal | None = None


def recent(rejected: Sequence[Refusal], since: str) -> frozenset[int]:
    """The numbers of the refusals whose last attempt was at or after a time."""
    return frozenset(one.sequence for one in rejected if one.last_attempt >= since)


def every(read: Read, moment: datetime) -> list[Open]:
    """The recent refusals and all people who want a better tier, oldest refusal first.

    The groups still give the better tier, so the age of its refusal does not matter.
    """
    found = refusals.to_retry(read, None)
    lately = recent(found, timestamp(moment - LONGEST_AGE))
    return sorted(
        _opened(read, [one for one in found if one.sequence in lately], better_tier.every(read, moment)),
        key=lambda one: one.reference.number,
    )


def named(read: Read, moment: datetime, reference: Reference) -> Open:
    """The open refusal of a seat or of a better tier, of any age.

    Raises:
        UnknownRefusal: no open refusal has this reference.
    """
    number = reference.number
    found = _opened(read, refusals.to_retry(read, number), better_tier.every(read, moment, sequence=number))
    if not found:
        raise unknown_refusal(reference)
    return found[0]


def _opened(read: Read, refused: Sequence[Refusal], better: Sequence[WantsBetter]) -> list[Open]:
    slug = organizations.get(read).slug
    return [
        *(
            Open(Reference(slug, one.sequence), one.person, one.user_name, one.wants, refusal=one)
            for one in refused
        ),
        *(Open(one.reference, one.person.id, one.person.user_name, one.wants, one.tier) for one in better),
    ]


def unknown_refusal(reference: Reference) -> UnknownRefusal:
    """The error that no open refusal has this reference."""
    return UnknownRefusal(f"no open refusal has the id {reference}")
