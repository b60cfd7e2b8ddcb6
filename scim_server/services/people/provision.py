"""Changes of people, for every way in. Each function takes an open transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar
from uuid import uuid4

import orjson

from scim_server.history import (
    EARLIER,
    INACTIVE,
    NAME,
    Begins,
    PersonActivated,
    PersonCreated,
    PersonDeleted,
    PersonDeprovisioned,
    PersonEvent,
    PersonUpdated,
)
from scim_server.protocol import immutable
from scim_server.protocol import patch as patching
from scim_server.protocol.change import Change
from scim_server.protocol.errors import NotFound, Uniqueness, VersionMismatch
from scim_server.protocol.etag import matches
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import Membership, Shown, User
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.holds import mass_removal
from scim_server.services.holds import take as held_seats
from scim_server.services.people import guards
from scim_server.services.scim.schemas import directory_of
from scim_server.services.seats import gate, queue
from scim_server.services.seats import refuse as left_out
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import events, former, people, refusals, shown, stamps
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.admission import Reject
from seat_policy.contract import ANY
from seat_policy.mapping import Entitlement
from seat_policy.roles import Role
from seat_policy.seat_state import AWAITING_GROUP, WITHOUT_SEAT, Unseated
from seat_policy.waitlist import DEFAULT_PRIORITY
from seat_policy.ways_in import WayIn

B = TypeVar("B", bound=PersonEvent)

TOUCHED_EVERY = timedelta(days=1)
"""How exactly the time is stored at which a provider last sent a person."""

UNNUMBERED = 0
"""The sequence of a new person until the gate has decided. A refused person gets no sequence."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The person after the change.

    Attributes:
        shown: the person in the form of the answer, read in the same transaction.
    """

    person: Person
    shown: Shown | None = None


Outcome = Saved | Refused
Add = Callable[[Write, Person, User, PersonEvent, int | None], Saved]
"""Writes a new person with the event, which may have a reserved number."""


def create(  # noqa: PLR0913 - who, and what is known of them
    write: Write,
    organization: Organization,
    user: User,
    *,
    wants: str | None = None,
    entitlement: Entitlement | None = None,
    role: Role = Role.USER,
    id_: str | None = None,
    created: str | None = None,
) -> Outcome:
    """Create a person, for any way in.

    Args:
        entitlement: the entitlement from the person's groups, if they are known in advance.
        wants: the name of a tier, or `any`; None for the setting that applies if no group gives a tier.
        id_: an id that was assigned before; None for a new id.
        created: when the person was created elsewhere; None for now.
    """
    taken = people.by_key(write, user.user_name_key)
    if taken is not None:
        state = "" if taken.active else ", which is inactive. Activate it instead of creating it again"
        raise Uniqueness(f"userName '{user.user_name}' is already taken by the User {taken.id}{state}.")
    person = new_person(write, user, role, id_ or str(uuid4()))
    if created is not None:
        person = replace(person, created=min(created, write.at))
    return create_unknown(write, organization, person, user, wants=wants, entitlement=entitlement)


def create_unknown(  # noqa: PLR0913 - who, and what is known of them
    write: Write,
    organization: Organization,
    person: Person,
    user: User,
    *,
    wants: str | None = None,
    entitlement: Entitlement | None = None,
    add: Add | None = None,
) -> Outcome:
    """Create a person whose userName and id nobody has, for any way in. The arguments are those of `create`.

    Args:
        person: the new person before the gate.
        add: writes the person with the event; None to write them at once.
    """
    add, role = add or _add, person.role
    if user.active is False:
        return add(write, replace(person, active=False), user, PersonCreated(reason=INACTIVE), None)
    seated = held_seats.take(
        write,
        organization,
        person,
        lambda seated, event: _add(write, seated, user, event).person,
        entitlement,
    )
    if seated is not None:
        return Saved(seated)
    if entitlement is not None:
        person = replace(
            person,
            role=entitlement.role or role,
            role_mapped=entitlement.role is not None,
            priority=entitlement.priority,
        )
    wanted = wants or (entitlement.wants if entitlement is not None else _wanted(write, organization, None))
    if wanted is None:
        awaiting = person.having(AWAITING_GROUP)
        return add(write, awaiting, user, PersonCreated(reason=Unseated.AWAITING_GROUP), None)
    admitted = gate.admit(write, organization, person, wanted, "created")
    if isinstance(admitted, Reject):
        return left_out.refuse(write, organization, person, admitted, user)
    return add(write, admitted.person, user, admitted.event, admitted.number)


def _wanted(write: Write, organization: Organization, person: str | None) -> str | None:
    """The entitlement of a person; None if the person gets no seat until a group gives a tier (SEATS 20)."""
    if not organization.maps_tiers:
        return ANY
    entitlement = (
        entitlements.of_new_person(write)
        if person is None
        else entitlements.of_people(write, [person])[person]
    )
    return entitlement.wants


def new_person(write: Write, user: User, role: Role, id_: str) -> Person:
    """A new person before the gate. `_add` sets the number of the person's event."""
    return Person(
        id=id_,
        sequence=UNNUMBERED,
        user_name_key=user.user_name_key,
        user_name=user.user_name,
        external_id=user.external_id,
        display_name_key=user.display_name_key,
        active=True,
        role=role,
        role_mapped=False,
        priority=DEFAULT_PRIORITY,
        prioritised=False,
        way_in=write.actor.way_in,
        unconfirmed=None,
        touched=write.at if write.actor.way_in is WayIn.SCIM else None,
        created=write.at,
        modified=write.at,
        version=1,
        document=user.document,
        seat=WITHOUT_SEAT,
    )


