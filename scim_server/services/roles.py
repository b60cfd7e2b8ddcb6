"""Changes of roles, what the role of the actor allows, and the rule that an Owner with access remains.

An Owner without a seat has no access. No change may remove the last Owner with access. If no Owner has
access, no change may remove the last Owner (SEATS 18).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from scim_server.history import PersonRoleChanged
from scim_server.services.errors import RoleTooLow
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import events, members, people
from scim_server.store.rows.people import Person
from seat_policy.roles import Role


def takes_last_owner(read: Read, going: Collection[str], new_owners: Sequence[Person] = ()) -> bool:
    """Whether a change removes the last Owner with access or, if no Owner has access, the last Owner.

    Args:
        going: the ids of active Owners who lose the role or the access.
        coming: people who become Owners by the same change.
    """
    owners = members.owners(read)
    left = [*new_owners, *(one for one in owners if one.id not in going)]
    if any(one.tier is not None for one in left):
        return False
    return not left or any(one.tier is not None for one in owners if one.id in going)


def refusal(write: Write, person: Person, role: Role | None) -> str | None:
    """Why a person may not get this role, or may not lose access if `role` is None.

    Returns None if allowed.
    """
    loses = person.active and person.role.owns and (role is None or not role.owns)
    if loses and takes_last_owner(write, {person.id}):
        return f"{person.user_name} is the last Owner with access. Make a member with a seat an Owner first"
    return None


def require_above(write: Write, role: Role) -> None:
    """Check that the acting person may give this role, or may take the role or the access of people with it.

    Admins may do so with Users and Admins, Owners with everybody. The role is the present one, read under the
    lock. Programs, providers and the operator have no role, and are not checked here (decision 42).

    Raises:
        RoleTooLow: the acting person is not an Owner, or no longer an Admin.
    """
    if write.actor.person is None:
        return
    acting = acting_role(write)
    if acting is Role.USER:
        raise RoleTooLow("you are no longer an Admin with access")
    if role.owns and not acting.owns:
        raise RoleTooLow("an Admin cannot make a person an Owner, or change an Owner's role or access")


def require_own_transfer(write: Write) -> None:
    """Check that the acting person may transfer the role of the Primary Owner.

    Raises:
        RoleTooLow: the acting person is not the Primary Owner.
    """
    require_highest(write, "only the Primary Owner can transfer this role")


def require_highest(write: Write, refusal: str) -> None:
    """Check that the acting person is the Primary Owner or, in an organization without one, an Owner.

    Raises:
        RoleTooLow: another person acts. The message is `refusal`.
    """
    if not is_highest(write, write.actor.person):
        raise RoleTooLow(refusal)


def is_highest(read: Read, person: str | None) -> bool:
    """Whether a person is the Primary Owner or, in an organization without one, an Owner.

    None stands for the operator, a provider or a program. They have no role, and count as such a person.
    """
    if person is None:
        return True
    role = _present(read, person)
    return role is Role.PRIMARY_OWNER or (role is Role.OWNER and members.primary_owner(read) is None)


def require_buyer(write: Write) -> None:
    """Check that the acting person may buy seats: an Owner or the Primary Owner (SEATS 7).

    Raises:
        RoleTooLow: the acting person is not an Owner.
    """
    if write.actor.person is not None and not acting_role(write).owns:
        raise RoleTooLow("only an Owner can buy seats")


def acting_role(write: Write) -> Role:
    """The present role of the acting person; a person without access counts as a User."""
    return Role.USER if write.actor.person is None else _present(write, write.actor.person)


def _present(read: Read, person: str) -> Role:
    found = people.get(read, person)
    return Role.USER if found is None or found.tier is None else Role(found.role)


def give(write: Write, person: Person, role: Role, reason: str) -> Person:
    """Give a role that does not come from a group. If the person has it already, nothing is written."""
    if person.role == role:
        return person
    event = PersonRoleChanged(
        person=person.id,
        reason=reason,
        before=person.role,
        after=role.value,
        personal={"userName": person.user_name},
    )
    events.append(write, event)
    return people.change(write, person, replace(person, role=role, role_mapped=False))
