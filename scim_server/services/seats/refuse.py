"""Who found no seat: logged once, counted on each repeat (SEATS 31)."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from scim_server.history import PersonDismissed, PersonRejected
from scim_server.protocol.user import User
from scim_server.services.notifications import thresholds as alerts
from scim_server.services.seats import gate
from scim_server.store.database.session import Write
from scim_server.store.rows import events, refusals
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal
from seat_policy.admission import Reject

ATTEMPTING: Final = frozenset({"scim", "jit"})
"""Ways in by which somebody tries to come in, or is sent."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No seat: nothing was changed but the log of who was left out.

    Attributes:
        reference: names the entry of the log.
        detail: the sentence for the provider's admin.
        reason: the same as a word that programs compare.
    """

    reference: str
    detail: str
    reason: str


def refuse(
    write: Write, organization: Organization, person: Person, reject: Reject, user: User | None
) -> Refused:
    """Log that a person was left out; a repeat only counts on the open entry.

    A retry by hand is no attempt: how long ago a provider or an app tried for somebody says whether they are
    still to come in (SEATS 32).

    Args:
        user: what a refused create sent; None for someone who exists.
    """
    entry = refusals.open_entry(write, person.user_name_key)
    number = write.reserve() if entry is None else entry.sequence
    reference = f"{organization.slug}-{number}"
    detail = gate.refusal_detail(write, reject, reference)
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
    """A provider no longer wants somebody in whose activation was refused: nothing is left to retry."""
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
