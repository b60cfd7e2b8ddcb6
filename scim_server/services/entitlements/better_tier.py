"""People with a seat whose groups give a different tier that was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scim_server.history import PersonQueued
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.lists import Reference
from scim_server.services.seats import gate
from scim_server.store.database.session import Read, Write, clock_in, timestamp
from scim_server.store.rows import events, mappings, members, organizations, people, seat_requests
from scim_server.store.rows.events import TierRefused
from scim_server.store.rows.people import Person
from seat_policy.admission import Reason
from seat_policy.contract import ANY
from seat_policy.mapping import Entitlement
from seat_policy.modes import Mode
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn

_ANSWERS: Final = {
    WayIn.SCIM: "the change of the group was accepted",
    WayIn.JIT: "the person was admitted",
}
REASON: Final = "wants_better_tier"
"""Reason of the events of people who get or wait for the better tier after a purchase or a retry."""
_OTHER_ANSWER: Final = "no answer, because an admin changed the mapping"


ASKED: Final = "requested"
"""Reason of people who ask for a better tier themselves."""


@dataclass(frozen=True, slots=True)
class WantsBetter:
    """A person with a seat who was refused another tier, or who asks for one.

    Attributes:
        reference: the reference of the refusal in the log, or of the request.
        wants: the tier that the person's groups give, or the requested tier.
        reason: why the person does not have this tier, as a code for programs.
        detail: the same reason as a text for people.
        provider_answer: the answer to the provider, or to the app, at that time.
        at: when the person was last refused, or asked.
    """

    reference: Reference
    person: Person
    wants: str
    reason: str
    detail: str
    provider_answer: str
    at: str

    @property
    def tier(self) -> str | None:
        """The tier of the person's seat."""
        return self.person.tier


def asking(read: Read, refused: Sequence[WantsBetter]) -> list[WantsBetter]:
    """The people with a seat who ask for a better tier, oldest request first.

    Args:
        refused: people who were refused a better tier; their requests are left out.
    """
    if not clock_in(read).asking:
        return []
    known, slug = {one.person.id for one in refused}, organizations.get(read).slug
    found = [one.request for one in seat_requests.of_seated(read) if one.request.person not in known]
    sitting = {one.id: one for one in members.of_ids(read, [str(one.person) for one in found])}
    return [
        WantsBetter(
            reference=Reference(slug, one.number),
            person=sitting[str(one.person)],
            wants=one.wants,
            reason=ASKED,
            detail=f"this person asks for a {one.wants} seat: {one.reason}",
            provider_answer="no answer, because the person asked",
            at=one.opened,
        )
        for one in found
    ]


def every(
    read: Read, moment: datetime, limit: int | None = None, *, sequence: int | None = None
) -> list[WantsBetter]:
    """All people whose groups still give the tier that was last refused, oldest refusal first.

    Args:
        sequence: only the refusal with this number; None for all.
    """
    refused = events.tiers_refused(read, sequence)
    sitting = {one.id: one for one in members.of_ids(read, [one.person for one in refused])}
    given = entitlements.of_people(read, list(sitting))
    organization, reason = organizations.get(read), _reason(read, moment)
    by_sign_in = {one.gives.tier for one in mappings.every(read)} if organization.mode is Mode.JIT else set()
    found = [
        _described(organization.slug, sitting[one.person], one, reason)
        for one in refused
        if one.person in sitting and _still_wanted(sitting[one.person], one, given[one.person], by_sign_in)
    ]
    return found[:limit]


def _reason(read: Read, moment: datetime) -> Reason:
    return clock_in(read).standstill(timestamp(moment)) or Reason.NO_FREE_SEAT


def _still_wanted(
    person: Person, refused: TierRefused, entitlement: Entitlement, by_sign_in: set[str | None]
) -> bool:
    if (
        person.role == Role.PRIMARY_OWNER
        or person.tier is None
        or person.wants is not None
        or refused.wants in (ANY, person.tier)
    ):
        return False
    if entitlement.mapped or entitlement.wants == refused.wants:
        return entitlement.wants == refused.wants
    # Groups in a sign-in are not stored.
    return refused.wants in by_sign_in


def _described(slug: str, person: Person, refused: TierRefused, reason: Reason) -> WantsBetter:
    return WantsBetter(
        reference=Reference(slug, refused.sequence),
        person=person,
        wants=refused.wants,
        reason=reason,
        detail=f"no {refused.wants} seat was free, so this person keeps the {person.tier} seat",
        provider_answer=_ANSWERS.get(refused.way_in, _OTHER_ANSWER),
        at=refused.at,
    )


def queue(write: Write, listed: Sequence[WantsBetter]) -> None:
    """Let people wait for the tier they want, so that they get bought seats like all waiting people."""
    if not listed:
        return
    first, numbered, changed = write.reserve(len(listed)), [], []
    for number, one in enumerate(listed, start=first):
        event = PersonQueued(
            person=one.person.id,
            reason=REASON,
            wants=one.wants,
            personal={"userName": one.person.user_name},
        )
        numbered.append((number, event))
        changed.append((one.person, gate.waiting(write, one.person, one.wants, number)))
    events.append_numbered(write, numbered)
    people.change_all(write, changed)
