"""Acceptance of an invitation by the invitee. The link is the invitee's only credential."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import orjson

from scim_server.protocol.attributes import JSON
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.seat_status import SeatStatus
from scim_server.protocol.user import User, parse_user
from scim_server.services import roles
from scim_server.services.addresses import key_of
from scim_server.services.errors import CannotAccept
from scim_server.services.holds import invitation as invited
from scim_server.services.invitations.send import digest, state_now
from scim_server.services.people import provision as people
from scim_server.services.scim.schemas import directory_of
from scim_server.services.seats import gate, refusal_text
from scim_server.store.database.session import Actor, Database, Read, Write
from scim_server.store.rows import events, invitations, members, organizations, refusals
from scim_server.store.rows import people as people_store
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.invitations import State
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn

INVITEE: Final = "invitee"
_TOKEN: Final = re.compile(r"([a-z0-9-]{1,63})\.([A-Za-z0-9_-]{43})")


class Obstacle(StrEnum):
    """Why a pending invitation cannot be accepted."""

    STANDSTILL = "standstill"
    DEACTIVATED = "deactivated"
    REMOVED = "removed"
    RENAMED = "renamed"
    NO_SEAT = "no_seat"


_WHY: Final = {
    Obstacle.DEACTIVATED: "this account was deactivated. Ask the person who invited you",
    Obstacle.REMOVED: "this account was removed. Ask the person who invited you",
    Obstacle.RENAMED: "this account now has another address. Ask the person who invited you",
    Obstacle.NO_SEAT: "the Primary Owner needs a seat. Ask the person who invited you",
}


class CannotAcceptNow(CannotAccept):
    """The invitation is valid, but cannot be accepted at present.

    Attributes:
        why: the reason, for the page, which has its own texts.
    """

    def __init__(self, why: Obstacle, words: str | None = None) -> None:
        self.why = why
        super().__init__(words or _WHY[why])


@dataclass(frozen=True, slots=True)
class Shown:
    """An invitation as the page shows it to the invitee.

    Attributes:
        organization: its slug.
        state: the state at this time.
        status: after acceptance, the status of the new member: `seated`, `waiting`, `none` or `inactive`;
            None if the person does not exist any more.
    """

    organization: str
    email: str
    role: str
    language: str
    expires: str
    state: State
    status: SeatStatus | None = None


def show_by_token(database: Database, token: str) -> Shown | None:
    """The invitation of a link; None if there is no such invitation."""
    organization, secret = _organization(database, token)
    if organization is None:
        return None
    with database.read(organization.id) as read:
        found = invitations.by_digest(read, digest(secret))
        if found is None:
            return None
        if found.state is State.ACCEPTED:
            return _shown_accepted(read, organization, found, found.role)
        role = _role(read, found).value
    return _shown(organization, found, state_now(database, found), role)


@dataclass(frozen=True, slots=True)
class Member:
    """The member who accepted an invitation, by the ids of the organization and the person."""

    organization: str
    person: str


def member_of(database: Database, token: str) -> Member | None:
    """The member who accepted the invitation of a link.

    Returns:
        None if there is no such invitation, it was not accepted, or the person now has another address.
    """
    organization, secret = _organization(database, token)
    if organization is None:
        return None
    with database.read(organization.id) as read:
        found = invitations.by_digest(read, digest(secret))
        if found is None or found.state is not State.ACCEPTED or found.person is None:
            return None
        person = people_store.get(read, found.person)
    if person is None or key_of(person.user_name) != found.email_key:
        return None
    return Member(organization.id, person.id)


def _organization(database: Database, token: str) -> tuple[Organization | None, str]:
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        return None, ""
    with database.snapshot() as connection:
        return organizations.by_slug(connection, parts[1]), parts[2]


def _shown(organization: Organization, found: Invitation, state: State, role: str) -> Shown:
    return Shown(organization.slug, found.email, role, found.language, found.expires, state)


def _shown_accepted(read: Read, organization: Organization, found: Invitation, role: str) -> Shown:
    person = None if found.person is None else people_store.get(read, found.person)
    status = None if person is None else person.status
    return replace(_shown(organization, found, State.ACCEPTED, role), status=status)


def _role(read: Read, found: Invitation) -> Role:
    """The role for the invitee. If another person has become Primary Owner, that person keeps the role."""
    role = Role(found.role)
    if role is Role.PRIMARY_OWNER and members.primary_owner(read) is not None:
        return Role.OWNER
    return role


def accept(database: Database, token: str, *, request_id: str | None = None) -> Shown | None:
    """Accept the invitation of a link. The invitee becomes a member with the held seat.

    Returns:
        The invitation, either accepted or in the state that prevents acceptance; None if it does not exist.

    Raises:
        CannotAcceptNow: no seats are assigned now, or the person now has another address than the invited
            one.
    """
    organization, secret = _organization(database, token)
    if organization is None:
        return None
    actor = Actor(INVITEE, WayIn.INVITATION, request_id)

    def work(write: Write) -> Shown | None:
        found = invitations.by_digest(write, digest(secret))
        return None if found is None else _accepted(write, found)

    return database.write(organization.id, actor, work)


def of_vouched(write: Write, id_: str) -> str | None:
    """Accept a pending invitation for an invitee for whom the operator vouches; return the person's id.

    Returns:
        None if the invitation is neither pending nor accepted.

    Raises:
        CannotAcceptNow: as for `accept`.
    """
    found = invitations.get(write, id_)
    if found is None or _accepted(write, found).state is not State.ACCEPTED:
        return None
    accepted = invitations.get(write, id_)
    return None if accepted is None else accepted.person


def _accepted(write: Write, found: Invitation) -> Shown:
    """The invitation after its acceptance, or in the state that prevents acceptance."""
    settings = organizations.get(write)
    # The invitation may have expired even if no write has recorded the expiry yet.
    expired = found.state is State.PENDING and write.at >= found.expires
    if found.state is State.ACCEPTED:
        return _shown_accepted(write, settings, found, found.role)
    if found.state is not State.PENDING or expired:
        return _shown(settings, found, State.EXPIRED if expired else found.state, found.role)
    standstill = write.clock.standstill(write.at)
    if standstill is not None:
        raise CannotAcceptNow(Obstacle.STANDSTILL, refusal_text.standstill(write, standstill))
    role = _accept(write, settings, found)
    accepted = invitations.get(write, found.id) or found
    return _shown_accepted(write, settings, accepted, role)


def _accept(write: Write, organization: Organization, found: Invitation) -> Role:
    """Accept a pending invitation; return the role that it gave."""
    role = _role(write, found)
    if role != found.role:
        found = replace(found, role=role.value)
        invitations.change(write, found)
    person = None if found.person is None else people_store.get(write, found.person)
    person = person or people_store.by_key(write, found.email_key)
    if person is not None and key_of(person.user_name) != found.email_key:
        raise CannotAcceptNow(Obstacle.RENAMED)
    if found.held is None and (person is None or not person.active):
        raise CannotAcceptNow(Obstacle.REMOVED if person is None else Obstacle.DEACTIVATED)
    if person is None:
        people.create(write, organization, _described(found.email), role=role)
    elif not person.active:
        people.save(write, organization, person, _activated(write, organization, person))
    elif person.tier is None and found.held is not None:
        _seat(write, found, person)
    else:
        invited.give_back(write, found, person)
    joined = people_store.by_key(write, found.email_key) if person is None else _again(write, person)
    if joined is not None:
        _promote(write, joined, role)
    return role


def _promote(write: Write, joined: Person, role: Role) -> None:
    """Give the promised role unless a group gives one.

    The role of Primary Owner has precedence over groups.
    """
    first = role is Role.PRIMARY_OWNER
    if first and joined.tier is None:
        raise CannotAcceptNow(Obstacle.NO_SEAT)
    if role.rank > joined.role.rank and (first or not joined.role_mapped):
        roles.give(write, joined, role, invited.REASON)


def _again(write: Write, person: Person) -> Person | None:
    return people_store.get(write, person.id)


def _described(email: str) -> User:
    body: dict[str, JSON] = {
        "userName": email,
        "emails": [{"value": email, "type": "work", "primary": True}],
    }
    return parse_user(body, STANDARD.user_reader(seats=False, strict=False))


def _activated(write: Write, organization: Organization, person: Person) -> User:
    resource_type = directory_of(write, organization).user(seats=organization.shows_seats)
    return User.of({**orjson.loads(person.document), "active": True}, resource_type)


def _seat(write: Write, found: Invitation, person: Person) -> None:
    """Give the held seat to a person who waits, or to a member without a seat."""
    gate.release(write, person)
    after, event = invited.seat(write, found, person)
    number = events.append(write, replace(event, person=person.id, personal={"userName": person.user_name}))
    refusals.close(write, person.user_name_key, person.id, number)
    invited.settle(write, found, people_store.change(write, person, after))
