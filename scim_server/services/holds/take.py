"""Seats held for a person, either since a mass removal or by an invitation."""

from collections.abc import Callable
from dataclasses import dataclass

from scim_server.history import PersonEvent, PersonUpdated
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.holds import invitation as invited
from scim_server.services.holds import mass_removal
from scim_server.services.seats import gate
from scim_server.store.database.session import Write
from scim_server.store.rows import invitations, people, removals
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.mapping import Entitlement
from seat_policy.seat_state import Unseated


@dataclass(frozen=True, slots=True)
class Holds:
    """The people and addresses for which seats are held.

    Attributes:
        names: ids and userName keys of removed people.
        invited: invited addresses, in the form in which userNames are compared.
    """

    names: frozenset[str]
    invited: frozenset[str]

    def may_be_for(self, user_name: str, key: str, person: Person | None, document: str | None) -> bool:
        """Whether a seat may be held for a person with these values."""
        if key in self.names or (person is not None and person.id in self.names):
            return True
        if not self.invited:
            return False
        return not self.invited.isdisjoint(invited.keys_of(user_name, invited.emails_in(document or "{}")))


def holds(write: Write, organization: Organization) -> Holds:
    """For whom seats are held."""
    removed = removals.holding(write) if organization.holds_seats else []
    pending = invitations.holding(write) if organization.awaits_invited else []
    return Holds(
        frozenset(name for one in removed for name in (one.person, one.user_name_key)),
        frozenset(one.email_key for one in pending),
    )


def take(
    write: Write,
    organization: Organization,
    person: Person,
    save: Callable[[Person, PersonEvent], Person],
    entitlement: Entitlement | None = None,
) -> Person | None:
    """Give a new or returning person the seat that is held for them; None if no seat is held.

    If both kinds of seat are held, the person gets back the seat from before the mass removal, and the seat
    of the invitation is freed. A tier from a group has precedence over both (SEATS 15).

    Args:
        save: writes the person with the seat, and the event.
        entitlement: the entitlement from the person's groups, if a sign-in contains the groups.
    """
    hold = mass_removal.find_hold(write, organization, person)
    invitation = invited.awaited(write, organization, person)
    if hold is not None:
        saved = save(*mass_removal.seat(write, hold, person))
        if invitation is not None:
            invited.give_back(write, invitation, saved)
    elif invitation is not None:
        saved = save(*invited.seat(write, invitation, person))
        invited.settle(write, invitation, saved)
    else:
        return None
    return _follow_groups(write, organization, saved, entitlement)


def readdress(
    write: Write,
    organization: Organization,
    before: Person,
    after: Person,
    save: Callable[[Person, PersonEvent], Person],
) -> Person | None:
    """Apply the invitation of an address that is new to an active member; None if there is no invitation.

    A person who waits for a seat or for a group gets the held seat. For a person with a seat, the held seat
    is freed. A person whose seat an admin removed gets no seat until the person accepts (SEATS 29).

    Args:
        save: writes the person with these changes, and the event.
    """
    if after.unseated not in (None, Unseated.AWAITING_GROUP):
        return None
    invitation = invited.newly_awaited(write, organization, before, after)
    if invitation is None:
        return None
    if after.tier is not None:
        invited.give_back(write, invitation, save(after, PersonUpdated()))
        return people.get(write, after.id)
    gate.release(write, after)
    saved = save(*invited.seat(write, invitation, after))
    invited.settle(write, invitation, saved)
    return _follow_groups(write, organization, saved, None)


def _follow_groups(
    write: Write, organization: Organization, person: Person, entitlement: Entitlement | None
) -> Person:
    if entitlement is None:
        found = entitlements.of_people(write, [person.id])[person.id] if organization.maps_tiers else None
        entitlement = found if found is not None and found.mapped else None
    if entitlement is None:
        return person
    entitlements.follow(write, organization, [person.id], {person.id: entitlement})
    return people.get(write, person.id) or person
