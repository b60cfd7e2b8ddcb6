"""What happens to people: each function is one use and one transaction; `…_in` takes an open one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

import orjson

from scim_server.protocol import immutable, patch
from scim_server.protocol.change import Change
from scim_server.protocol.errors import Forbidden, NotFound, Uniqueness, VersionMismatch
from scim_server.protocol.etag import matches
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import Shown, User
from scim_server.services import roles
from scim_server.services.entitlements import apply as wishes
from scim_server.services.holds import removal as departures
from scim_server.services.holds import take as reserved
from scim_server.services.modes import PROVIDERS, accepting_scim
from scim_server.services.scim.schemas import directory_in
from scim_server.services.scim.search import shown
from scim_server.services.seats import gate
from scim_server.services.seats import refuse as left_out
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import Actor, Database, Write, timestamp
from scim_server.store.rows import events, people, refusals
from scim_server.store.rows.events import Event
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.admission import Reject
from seat_policy.contract import ANY
from seat_policy.mapping import Wish
from seat_policy.waitlist import DEFAULT_PRIORITY

PRIMARY_OWNER = "primary_owner"
TOUCHED_EVERY = timedelta(days=1)
"""How exactly it is known when a provider last named somebody."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The person as they are now.

    Attributes:
        shown: as an answer shows them, read in the transaction that wrote them.
    """

    person: Person
    shown: Shown | None = None


Outcome = Saved | Refused


def create(
    database: Database, organization: str, actor: Actor, user: User, projection: Projection = EVERYTHING
) -> Outcome:
    """Create a person by SCIM (RFC 7644 section 3.3), through the gate unless they are inactive.

    Args:
        projection: what of them the answer shows.

    Raises:
        Uniqueness: somebody has this userName.
        Forbidden: the organization does not provision by SCIM.
    """

    def work(write: Write) -> Outcome:
        settings = accepting_scim(write)
        return _answered(write, settings, create_in(write, settings, user), projection, new=True)

    return database.write(organization, actor, work)


def _answered(
    write: Write, organization: Organization, outcome: Outcome, projection: Projection, *, new: bool = False
) -> Outcome:
    """The outcome with what the answer shows: read later, it might be another's work, or gone."""
    if isinstance(outcome, Refused):
        return outcome
    seats_shown = organization.shows_seats
    (one,) = shown(write, [outcome.person], projection, seats=seats_shown, new=new)
    return replace(outcome, shown=one)


def create_in(  # noqa: PLR0913 - who, and what is known of them
    write: Write,
    organization: Organization,
    user: User,
    *,
    wants: str | None = None,
    wish: Wish | None = None,
    role: str = "user",
    id_: str | None = None,
) -> Outcome:
    """Create a person in an open transaction, whatever the way in.

    Args:
        wish: what their groups want for them, where they are known at once.
        wants: a tier's name, or `any`; None for what is wanted for those who are in no group yet.
        id_: the id they get, where others were told it before; None for a new one.
    """
    taken = people.by_key(write, user.user_name_key)
    if taken is not None:
        state = "" if taken.active else ", inactive: activate it instead of creating it again"
        raise Uniqueness(f"userName '{user.user_name}' is taken by the User {taken.id}{state}.")
    person = newcomer(write, user, role, id_ or str(uuid4()))
    if user.active is False:
        return _add(write, replace(person, active=False), user, Event("person.created", reason="inactive"))
    seated = reserved.come(
        write, organization, person, lambda seated, event: _add(write, seated, user, event).person, wish
    )
    if seated is not None:
        return Saved(seated)
    if wish is not None:
        person = replace(
            person, role=wish.role or role, role_mapped=wish.role is not None, priority=wish.priority
        )
    wanted = wants or (wish.wants if wish is not None else _wanted(write, organization, None))
    if wanted is None:
        awaiting = replace(person, unseated=wishes.AWAITING_GROUP)
        return _add(write, awaiting, user, Event("person.created", reason=wishes.AWAITING_GROUP))
    admitted = gate.admit(write, organization, person, wanted, "created")
    if isinstance(admitted, Reject):
        return left_out.refuse(write, organization, person, admitted, user)
    return _add(write, admitted[0], user, admitted[1])


def _wanted(write: Write, organization: Organization, person: str | None) -> str | None:
    """What groups want for a person, or a newcomer; None: nothing until one says it (SEATS 20)."""
    if not organization.maps_tiers:
        return ANY
    wish = wishes.of_newcomer(write) if person is None else wishes.of_people(write, [person])[person]
    return wish.wants


