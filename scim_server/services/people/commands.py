"""Changes of people: by providers through SCIM, by admins (seats, access, roles), and by sign-ins.

Changes by an admin do not use the queue. Only the activation of a person goes through the gate. With
`preview`, a change is made, its result is read, and everything is rolled back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as with_values

from scim_server.protocol.change import Change
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import Membership, User
from scim_server.services import confirmations, roles
from scim_server.services.confirmations import Part, Stale, names
from scim_server.services.context import Context
from scim_server.services.errors import AlreadyActive, StaleConfirmation
from scim_server.services.modes import accepting_scim
from scim_server.services.people import access_ended, manage, provision, sign_in
from scim_server.services.people.access_ended import AccessEnded
from scim_server.services.people.find import named
from scim_server.services.people.manage import NoSeatFree
from scim_server.services.people.provision import Outcome, existing, existing_with_groups
from scim_server.services.people.sign_in import Answer, SignIn
from scim_server.services.scim.search import shown
from scim_server.services.seats import queue
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import Write
from scim_server.store.rows import events, organizations
from scim_server.store.rows import seats as seats_store
from scim_server.store.rows.events import Promoted
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.roles import Role

__all__ = [
    "Changed",
    "NoSeatFree",
    "Outcome",
    "Refused",
    "SignIn",
    "acknowledge_access_ended",
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


@dataclass(frozen=True, slots=True)
class Changed:
    """The result of a change, or of its preview.

    Attributes:
        people: the changed people, after the change.
        let_in: waiting people who got a seat because of the change.
        preview: whether everything was rolled back.
        free: how many seats of each tier were free before the change, and how many are free after it.
        confirmation: the confirmation code for this result.
    """

    people: tuple[Person, ...]
    let_in: tuple[Promoted, ...]
    preview: bool = False
    free: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    confirmation: str | None = None

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
        return _answered(write, settings, created, projection, ())

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
        before, groups = existing_with_groups(write, person, if_match)
        return _answered(write, settings, provision.save(write, settings, before, user), projection, groups)

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
        before, groups = existing_with_groups(write, person, if_match)
        saved = provision.patch(write, settings, before, changes, reader)
        return _answered(write, settings, saved, projection, groups)

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
    write: Write,
    organization: Organization,
    outcome: Outcome,
    projection: Projection,
    groups: Sequence[Membership],
) -> Outcome:
    """The result in the form of the answer. If it was read later, another writer might have changed it."""
    if isinstance(outcome, Refused):
        return outcome
    memberships = {outcome.person.id: groups}
    (one,) = shown(
        write, [outcome.person], projection, seats=organization.shows_seats, memberships=memberships
    )
    return with_values(outcome, shown=one)


def assign(
    context: Context,
    name: str,
    tier: str | None = None,
    *,
    preview: bool = False,
    confirmation: str | None = None,
) -> Changed | NoSeatFree:
    """Give a person a free seat, or move a person to a free seat of another tier.

    Args:
        tier: the tier of the seat; None for the highest tier with a free seat.
        confirmation: the confirmation code of a preview; None if the caller needs none.

    Raises:
        ServiceError: the person is unknown or inactive, already has that tier, or gets another tier from a
            group; or the actor's role does not allow it.
        PolicyError: the tier does not exist.
        StaleConfirmation: the result would differ from the preview.
    """

    def work(write: Write) -> tuple[Person, ...] | NoSeatFree:
        person = manage.assign(write, name, tier)
        return person if isinstance(person, NoSeatFree) else (person,)

    return _carry_out(context, Run("assign", preview, confirmation), work)


def unassign(
    context: Context, name: str, *, preview: bool = False, confirmation: str | None = None
) -> Changed:
    """Remove a person's seat or place in the queue. The person stays a member without access (SEATS 17).

    Raises:
        ServiceError: the person has neither, or is the Primary Owner or the last Owner with access; or the
            actor's role does not allow it.
        StaleConfirmation: the result would differ from the preview.
    """
    run = Run("unassign", preview, confirmation)
    return _override(context, run, lambda write: (manage.unassign(write, name),))


def deactivate(
    context: Context, name: str, *, preview: bool = False, confirmation: str | None = None
) -> Changed:
    """End a person's access and free the seat or place in the queue; id and history stay (SEATS 13).

    Raises:
        ServiceError: the person is inactive, the Primary Owner or the last Owner with access; or the actor's
            role does not allow it.
        StaleConfirmation: the result would differ from the preview.
    """
    run = Run("deactivate", preview, confirmation)
    return _override(context, run, lambda write: (manage.deactivate(write, name),))


def reassign(
    context: Context, giver: str, taker: str, *, preview: bool = False, confirmation: str | None = None
) -> Changed:
    """Give one person's seat to another person, even if other people wait (SEATS 30).

    Raises:
        ServiceError: the giver has no seat, or the taker has one or is inactive; or the actor's role does not
            allow it.
        StaleConfirmation: the result would differ from the preview.
    """
    run = Run("reassign", preview, confirmation)
    return _override(context, run, lambda write: manage.reassign(write, giver, taker))


def swap(
    context: Context, one: str, other: str, *, preview: bool = False, confirmation: str | None = None
) -> Changed:
    """Exchange the tiers of two people with a seat. A free seat is not needed (SEATS 30).

    Raises:
        ServiceError: one of the people has no seat, or both have a seat of the same tier.
        StaleConfirmation: the result would differ from the preview.
    """
    run = Run("swap", preview, confirmation)
    return _override(context, run, lambda write: manage.swap(write, one, other))


def set_role(
    context: Context, name: str, role: Role, *, preview: bool = False, confirmation: str | None = None
) -> Changed:
    """Make a person a User, Admin or Owner.

    Raises:
        ServiceError: the person is the Primary Owner or the last Owner with access, or a group gives the
            person's role; or the actor's role does not allow it.
        StaleConfirmation: the result would differ from the preview.
    """
    run = Run("role", preview, confirmation)
    return _override(context, run, lambda write: (manage.set_role(write, name, role),))


def transfer(
    context: Context, name: str, *, preview: bool = False, confirmation: str | None = None
) -> Changed:
    """Make an active person with a seat the Primary Owner. The present one becomes an Owner (SEATS 18).

    Raises:
        ServiceError: the person has no seat, or is already the Primary Owner; or the actor is not the Primary
            Owner.
        StaleConfirmation: the result would differ from the preview.
    """
    run = Run("transfer", preview, confirmation)
    return _override(context, run, lambda write: manage.transfer(write, name))


def activate(context: Context, name: str, *, preview: bool = False) -> Outcome:
    """Activate an inactive member, who goes through the gate like a new person.

    Returns:
        The person, or the refusal, which is also in the log.

    Raises:
        AlreadyActive: the person is active.
        RoleTooLow: the actor's role does not allow it.
    """

    def unit(write: Write) -> Outcome:
        person = named(write, name)
        roles.require_above(write, Role.ADMIN)
        if person.active:
            raise AlreadyActive(f"{person.user_name} is already active")
        return provision.activate(write, organizations.get(write), person)

    return context.preview(unit) if preview else context.write(unit)


def acknowledge_access_ended(context: Context, person: str) -> AccessEnded:
    """Record that the vendor's app has ended the access of a deprovisioned person.

    Raises:
        UnknownPerson: no person has this id.
        AccessNotEnded: the person is active, or never had access.
    """
    return context.write(lambda write: access_ended.acknowledge(write, person))


def answer_sign_in(context: Context, signing: SignIn) -> Answer:
    """Answer a sign-in. In the mode `jit`, a person's first sign-in creates the person, through the gate."""
    return sign_in.answer(context, signing)


