"""The person of a request, who is a member or was refused, and the tier that the person may ask for."""

from dataclasses import dataclass

from scim_server.protocol.normalise import user_name_key
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.errors import AlreadySeated, PersonInactive, UnknownPerson
from scim_server.services.people import manage
from scim_server.services.seats import gate
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import people, refusals, seats
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal
from scim_server.store.rows.seat_requests import SeatRequest
from seat_policy.availability import Availability
from seat_policy.contract import ANY
from seat_policy.seat_state import Unseated


@dataclass(frozen=True, slots=True)
class Asker:
    """The person who asks, as stored.

    Attributes:
        person: the member; None for a person who was refused and is not a member.
        refusal: the open refusal of the person.
    """

    person: Person | None
    refusal: Refusal | None

    @property
    def member(self) -> Person | None:
        """The person as an active member, whose seat can change."""
        return self.person if self.person is not None and self.person.active else None

    @property
    def user_name(self) -> str:
        """The userName of the person."""
        if self.person is not None:
            return self.person.user_name
        return "" if self.refusal is None else self.refusal.user_name or self.refusal.user_name_key

    @property
    def user_name_key(self) -> str:
        """The userName in the form for comparison."""
        if self.person is not None:
            return self.person.user_name_key
        return "" if self.refusal is None else self.refusal.user_name_key

    @property
    def tier(self) -> str | None:
        """The tier of the person's seat."""
        return None if self.person is None else self.person.tier

    @property
    def is_admins_decision(self) -> bool:
        """Whether only an admin or a group gives this person a seat, so that no policy may (SEATS 20, 29)."""
        return self.person is not None and self.person.unseated in tuple(Unseated)


def named(read: Read, name: str) -> Asker:
    """The member with this id or userName, or the refused person with this userName.

    Raises:
        UnknownPerson: nobody has this id or userName, and nobody with this userName was refused.
        PersonInactive: the person is inactive, and the provider does not want the person to have access.
    """
    person = people.get(read, name) or people.by_key(read, user_name_key(name))
    key = user_name_key(name) if person is None else person.user_name_key
    refusal = refusals.open_entry(read, key)
    if person is None and refusal is None:
        raise UnknownPerson(
            f"this organization has no person called '{name}', and has refused nobody with this name"
        )
    if person is not None and not person.active and refusal is None:
        raise PersonInactive(f"{person.user_name} is inactive, so this person cannot ask for a seat")
    return Asker(person, refusal)


def of_request(read: Read, request: SeatRequest) -> Asker:
    """The person of an open request."""
    person = None if request.person is None else people.get(read, request.person)
    key = request.user_name_key if person is None else person.user_name_key
    return Asker(person, refusals.open_entry(read, key))


def wanted_tier(write: Write, asker: Asker, tier: str | None) -> str:
    """The tier of a new request, or `any`.

    Args:
        tier: the tier that the person names; None for the tier that the person waits for or was refused, or
            for the next better tier.

    Raises:
        UnknownTier: the tier does not exist.
        AlreadySeated: the person has this tier or a better one.
        GivenByGroup: a group gives the person another tier.
    """
    availability = seats.availability(write)
    wants = tier or _implied(availability, asker)
    if wants == ANY and asker.person is not None:
        given = entitlements.of_people(write, [asker.person.id])[asker.person.id]
        wants = str(given.wants) if given.mapped else wants
    if wants != ANY:
        _require_better(availability, asker, wants)
        if asker.person is not None:
            manage.require_own_choice(write, asker.person, wants)
    elif asker.tier is not None:
        raise AlreadySeated(f"{asker.user_name} already has a {asker.tier} seat")
    return wants


def _implied(availability: Availability, asker: Asker) -> str:
    if asker.person is not None and asker.person.wants is not None:
        return asker.person.wants
    if asker.tier is not None:
        own = availability.of(asker.tier).tier.rank
        better = [one.tier.name for one in reversed(availability.tiers) if one.tier.rank > own]
        if not better:
            raise AlreadySeated(f"{asker.user_name} already has a {asker.tier} seat, and no tier is better")
        return better[0]
    return ANY if asker.refusal is None else asker.refusal.wants


def _require_better(availability: Availability, asker: Asker, wants: str) -> None:
    wanted = gate.of_tier(availability, wants)
    if asker.tier is not None and availability.of(asker.tier).tier.rank >= wanted.tier.rank:
        raise AlreadySeated(f"{asker.user_name} already has a {asker.tier} seat")