def newcomer(write: Write, user: User, role: str, id_: str) -> Person:
    """Somebody new, before the gate; their sequence is that of the event that is yet to come."""
    return Person(
        id=id_,
        sequence=0,
        user_name_key=user.user_name_key,
        user_name=user.user_name,
        external_id=user.external_id,
        display_name_key=user.display_name_key,
        active=True,
        role=role,
        role_mapped=False,
        tier=None,
        wants=None,
        priority=DEFAULT_PRIORITY,
        arrival=None,
        waiting_since=None,
        unseated=None,
        way_in=write.actor.way_in,
        unconfirmed=None,
        touched=write.at if write.actor.way_in == PROVIDERS else None,
        created=write.at,
        modified=write.at,
        version=1,
        document=user.document,
    )


def _add(write: Write, person: Person, user: User, event: Event) -> Saved:
    """Write a new person with the event that made them."""
    number = events.append(write, _about(person, event, HTTPStatus.CREATED))
    person = replace(person, sequence=number)
    people.add(write, person, user)
    refusals.close(write, person.user_name_key, person.id, number)
    return Saved(person)


def _about(person: Person, event: Event, status: int) -> Event:
    return replace(event, person=person.id, status=int(status), personal={"userName": person.user_name})


def replace_person(  # noqa: PLR0913 - who, where, what, and the condition
    database: Database,
    organization: str,
    actor: Actor,
    person: str,
    user: User,
    *,
    if_match: str | None = None,
    projection: Projection = EVERYTHING,
) -> Outcome:
    """PUT (RFC 7644 section 3.5.1): what is not sent is cleared, except `active`.

    Raises:
        NotFound, VersionMismatch, Uniqueness, Forbidden: as their names say.
    """

    def work(write: Write) -> Outcome:
        settings = accepting_scim(write)
        saved = save_in(write, settings, existing(write, person, if_match), user)
        return _answered(write, settings, saved, projection)

    return database.write(organization, actor, work)


def patch_person(  # noqa: PLR0913 - who, where, what, and the condition
    database: Database,
    organization: str,
    actor: Actor,
    person: str,
    changes: Sequence[Change],
    reader: ResourceSchema,
    *,
    if_match: str | None = None,
    projection: Projection = EVERYTHING,
) -> Outcome:
    """PATCH (RFC 7644 section 3.5.2): all changes or none.

    Raises:
        NotFound, VersionMismatch, Uniqueness, Forbidden: as their names say.
        NoTarget, InvalidValue, InvalidPath: a change cannot be carried out.
    """

    def work(write: Write) -> Outcome:
        settings = accepting_scim(write)
        saved = patch_in(write, settings, existing(write, person, if_match), changes, reader)
        return _answered(write, settings, saved, projection)

    return database.write(organization, actor, work)


def patch_in(
    write: Write,
    organization: Organization,
    before: Person,
    changes: Sequence[Change],
    reader: ResourceSchema,
) -> Outcome:
    """PATCH a person in an open transaction."""
    # Without `active`: whether it is said matters, as it does in a PUT.
    document = patch.apply_all(orjson.loads(before.document), changes, reader)
    return save_in(write, organization, before, User.of(document, reader.resource_type))


def existing(write: Write, person: str, if_match: str | None) -> Person:
    """The person with an id, at the version that the client saw.

    Raises:
        NotFound, VersionMismatch: as their names say.
    """
    found = people.get(write, person)
    if found is None:
        raise NotFound(f"There is no User {person}.")
    if if_match is not None and not matches(if_match, found.version):
        raise VersionMismatch(f"The User {person} has changed: it is at version {found.version}.")
    return found


def save_in(
    write: Write, organization: Organization, before: Person, user: User, *, wants: str | None = None
) -> Outcome:
    """Bring a person to what is now said of them; nothing is written where nothing changes."""
    resource_type = directory_in(write, organization).user(seats=organization.shows_seats)
    if immutable.has_any(resource_type):
        sent = {**orjson.loads(user.document), "active": user.active}
        user = User.of(immutable.kept(orjson.loads(before.document), sent, resource_type), resource_type)
    active = before.active if user.active is None else user.active
    _guard_owner(write, before, user, active=active)
    if user.user_name_key != before.user_name_key:
        taken = people.by_key(write, user.user_name_key)
        if taken is not None:
            raise Uniqueness(f"userName '{user.user_name}' is taken by the User {taken.id}.")
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
    return _changed(write, before, described, user, Event("person.updated"))