@dataclass(frozen=True, slots=True)
class Run:
    """How a change is carried out.

    Attributes:
        command: a stable word, so that a confirmation code is valid only for one command.
    """

    command: str
    preview: bool
    confirmation: str | None


def _override(context: Context, run: Run, work: Callable[[Write], tuple[Person, ...]]) -> Changed:
    done = _carry_out(context, run, work)
    if isinstance(done, NoSeatFree):
        raise TypeError(done)
    return done


def _carry_out(
    context: Context, run: Run, work: Callable[[Write], tuple[Person, ...] | NoSeatFree]
) -> Changed | NoSeatFree:
    """Make a change, move the queue, and return the changed people and those who got a seat."""

    def unit(write: Write) -> Changed | NoSeatFree:
        number, before = write.last_number, _free(write)
        people = work(write)
        if isinstance(people, NoSeatFree):
            return people
        queue.move(write)
        free = {tier: (before[tier], after) for tier, after in _free(write).items()}
        return Changed(people, events.promoted_since(write, number), run.preview, free)

    outcome = confirmations.carry_out(
        context, f"people.{run.command}", unit, _shows, preview=run.preview, confirmation=run.confirmation
    )
    if isinstance(outcome, Stale):
        raise StaleConfirmation(outcome.detail)
    done = outcome.result
    return done if isinstance(done, NoSeatFree) else with_values(done, confirmation=outcome.confirmation)


def _free(write: Write) -> dict[str, int]:
    return {one.tier.name: one.free for one in seats_store.availability(write).tiers}


def _shows(done: Changed | NoSeatFree) -> Sequence[Part]:
    """The parts of a preview. The version of a person also shows changes that happened before this one."""
    if isinstance(done, NoSeatFree):
        return (Part("the seat is", [done.person.id, done.wants], done.detail),)
    people = [[one.id, one.version, one.status, one.tier, one.role] for one in done.people]
    let_in = [str(one.user_name) for one in done.let_in]
    return (
        Part("the changed people are", people, names([one.user_name for one in done.people])),
        Part("the people who get a seat are", [let_in, [one.tier for one in done.let_in]], names(let_in)),
        Part("the free seats are", dict(done.free), ", ".join(f"{n[1]} {t}" for t, n in done.free.items())),
    )
