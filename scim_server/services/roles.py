"""Roles as they are given and taken: nobody takes the last Owner's (SEATS 18)."""

from dataclasses import replace

from scim_server.history import PersonRoleChanged
from scim_server.store.database.session import Write
from scim_server.store.rows import events, members, people
from scim_server.store.rows.people import Person
from seat_policy.roles import Role


def refusal(write: Write, person: Person, role: Role | None) -> str | None:
    """Why a person may not have this role, or (None) may not leave; None where they may."""
    loses = person.active and Role(person.role).owns and (role is None or not role.owns)
    if loses and len(members.owners(write)) == 1:
        return f"{person.user_name} is the last Owner: make somebody else an Owner first"
    return None


def give(write: Write, person: Person, role: Role, reason: str) -> Person:
    """Give a role, which is no group's then; nothing is written where they have it."""
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