def _add(write: Write, person: Person, user: User, event: PersonEvent, number: int | None = None) -> Saved:
    """Write a new person with the event.

    Args:
        number: a reserved number; None for the next one.
    """
    number = write.reserve() if number is None else number
    person = replace(person, sequence=number)
    events.append(write, about(person, event, HTTPStatus.CREATED), number)
    people.add(write, person, user)
    refusals.close(write, person.user_name_key, person.id, number)
    return Saved(person)


def about(person: Person, event: PersonEvent, status: int) -> PersonEvent:
    """The event with the person and the status of the answer."""
    event = beginning(event, person) if status == HTTPStatus.CREATED else event
    return replace(event, person=person.id, status=int(status), personal={NAME: person.user_name})


def beginning(event: B, person: Person) -> B:
    """The event with which a person begins, with the role and the priority unless they are the usual ones."""
    if not isinstance(event, Begins):
        return event
    if person.role is Role.USER and person.priority == DEFAULT_PRIORITY:
        return event
    role = None if person.role is Role.USER else person.role.value
    priority = None if person.priority == DEFAULT_PRIORITY else person.priority
    return replace(event, role=role, priority=priority)


def patch(
    write: Write,
    organization: Organization,
    before: Person,
    changes: Sequence[Change],
    reader: ResourceSchema,
) -> Outcome:
    """Apply a PATCH to a person."""
    # `active` is removed before, because it matters whether the request sends it, as in a PUT.
    document = patching.apply_all(orjson.loads(before.document), changes, reader)
    return save(write, organization, before, User.of(document, reader.resource_type))


def existing(write: Write, person: str, if_match: str | None) -> Person:
    """The person with the given id; the version must be the one that the client expects.

    Raises:
        NotFound, VersionMismatch: see these classes.
    """
    return _expected(people.get(write, person), person, if_match)


def existing_with_groups(
    write: Write, person: str, if_match: str | None
) -> tuple[Person, tuple[Membership, ...]]:
    """The same person with the groups of the answer, read with one statement.

    Raises:
        NotFound, VersionMismatch: see these classes.
    """
    found, groups = shown.stored(write, person) or (None, ())
    return _expected(found, person, if_match), groups


def _expected(found: Person | None, person: str, if_match: str | None) -> Person:
    if found is None:
        raise NotFound(f"User {person} does not exist.")
    if if_match is not None and not matches(if_match, found.version):
        raise VersionMismatch(f"The User {person} has changed. The version is now {found.version}.")
    return found


def save(
    write: Write, organization: Organization, before: Person, user: User, *, wants: str | None = None
) -> Outcome:
    """Write the values and the access that were sent. If nothing changes, nothing is written."""
    resource_type = directory_of(write, organization).user(seats=organization.shows_seats)
    if immutable.has_any(resource_type):
        sent = {**orjson.loads(user.document), "active": user.active}
        user = User.of(immutable.kept(orjson.loads(before.document), sent, resource_type), resource_type)
    active = before.active if user.active is None else user.active
    guards.may_change(write, before, user, active=active)
    if user.user_name_key != before.user_name_key:
        taken = people.by_key(write, user.user_name_key)
        if taken is not None:
            raise Uniqueness(f"userName '{user.user_name}' is already taken by the User {taken.id}.")
    described = before.described(user)
    new_values = user if described != before else None
    if before.active and not active:
        return _deactivate(write, organization, before, described, new_values)
    if active and not before.active:
        return _activate(write, organization, before, described, new_values, wants)
    if user.active is False:
        left_out.withdraw(write, before)
    if new_values is None:
        return Saved(_touched(write, before))
    taken_over = before.active and held_seats.readdress(
        write,
        organization,
        before,
        described,
        lambda after, event: _changed(write, before, after, user, event).person,
    )
    if taken_over:
        return Saved(taken_over)
    return _changed(write, before, described, user, PersonUpdated())


