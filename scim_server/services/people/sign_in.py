"""Sign-ins: whether a person is admitted, and whether the sign-in creates the person (SEATS 13).

A sign-in without changes uses no event number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

import orjson

from scim_server.protocol.attributes import JSON
from scim_server.protocol.normalise import fold
from scim_server.protocol.user import User
from scim_server.services.context import Context
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.lists import Reference
from scim_server.services.people import provision as people
from scim_server.services.scim.schemas import directory_of
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import Read, Write, clock_in, timestamp
from scim_server.store.rows import invitations, mappings, organizations, refusals, stamps
from scim_server.store.rows import people as people_store
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal
from seat_policy.admission import Reason
from seat_policy.contract import ANY
from seat_policy.mapping import Entitlement
from seat_policy.modes import Mode
from seat_policy.roles import Role
from seat_policy.seat_state import Unseated


class Entry(StrEnum):
    """The decision about a sign-in."""

    ADMITTED = "admitted"
    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SignIn:
    """The person who signs in, with the values of the app's identity provider.

    Attributes:
        document: emails, name, displayName and externalId in SCIM's form; values that were not sent are
            missing.
        groups: the displayNames of the person's groups; None if the provider does not send groups.
    """

    user_name_key: str
    document: dict[str, JSON]
    groups: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the vendor's app.

    Attributes:
        person: the id of the person; None for an unknown person.
        reason: why the person is not admitted, as a code for programs; None if the person is admitted.
        detail: the same reason as a text for people.
        reference: the open entry of the log, if the person was refused a seat.
    """

    decision: Entry
    person: str | None = None
    tier: str | None = None
    role: str | None = None
    reason: str | None = None
    detail: str | None = None
    reference: str | None = None

    @property
    def entitled(self) -> bool:
        """Whether the person may use the app now."""
        return self.decision is Entry.ADMITTED


STAMP_EVERY: Final = timedelta(days=1)
_NO_SEAT: Final[dict[str, str]] = {
    Unseated.UNASSIGNED: "an Admin removed this person's seat, and only an Admin can assign one again",
    Unseated.AWAITING_GROUP: "no group gives this person a seat yet",
}


def answer(context: Context, signing: SignIn) -> Answer:
    """Answer a sign-in. In the mode `jit`, a person's first sign-in creates the person, through the gate."""
    answered = _answered(context, signing)
    if answered.decision is Entry.ADMITTED and answered.person is not None:
        _stamp(context, answered.person)
    return answered


def _stamp(context: Context, person: str) -> None:
    """Store the time of a person's last sign-in, at most once a day, to find idle seats (SEATS 35)."""
    now = context.database.now()
    with context.read() as read:
        last = stamps.signed_in(read, person)
    if last is None or last < timestamp(now - STAMP_EVERY):
        context.database.write_unnumbered(
            lambda connection: stamps.stamp_sign_in(connection, context.organization, person, timestamp(now))
        )


def _answered(context: Context, signing: SignIn) -> Answer:
    with context.read() as read:
        settings = organizations.get(read)
        person = people_store.by_key(read, signing.user_name_key)
        if clock_in(read).suspended is not None:
            return _refused(person, Reason.SUSPENDED, "this organization is suspended")
        if person is not None and not _changes(read, settings, person, signing):
            return answer_for(read, person)
        if person is None and settings.mode is not Mode.JIT:
            return _answer_for_unknown(read, settings, signing, timestamp(context.database.now()))
    return context.write(lambda write: admit(write, signing))


def _answer_for_unknown(read: Read, settings: Organization, signing: SignIn, at: str) -> Answer:
    """The answer for an unknown person that the sign-in does not create.

    The person may have an invitation.
    """
    invited = invitations.pending(read, [signing.user_name_key]) if settings.awaits_invited else []
    # A person who is not a member cannot accept an invitation that holds no seat.
    if any(one.held is not None and at < one.expires for one in invited):
        detail = "this person is invited and can join with the link in the invitation, not by a sign-in"
        return _refused(None, "invitation_pending", detail)
    entry = refusals.open_entry(read, signing.user_name_key)
    if entry is not None:
        return _left_out(settings, None, entry)
    reason = "not_provisioned" if settings.mode is Mode.SCIM else "not_invited"
    return _refused(None, reason, f"in the mode '{settings.mode}', sign-ins do not create people")


def admit(write: Write, signing: SignIn) -> Answer:
    """Answer a sign-in that may change something, in an open transaction."""
    organization = organizations.get(write)
    person = people_store.by_key(write, signing.user_name_key)
    if person is None:
        return _create(write, organization, signing)
    if person.active and organization.mode is Mode.JIT:
        reader = directory_of(write, organization).user_reader(
            seats=organization.shows_seats, strict=organization.strict
        )
        described = User.of(_merged(person, signing), reader.resource_type)
        outcome = people.save(write, organization, person, described)
        if not isinstance(outcome, Refused):
            person = outcome.person
        entitlement = _entitlement(write, signing)
        if entitlement is not None:
            entitlements.follow(write, organization, [person.id], {person.id: entitlement})
            person = people_store.get(write, person.id) or person
    return answer_for(write, person)


