"""Refusals. The first attempt is logged, and repeated attempts are counted (SEATS 31)."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from scim_server.history import PersonDismissed, PersonRejected
from scim_server.protocol.user import User
from scim_server.services.notifications import thresholds as alerts
from scim_server.services.seats import refusal_text
from scim_server.store.database.session import Write
from scim_server.store.rows import events, refusals
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal
from seat_policy.admission import Reject
from seat_policy.ways_in import WayIn

ATTEMPTING: Final = frozenset({WayIn.SCIM, WayIn.JIT, WayIn.IMPORT})
"""Ways in whose attempts are counted."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The person got no seat, and nothing was changed except the log of refusals.

    Attributes:
        reference: the reference of the log entry.
        detail: the reason as a sentence for the provider's admin.
        reason: the same reason as a code for programs.
    """

    reference: str
    detail: str
    reason: str


def refuse(
    write: Write, organization: Organization, person: Person, reject: Reject, user: User | None
) -> Refused:
    """Log that a person was left out. A repeated attempt is only counted on the open entry.

    A retry by an admin does not count as an attempt, because the last attempt of a provider or an app shows
    whether the person should still get a seat (SEATS 32).

    Args:
        user: the values of a refused create; None for an existing person.
    """
    entry = refusals.open_entry(write, person.user_name_key)
    number = write.reserve() if entry is None else entry.sequence
    reference = f"{organization.slug}-{number}"
    detail = refusal_text.refusal(write, reject, reference)
    refusal = Refusal(
        sequence=number,
        user_name_key=person.user_name_key,
        user_name=person.user_name,
        person=person.id if user is None else None,
        wants=reject.wants,
        reason=reject.reason,
        detail=detail,
        first_attempt=write.at,
        last_attempt=write.at,
        attempts=1,
        document=None if user is None else user.document,
        closed=None,
    )
    if entry is None:
        event = PersonRejected(
            person=None if user is not None else person.id,
            reason=reject.reason,
            status=HTTPStatus.FORBIDDEN,
            wants=reject.wants,
            personal={"userName": person.user_name},
        )
        events.append(write, event, number)
        refusals.add(write, refusal)
    elif write.actor.way_in in ATTEMPTING:
        refusals.count_attempt(write, refusal)
    else:
        refusals.update_answer(write, refusal)
    alerts.refused(write, reject)
    return Refused(reference, detail, reject.reason)


def withdraw(write: Write, person: Person) -> None:
    """Close the refusal of an activation that a provider no longer wants, so that no retry is left."""
    entry = refusals.open_entry(write, person.user_name_key)
    if entry is None or entry.person != person.id:
        return
    event = PersonDismissed(
        person=person.id,
        reason="deactivated",
        entry=entry.sequence,
        personal={"userName": person.user_name},
    )
    refusals.close_entry(write, entry.sequence, events.append(write, event))