def _touched(write: Write, person: Person) -> Person:
    """Record that a provider sent a person. This is not a change, so there is no event and no new version."""
    stale = person.touched is None or person.touched < timestamp(write.moment - TOUCHED_EVERY)
    if write.actor.way_in is not WayIn.SCIM or not (stale or person.unconfirmed):
        return person
    stamps.touch(write, person.id)
    return replace(person, touched=write.at, unconfirmed=None)


def _changed(
    write: Write,
    before: Person,
    after: Person,
    user: User | None,
    event: PersonEvent,
    number: int | None = None,
) -> Saved:
    """Write a changed person with the event.

    Args:
        user: the new values; None if the values are the same.
        number: a reserved number; None for the next one.
    """
    number = events.append(write, _with_values(before, after, about(after, event, HTTPStatus.OK)), number)
    if after.user_name_key != before.user_name_key:
        refusals.renamed(write, before.id, after.user_name_key, after.user_name, number)
        former.follow(write, before, after, number)
    if after.active != before.active or (before.tier is None and after.tier is not None):
        # The person got a seat, or should not get one any more, so an open refusal is closed.
        refusals.close(write, after.user_name_key, before.id, number)
    if write.actor.way_in is WayIn.SCIM:
        after = replace(after, touched=write.at, unconfirmed=None)
    return Saved(people.change(write, before, after, user))


def _with_values(before: Person, after: Person, event: PersonEvent) -> PersonEvent:
    """The event with the earlier userName and the names of changed attributes, if it has a place for them."""
    if after.user_name != before.user_name:
        event = replace(event, personal={NAME: after.user_name, EARLIER: before.user_name})
    if isinstance(event, PersonUpdated) and after.document != before.document:
        old, new = orjson.loads(before.document), orjson.loads(after.document)
        names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        event = replace(event, attributes=names)
    return event


def _deactivate(
    write: Write, organization: Organization, before: Person, described: Person, user: User | None
) -> Saved:
    released = mass_removal.release(write, before)
    event = PersonDeprovisioned(
        reason="deactivated", seats=released.seats, removal=released.removal, waited_for=before.wants
    )
    saved = _changed(
        write, before, replace(described, active=False, seat=WITHOUT_SEAT), user, event, released.number
    )
    mass_removal.detect(write, organization, released)
    queue.move(write)
    return saved


def _activate(
    write: Write,
    organization: Organization,
    before: Person,
    described: Person,
    user: User | None,
    wants: str | None,
) -> Outcome:
    seated = held_seats.take(
        write,
        organization,
        described,
        lambda after, event: _changed(write, before, after, user, event).person,
    )
    if seated is not None:
        return Saved(seated)
    wanted = wants or _wanted(write, organization, before.id)
    if wanted is None:
        after = replace(described, active=True, seat=AWAITING_GROUP)
        event = PersonActivated(reason=Unseated.AWAITING_GROUP)
        return _changed(write, before, after, user, event)
    admitted = gate.admit(write, organization, replace(described, active=True), wanted, "reactivated")
    if isinstance(admitted, Reject):
        return left_out.refuse(write, organization, before, admitted, None)
    return _changed(write, before, admitted.person, user, admitted.event, admitted.number)


def activate(write: Write, organization: Organization, before: Person) -> Outcome:
    """Activate an inactive person with the stored values, for any way in."""
    return _activate(write, organization, before, before, None, None)


def delete(write: Write, organization: Organization, before: Person) -> None:
    """Delete a person."""
    guards.may_delete(write, before)
    released = mass_removal.release(write, before, deletes=True)
    event = PersonDeleted(reason="deleted", seats=released.seats, removal=released.removal)
    number = events.append(write, about(before, event, HTTPStatus.NO_CONTENT), released.number)
    refusals.close(write, before.user_name_key, before.id, number)
    people.remove(write, before)
    former.remember(write, before, number)
    mass_removal.detect(write, organization, released)
    queue.move(write)
