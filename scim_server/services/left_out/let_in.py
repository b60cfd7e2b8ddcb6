"""Retries one refusal of a seat or of a better tier, in an open transaction (SEATS 31)."""

from dataclasses import dataclass, replace
from enum import StrEnum

import orjson

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import ScimError
from scim_server.protocol.seat_status import SeatStatus
from scim_server.protocol.user import User
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.entitlements import better_tier
from scim_server.services.groups import provision as groups
from scim_server.services.left_out.open_refusals import Open
from scim_server.services.lists import Reference
from scim_server.services.people import provision as people
from scim_server.services.people.provision import Outcome
from scim_server.services.scim.schemas import directory_of
from scim_server.services.seats import gate, queue, refusal_text
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import Write
from scim_server.store.rows import events, former, organizations, refusals, stamps
from scim_server.store.rows import groups as groups_store
from scim_server.store.rows import people as people_store
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal
from seat_policy.admission import Reject
from seat_policy.contract import ANY


class Attempt(StrEnum):
    """The result of a retry."""

    SEATED = "seated"
    WAITING = "waiting"
    NONE = "none"
    INACTIVE = "inactive"
    REJECTED = "rejected"
    FAILED = "failed"
    NOT_TRIED = "not_tried"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Retried:
    """One refused person after a retry.

    Attributes:
        outcome: `gone` if nothing was left to do.
        detail: why the person was refused again, why the retry failed, or why it was not tried.
    """

    reference: Reference
    user_name: str | None
    outcome: Attempt
    detail: str | None = None


def not_tried(entry: Open) -> Retried:
    """The result for a refusal that was not retried, because a person before it found no seat."""
    seat = "seat" if entry.wants == ANY else f"{entry.wants} seat"
    why = f"no {seat} was left for a person who was refused earlier"
    return Retried(entry.reference, entry.user_name, Attempt.NOT_TRIED, why)


def retry(write: Write, entry: Open) -> Retried:
    """Try again to give a person the seat, or the better tier, that was refused."""
    return _upgraded(write, entry) if entry.refusal is None else retried(write, entry.refusal)


def _upgraded(write: Write, entry: Open) -> Retried:
    """Try again to give a person with a seat the better tier. The seat that the person leaves is free.

    If the tier is refused again, nothing is written, because no provider or app made this attempt.
    """
    # The state is read again under the lock, because the person may have got the tier meanwhile.
    still = better_tier.every(write, write.moment, sequence=entry.reference.number)
    if not still:
        return Retried(entry.reference, entry.user_name, Attempt.GONE)
    before = still[0].person
    admitted = gate.admit(write, organizations.get(write), before, entry.wants, better_tier.REASON)
    if isinstance(admitted, Reject):
        detail = refusal_text.refusal(write, admitted, str(entry.reference))
        return Retried(entry.reference, entry.user_name, Attempt.REJECTED, detail)
    event = replace(admitted.event, person=before.id, personal={"userName": before.user_name})
    events.append(write, event, admitted.number)
    people_store.change(write, before, admitted.person)
    queue.move(write)
    if admitted.person.wants is None:
        return Retried(entry.reference, entry.user_name, Attempt.SEATED)
    detail = f"waits for a {entry.wants} seat and keeps the {before.tier} seat"
    return Retried(entry.reference, entry.user_name, Attempt.WAITING, detail)


def retried(write: Write, refusal: Refusal, *, wants: str | None = None) -> Retried:
    """Try again to let in a refused person, with the values that the provider sent.

    Args:
        wants: the tier of the seat; None for the refused tier.
    """
    reference = Reference(organizations.get(write).slug, refusal.sequence)
    # The refusal is read again under the lock, because the provider may have been faster.
    still = refusals.open_entry(write, refusal.user_name_key)
    try:
        outcome = None if still is None else write.attempt(lambda: _let_in(write, still, wants))
    except ScimError as error:
        return Retried(reference, refusal.user_name, Attempt.FAILED, error.detail)
    if outcome is None:
        return Retried(reference, refusal.user_name, Attempt.GONE)
    if isinstance(outcome, Refused):
        return Retried(reference, refusal.user_name, Attempt.REJECTED, outcome.detail)
    stamps.mark_unconfirmed(write, [outcome.person.id])
    return Retried(reference, refusal.user_name, Attempt(outcome.person.status))


def _let_in(write: Write, refusal: Refusal, wants: str | None) -> Outcome | None:
    wants = wants or refusal.wants
    organization = organizations.get(write)
    directory = directory_of(write, organization)
    reader = directory.user_reader(seats=organization.shows_seats, strict=organization.strict)
    if refusal.person is None:
        document: dict[str, JSON] = orjson.loads(refusal.document or "{}")
        user = User.of({**document, "active": True}, reader.resource_type)
        return _created(write, organization, user, refusal, wants)
    person = people_store.get(write, refusal.person)
    if person is None:
        return None
    if person.active:
        return _follow_groups(write, organization, person)
    user = User.of({**orjson.loads(person.document), "active": True}, reader.resource_type)
    return people.save(write, organization, person, user, wants=wants)


def _created(write: Write, organization: Organization, user: User, refusal: Refusal, wants: str) -> Outcome:
    """Create a refused person. A person of an import gets the id and the groups from before the move."""
    kept = refusal.kept or {}
    id_ = kept.get("id")
    if id_ is not None and (
        people_store.get(write, id_) or groups_store.get(write, id_) or former.among(write, [id_])
    ):
        id_ = None
    outcome = people.create(write, organization, user, wants=wants, id_=id_, created=kept.get("created"))
    if isinstance(outcome, Refused):
        return outcome
    for group in kept.get("groups", ()):
        groups.join(write, organization, group, [outcome.person.id])
    after = people_store.get(write, outcome.person.id) if kept.get("groups") else None
    return outcome if after is None else people.Saved(after)


def _follow_groups(write: Write, organization: Organization, person: Person) -> Outcome | None:
    """Let in a member who was refused a seat from a group, if a group still gives this seat (SEATS 20)."""
    entitlements.follow(write, organization, [person.id])
    still = refusals.open_entry(write, person.user_name_key)
    if still is not None:
        return Refused(f"{organization.slug}-{still.sequence}", still.detail, still.reason)
    after = people_store.get(write, person.id)
    return None if after is None or after.status is SeatStatus.NONE else people.Saved(after)