def _create(write: Write, organization: Organization, signing: SignIn) -> Answer:
    if organization.mode is not Mode.JIT:
        return _answer_for_unknown(write, organization, signing, write.at)
    reader = directory_of(write, organization).user_reader(
        seats=organization.shows_seats, strict=organization.strict
    )
    user = User.of({**signing.document, "active": True}, reader.resource_type)
    entitlement = _entitlement(write, signing)
    outcome = people.create(write, organization, user, entitlement=entitlement)
    if isinstance(outcome, Refused):
        return Answer(
            Entry.REFUSED, reason=outcome.reason, detail=outcome.detail, reference=outcome.reference
        )
    return answer_for(write, outcome.person)


def _entitlement(read: Read, signing: SignIn) -> Entitlement | None:
    """The entitlement from the groups in a sign-in; None if it has no groups, or if no mapping exists."""
    if signing.groups is None:
        return None
    given = mappings.given_by_names(read, signing.groups, [fold(name) for name in signing.groups])
    return entitlements.of_new_person(read, given)


def _merged(person: Person, signing: SignIn) -> dict[str, JSON]:
    document: dict[str, JSON] = orjson.loads(person.document)
    return {**document, **_values_sent(person, signing), "active": True}


def _values_sent(person: Person, signing: SignIn) -> dict[str, JSON]:
    """The values that a sign-in changes. The Primary Owner's userName and emails stay (SEATS 18)."""
    kept = ("userName", "emails") if person.role == Role.PRIMARY_OWNER else ()
    return {name: value for name, value in signing.document.items() if name not in kept}


def _changes(read: Read, organization: Organization, person: Person, signing: SignIn) -> bool:
    """Whether a sign-in of a member would change the member."""
    if organization.mode is not Mode.JIT or not person.active:
        return False
    document: dict[str, JSON] = orjson.loads(person.document)
    sent = _values_sent(person, signing)
    if any(document.get(name) != value for name, value in sent.items() if name != "userName"):
        return True
    entitlement = _entitlement(read, signing)
    if entitlement is None or person.role == Role.PRIMARY_OWNER:
        return False
    role = (
        entitlement.role or (Role.USER if person.role_mapped else person.role),
        entitlement.role is not None,
    )
    if (
        role != (person.role, person.role_mapped)
        or entitlements.priority_of(person, entitlement) != person.priority
    ):
        return True
    if entitlement.wants is None:
        return person.wants not in (None, ANY) or _is_left_out(read, person)
    return not _has(person, entitlement.wants)


def _has(person: Person, wants: str) -> bool:
    """Whether a person has the right seat, waits for it, or should have no seat because of a group."""
    if person.wants is not None:
        return person.wants == wants
    if person.tier is not None:
        return wants in (ANY, person.tier)
    return person.unseated is not Unseated.AWAITING_GROUP


def answer_for(read: Read, person: Person) -> Answer:
    """The answer for a member. In every mode, a refused seat has precedence over other reasons."""
    if person.tier is not None:
        return Answer(Entry.ADMITTED, person.id, person.tier, person.role)
    if person.wants is not None:
        detail = "this person waits in the queue for a seat"
        return Answer(Entry.WAITING, person.id, None, person.role, "waiting_for_seat", detail)
    entry = refusals.open_entry(read, person.user_name_key)
    if entry is not None:
        return _left_out(organizations.get(read), person, entry)
    if not person.active:
        return _refused(
            person, "inactive", "this person was deactivated, and a sign-in does not reactivate people"
        )
    reason = person.unseated or Reason.NO_FREE_SEAT
    return _refused(person, reason, _NO_SEAT.get(reason, "this person has no seat"))


def _left_out(organization: Organization, person: Person | None, entry: Refusal) -> Answer:
    """The answer for a person with an open refusal."""
    refused = _refused(person, Reason.NO_FREE_SEAT, entry.detail)
    return replace(refused, reference=str(Reference(organization.slug, entry.sequence)))


def _is_left_out(read: Read, person: Person) -> bool:
    """Whether the person waits for a group although a group now gives a tier and its seat was refused."""
    awaits = person.unseated is Unseated.AWAITING_GROUP
    return awaits and refusals.open_entry(read, person.user_name_key) is not None


def _refused(person: Person | None, reason: str, detail: str) -> Answer:
    if person is None:
        return Answer(Entry.REFUSED, reason=reason, detail=detail)
    return Answer(Entry.REFUSED, person.id, None, person.role, reason, detail)


def entitlement(context: Context, person: str) -> Answer | None:
    """The present entitlement of the person with the given id; None if no person has the id."""
    return entitlements_of(context, [person]).get(person)


def entitlements_of(context: Context, ids: Sequence[str]) -> dict[str, Answer]:
    """The present entitlements of people, by id. Ids that no person has are missing."""
    with context.read() as read:
        found = people_store.with_ids(read, ids)
        suspended = clock_in(read).suspended is not None
        return {one.id: _present(read, one, suspended=suspended) for one in found}


def _present(read: Read, person: Person, *, suspended: bool) -> Answer:
    if suspended:
        return _refused(person, Reason.SUSPENDED, "this organization is suspended")
    return answer_for(read, person)
