"""Changes of people: by providers through SCIM, by admins (seats, access, roles), and by sign-ins.

Changes by an admin do not use the queue. Only the activation of a person goes through the gate. With
`preview`, a change is made, its result is read, and everything is rolled back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_values
from typing import TypeVar

from scim_server.protocol.change import Change
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import User
from scim_server.services.context import Context
from scim_server.services.errors import AlreadyActive
from scim_server.services.modes import accepting_scim
from scim_server.services.people import manage, provision, sign_in
from scim_server.services.people.find import named
from scim_server.services.people.manage import NoSeatFree
from scim_server.services.people.provision import Outcome, existing
from scim_server.services.people.sign_in import Answer, SignIn
from scim_server.services.scim.search import shown
from scim_server.services.seats import queue
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import Write
from scim_server.store.rows import events, organizations
from scim_server.store.rows.events import Promoted
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.roles import Role

__all__ = [
    "Changed",
    "Outcome",
    "Refused",
    "SignIn",
    "activate",
    "answer_sign_in",
    "assign",
    "create",
    "deactivate",
    "delete",
    "patch",
    "reassign",
    "replace",
    "set_role",
    "swap",
    "transfer",
    "unassign",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Changed:
    """The result of a change, or of its preview.

    Attributes:
        people: the changed people, after the change.
        let_in: waiting people who got a seat because of the change.
        preview: whether everything was rolled back.
    """

    people: tuple[Person, ...]
    let_in: tuple[Promoted, ...]
    preview: bool = False

    @property
    def promoted(self) -> int:
        """How many waiting people got a seat because of the change."""
        return len(self.let_in)


def create(context: Context, user: User, projection: Projection = EVERYTHING) -> Outcome:
    """Create a person by SCIM (RFC 7644 section 3.3). Active people go through the gate.

    Args:
        projection: the attributes of the answer.

    Raises:
        Uniqueness: another person has this userName.
        Forbidden: the organization does not provision by SCIM.
    """

    def work(write: Write) -> Outcome:
        settings = accepting_scim(write)
        created = provision.create(write, settings, user)
        return _answered(write, settings, created, projection, new=True)

    return context.write(work)


def replace(
    context: Context,
    person: str,
    user: User,
    *,
    if_match: str | None = None,
    projection: Projection = EVERYTHING,
) -> Outcome:
    """PUT (RFC 7644 section 3.5.1): replace a person. Values that are not sent are cleared, except `active`.

    Raises:
        NotFound, VersionMismatch, Uniqueness, Forbidden: see these classes.
    """

    def work(write: Write) -> Outcome:
        settings = accepting_scim(write)
        saved = provision.save(write, settings, existing(write, person, if_match), user)
        return _answered(write, settings, saved, projection)

    return context.write(work)


def patch(
    context: Context,
    person: str,
    changes: Sequence[Change],
    reader: ResourceSchema,
    *,
    if_match: str | None = None,
    projection: Projection = EVERYTHING,
) -> Outcome:
    """PATCH (RFC 7644 section 3.5.2): make all changes or none.

    Raises:
        NotFound, VersionMismatch, Uniqueness, Forbidden: see these classes.
        NoTarget, InvalidValue, InvalidPath: a change cannot be carried out.
    """

    def work(write: Write) -> Outcome:
        settings = accepting_scim(write)
        saved = provision.patch(write, settings, existing(write, person, if_match), changes, reader)
        return _answered(write, settings, saved, projection)

    return context.write(work)


def delete(context: Context, person: str, *, if_match: str | None = None) -> None:
    """DELETE (RFC 7644 section 3.6): delete a person, free the seat and move the queue, in one transaction.

    Raises:
        NotFound, VersionMismatch, Forbidden: see these classes.
    """

    def work(write: Write) -> None:
        settings = accepting_scim(write)
        provision.delete(write, settings, existing(write, person, if_match))

    context.write(work)


def _answered(
    write: Write, organization: Organization, outcome: Outcome, projection: Projection, *, new: bool = False
) -> Outcome:
    """The result in the form of the answer. If it was read later, another writer might have changed it."""
    if isinstance(outcome, Refused):
        return outcome
    seats_shown = organization.shows_seats
    (one,) = shown(write, [outcome.person], projection, seats=seats_shown, new=new)
    return with_values(outcome, shown=one)


def assign(
    context: Context, name: str, tier: str | None = None, *, preview: bool = False
) -> Changed | NoSeatFree:
    """Give a person a free seat, or move a person to a free seat of another tier.

    Args:
        tier: the tier of the seat; None for the highest tier with a free seat.

    Raises:
        ServiceError: the person is unknown or inactive, already has that tier, or gets another tier from a
            group.
        PolicyError: the tier does not exist.
    """

    def unit(write: Write) -> Changed | NoSeatFree:
        before = write.last_number
        person = manage.assign(write, name, tier)
        if isinstance(person, NoSeatFree):
            return person
        return _changed(write, before, (person,), preview=preview)

    return _run(context, unit, preview=preview)


def unassign(context: Context, name: str, *, preview: bool = False) -> Changed:
    """Remove a person's seat or place in the queue. The person stays a member without access (SEATS 17).

    Raises:
        ServiceError: the person has neither, or is the Primary Owner or the last Owner with access.
    """
    return _override(context, lambda write: (manage.unassign(write, name),), preview=preview)


def deactivate(context: Context, name: str, *, preview: bool = False) -> Changed:
    """End a person's access and free the seat or place in the queue; id and history stay (SEATS 13).

    Raises:
        ServiceError: the person is inactive, the Primary Owner or the last Owner with access.
    """
    return _override(context, lambda write: (manage.deactivate(write, name),), preview=preview)


def reassign(context: Context, giver: str, taker: str, *, preview: bool = False) -> Changed:
    """Give one person's seat to another person, even if other people wait (SEATS 30).

    Raises:
        ServiceError: the giver has no seat, or the taker has one or is inactive.
    """
    return _override(context, lambda write: manage.reassign(write, giver, taker), preview=preview)


def swap(context: Context, one: str, other: str, *, preview: bool = False) -> Changed:
    """Exchange the tiers of two people with a seat. A free seat is not needed (SEATS 30).

    Raises:
        ServiceError: one of the people has no seat, or both have a seat of the same tier.
    """
    return _override(context, lambda write: manage.swap(write, one, other), preview=preview)


def set_role(context: Context, name: str, role: Role, *, preview: bool = False) -> Changed:
    """Make a person a User, Admin or Owner.

    Raises:
        ServiceError: the person is the Primary Owner or the last Owner with access, or a group gives the
            person's role.
    """
    return _override(context, lambda write: (manage.set_role(write, name, role),), preview=preview)


def transfer(context: Context, name: str, *, preview: bool = False) -> Changed:
    """Make an active person with a seat the Primary Owner. The present one becomes an Owner (SEATS 18).

    Raises:
        ServiceError: the person has no seat, or is already the Primary Owner.
    """
    return _override(context, lambda write: manage.transfer(write, name), preview=preview)


def activate(context: Context, name: str) -> Outcome:
    """Activate an inactive member, who goes through the gate like a new person.

    Returns:
        The person, or the refusal, which is also in the log.

    Raises:
        AlreadyActive: the person is active.
    """

    def unit(write: Write) -> Outcome:
        person = named(write, name)
        if person.active:
            raise AlreadyActive(f"{person.user_name} is already active")
        return provision.activate(write, organizations.get(write), person)

    return context.write(unit)


def answer_sign_in(context: Context, signing: SignIn) -> Answer:
    """Answer a sign-in. In the mode `jit`, a person's first sign-in creates the person, through the gate."""
    return sign_in.answer(context, signing)


def _override(context: Context, work: Callable[[Write], tuple[Person, ...]], *, preview: bool) -> Changed:
    def unit(write: Write) -> Changed:
        before = write.last_number
        return _changed(write, before, work(write), preview=preview)

    return _run(context, unit, preview=preview)


def _changed(write: Write, before: int, people: tuple[Person, ...], *, preview: bool) -> Changed:
    """Move the queue, and return the people who got a seat."""
    queue.move(write)
    return Changed(people, events.promoted_since(write, before), preview)


def _run(context: Context, unit: Callable[[Write], T], *, preview: bool) -> T:
    return context.preview(unit) if preview else context.write(unit)
