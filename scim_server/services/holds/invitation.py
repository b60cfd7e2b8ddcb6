"""Seats held for invited addresses. The person with the address gets the seat (SEATS 15)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import orjson

from scim_server.history import InvitationAccepted, InvitationTakenOver, PersonProvisioned
from scim_server.services.addresses import key_of
from scim_server.services.holds.expire import invitation_event
from scim_server.services.invoicing import due_dates as plans
from scim_server.services.seats import queue
from scim_server.store.database.session import Write
from scim_server.store.rows import events, invitations, mails, seats
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.invitations import State
from seat_policy.roles import Role
from seat_policy.seat_state import seated
from seat_policy.ways_in import WayIn

REASON = "invited"


def awaited(write: Write, organization: Organization, person: Person) -> Invitation | None:
    """The invitation that holds a seat for a person, found by userName first, then by the e-mail addresses.

    While no seats are assigned, no invitation is found. For a role above User, the userName must be the
    invited address, because a provider may send any e-mail address (SECURITY 7).
    """
    if not organization.awaits_invited or write.clock.standstill(write.at) is not None:
        return None
    keys = keys_of(person.user_name, emails_in(person.document))
    return chosen(invitations.pending(write, set(keys)), keys)


def newly_awaited(
    write: Write, organization: Organization, before: Person, after: Person
) -> Invitation | None:
    """The invitation that holds a seat for an address that is new to a member."""
    keys = keys_of(after.user_name, emails_in(after.document))
    new = set(keys).difference(keys_of(before.user_name, emails_in(before.document)))
    if not new or not organization.awaits_invited or write.clock.standstill(write.at) is not None:
        return None
    return chosen(invitations.pending(write, new), keys)


def keys_of(user_name: str, emails: Iterable[str]) -> list[str]:
    """The addresses by which a person may have been invited, the userName first."""
    return [key_of(user_name), *map(key_of, emails)]


def chosen(pending: Iterable[Invitation], keys: Sequence[str]) -> Invitation | None:
    """The invitation that a person with these addresses gets."""
    holding = [
        one
        for one in pending
        if one.held is not None
        and one.email_key in keys
        and (one.role == Role.USER or one.email_key == keys[0])
    ]
    return min(holding, key=lambda one: keys.index(one.email_key), default=None)


def emails_in(document: str) -> list[str]:
    """The e-mail addresses of a stored document."""
    listed = orjson.loads(document).get("emails")
    values = (one.get("value") for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()
    return [value for value in values if isinstance(value, str)]


def seat(write: Write, invitation: Invitation, person: Person) -> tuple[Person, PersonProvisioned]:
    """Give a person the held seat. The caller appends the event."""
    tier = invitation.held
    if tier is None:
        raise AssertionError("an invitation that holds no seat cannot give one")
    seats.move(write, tier, assigned=1, held=-1)
    event = PersonProvisioned(
        reason=REASON,
        seats={tier: (0, 1, -1)},
        invitation=invitation.id,
        waited_for=person.wants,
    )
    return replace(person, active=True, seat=seated(tier)), event


def give_back(write: Write, invitation: Invitation, person: Person) -> None:
    """Free the held seat, because the person has another seat or needs no seat for a role."""
    if invitation.held is not None:
        seats.move(write, invitation.held, held=-1)
    settle(write, invitation, person, frees=invitation.held is not None)
    queue.move(write)


def settle(write: Write, invitation: Invitation, person: Person, *, frees: bool = False) -> None:
    """Close an invitation. A role above the person's role stays offered until the person accepts (SEATS 15).

    Args:
        frees: whether the held seat is freed, because the person has another seat.
    """
    waits = write.actor.way_in is not WayIn.INVITATION and Role(invitation.role).rank > person.role.rank
    event = invitation_event(
        invitation,
        InvitationTakenOver if waits else InvitationAccepted,
        -1 if frees else 0,
        person=person.id,
        reason=write.actor.way_in,
    )
    events.append(write, event)
    after = replace(invitation, held=None, person=person.id)
    if not waits:
        after = replace(after, state=State.ACCEPTED, closed=write.at)
        mails.withdraw(write, [invitation.mail])
    invitations.change(write, after)
    plans.look_ahead(write)