def _touched(write: Write, person: Person) -> Person:
    """Remember that a provider named somebody: no change of them, so neither event nor version."""
    stale = person.touched is None or person.touched < timestamp(write.moment - TOUCHED_EVERY)
    if write.actor.way_in != PROVIDERS or not (stale or person.unconfirmed):
        return person
    people.touch(write, person.id)
    return replace(person, touched=write.at, unconfirmed=None)


def _changed(write: Write, before: Person, after: Person, user: User | None, event: Event) -> Saved:
    """Write a changed person with the event that changed them.

    Args:
        user: the values now described; None where they are the same.
    """
    number = events.append(write, _about(after, event, HTTPStatus.OK))
    if after.user_name_key != before.user_name_key:
        refusals.renamed(write, before.id, after.user_name_key, after.user_name, number)
    if after.active != before.active:
        # In by now, or not to come in any more.
        refusals.close(write, after.user_name_key, before.id, number)
    if write.actor.way_in == PROVIDERS:
        after = replace(after, touched=write.at, unconfirmed=None)
    return Saved(people.change(write, before, after, user))


def _guard_owner(write: Write, before: Person, user: User, *, active: bool) -> None:
    """SEATS 18: SCIM may change the Primary Owner's profile, not their access, userName or email.

    Nor does it take the access of the last Owner.
    """
    refused = None if active or not before.active else roles.refusal(write, before, None)
    if before.role != PRIMARY_OWNER:
        if refused is not None:
            raise Forbidden(f"{refused}.")
        return
    if not active:
        raise Forbidden("This is the Primary Owner: transfer the role before removing them.")
    emails = orjson.loads(before.document).get("emails")
    if user.user_name_key != before.user_name_key or orjson.loads(user.document).get("emails") != emails:
        raise Forbidden("This is the Primary Owner: their userName and emails are not changed by SCIM.")


def _deactivate(
    write: Write, organization: Organization, before: Person, described: Person, user: User | None
) -> Saved:
    leaving = departures.leave(write, before)
    event = Event("person.deprovisioned", reason="deactivated", seats=leaving.seats, payload=leaving.payload)
    saved = _changed(write, before, replace(described.without_seat(), active=False), user, event)
    departures.look(write, organization, leaving)
    gate.move_queue(write)
    return saved


def _activate(
    write: Write,
    organization: Organization,
    before: Person,
    described: Person,
    user: User | None,
    wants: str | None,
) -> Outcome:
    seated = reserved.come(
        write,
        organization,
        described,
        lambda after, event: _changed(write, before, after, user, event).person,
    )
    if seated is not None:
        return Saved(seated)
    wanted = wants or _wanted(write, organization, before.id)
    if wanted is None:
        after = replace(described, active=True, unseated=wishes.AWAITING_GROUP)
        event = Event("person.activated", reason=wishes.AWAITING_GROUP)
        return _changed(write, before, after, user, event)
    admitted = gate.admit(write, organization, replace(described, active=True), wanted, "reactivated")
    if isinstance(admitted, Reject):
        return left_out.refuse(write, organization, before, admitted, None)
    return _changed(write, before, admitted[0], user, admitted[1])


def activate_in(write: Write, organization: Organization, before: Person) -> Outcome:
    """Activate somebody who is inactive, as they are, in an open transaction and whatever the way in."""
    return _activate(write, organization, before, before, None, None)


def delete(
    database: Database, organization: str, actor: Actor, person: str, *, if_match: str | None = None
) -> None:
    """DELETE (RFC 7644 section 3.6): the seat is freed and the queue moves in the same transaction.

    Raises:
        NotFound, VersionMismatch, Forbidden: as their names say.
    """

    def work(write: Write) -> None:
        settings = accepting_scim(write)
        delete_in(write, settings, existing(write, person, if_match))

    database.write(organization, actor, work)


def delete_in(write: Write, organization: Organization, before: Person) -> None:
    """Delete a person in an open transaction."""
    if before.role == PRIMARY_OWNER:
        raise Forbidden("This is the Primary Owner: transfer the role before removing them.")
    refused = roles.refusal(write, before, None) if before.active else None
    if refused is not None:
        raise Forbidden(f"{refused}.")
    leaving = departures.leave(write, before, deletes=True)
    event = Event("person.deleted", reason="deleted", seats=leaving.seats, payload=leaving.payload)
    number = events.append(write, _about(before, event, HTTPStatus.NO_CONTENT))
    refusals.close(write, before.user_name_key, before.id, number)
    people.remove(write, before)
    people.remember(write, before, number)
    departures.look(write, organization, leaving)
    gate.move_queue(write)
