"""Restores the people of a mass removal to their earlier state (SEATS 34)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus

import orjson

from scim_server.history import NAME, PersonRestored
from scim_server.protocol import soft_deletion
from scim_server.protocol.attributes import JSON
from scim_server.protocol.normalise import user_name_key
from scim_server.protocol.user import User
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.groups import provision as groups
from scim_server.services.people import provision as people
from scim_server.services.scim.schemas import directory_of
from scim_server.services.seats import gate
from scim_server.services.seats import refuse as left_out
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import events, former, members, refusals, seats
from scim_server.store.rows import people as people_store
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from scim_server.store.rows.removals import RemovedPerson
from seat_policy.admission import Reject
from seat_policy.bill import Order
from seat_policy.mass_removal import Source, sources
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn

REASON = "restored"


@dataclass(frozen=True, slots=True)
class Restorable:
    """A removed person who is not back.

    Attributes:
        person: the stored row, which is inactive; for a deleted person, the new row.
        user: the values of a deleted person; None if the person's row still exists.
        renamed: the values of a soft-deleted person whose row still exists, with the earlier name; `person`
            already has this name.
        groups: the ids of the groups of a deleted person.
        source: where the seat for the person comes from.
    """

    removed: RemovedPerson
    person: Person
    user: User | None
    groups: tuple[str, ...]
    source: Source = Source.NOT_NEEDED
    renamed: User | None = None

    @property
    def seated(self) -> bool:
        """Whether the person had a seat and should get one again."""
        return self.source is not Source.NOT_NEEDED


class RestoreOutcome(StrEnum):
    """The outcome for a removed person."""

    SEATED = "seated"
    WAITING = "waiting"
    NONE = "none"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RestoredPerson:
    """The result for a person who should be restored.

    Attributes:
        source: where the person's seat came from.
    """

    person: str
    user_name: str
    outcome: RestoreOutcome
    tier: str | None
    source: Source


def away(read: Read, left: Sequence[RemovedPerson]) -> frozenset[str]:
    """The ids of people who are not back and whose name no other person has now."""
    rows = {person.id: person for person in members.of_ids(read, [one.person for one in left])}
    named = people_store.by_keys(read, [one.user_name_key for one in left])
    return frozenset(one.person for one in left if _is_away(one, rows.get(one.person), named))


def _is_away(left: RemovedPerson, row: Person | None, named: Mapping[str, Person]) -> bool:
    if row is not None and not soft_deletion.is_of(row.user_name_key, left.user_name_key):
        return not row.active
    return left.user_name_key not in named and (row is None or not row.active)


def list_restorable(
    write: Write, organization: Organization, left: Sequence[RemovedPerson]
) -> list[Restorable]:
    """The people who can be restored, in the order of their removal."""
    still_away = away(write, left)
    rows = {person.id: person for person in members.of_ids(write, still_away)}
    found = []
    for one in left:
        if one.person not in still_away:
            continue
        if one.person in rows:
            found.append(_deactivated(write, organization, one, rows[one.person]))
        elif one.deleted is not None:
            found.append(_deleted(write, organization, one, one.deleted))
    return found


def with_sources(read: Read, listed: Sequence[Restorable]) -> list[Restorable]:
    """The same people, each with the present source of a seat."""
    wanted = [(one.removed.tier, one.removed.held is not None) for one in listed]
    where = sources(wanted, seats.availability(read))
    return [replace(one, source=source) for one, source in zip(listed, where, strict=True)]


def _deactivated(
    write: Write, organization: Organization, removed: RemovedPerson, person: Person
) -> Restorable:
    if not soft_deletion.is_of(person.user_name_key, removed.user_name_key):
        return Restorable(removed, person, None, ())
    user = _named(write, organization, removed, person.document)
    return Restorable(removed, person.described(user), None, (), renamed=user)


def _named(write: Write, organization: Organization, removed: RemovedPerson, values: str) -> User:
    """The values of a document.

    If a soft deletion changed the userName, it is replaced by the earlier name.
    """
    document: dict[str, JSON] = orjson.loads(values)
    if soft_deletion.is_of(user_name_key(str(document["userName"])), removed.user_name_key):
        document["userName"] = removed.user_name
    resource_type = directory_of(write, organization).user(seats=organization.shows_seats)
    return User.of({**document, "active": True}, resource_type)


def _deleted(write: Write, organization: Organization, removed: RemovedPerson, values: str) -> Restorable:
    kept = orjson.loads(values)
    user = _named(write, organization, removed, kept["document"])
    person = replace(
        people.new_person(write, user, Role(kept["role"]), removed.person),
        active=False,
        role_mapped=kept["role_mapped"],
        priority=kept["priority"],
        prioritised=kept.get("prioritised", False),
        way_in=WayIn(kept["way_in"]),
        created=kept["created"],
    )
    return Restorable(removed, person, user, tuple(kept["groups"]))


def missing(listed: Sequence[Restorable]) -> Order:
    """The seats that must be bought for these people."""
    return Order(dict(Counter(str(one.removed.tier) for one in listed if one.source is Source.MISSING)))


def held(listed: Sequence[Restorable]) -> Counter[str]:
    """The seats that are held for these people, by tier."""
    return Counter(one.removed.held for one in listed if one.removed.held is not None)


def admit(write: Write, removal: int, listed: Sequence[Restorable]) -> None:
    """Give people back what they had. Missing seats were bought before this call."""
    if not listed:
        return
    deltas = [_deltas(one) for one in listed]
    first, *_ = events.append_all(
        write, [_event(one, removal, delta) for one, delta in zip(listed, deltas, strict=True)]
    )
    taken, given_back, waiting = Counter[str](), Counter[str](), Counter[str]()
    for one in listed:
        if one.seated:
            taken[str(one.removed.tier)] += 1
            given_back[str(one.removed.tier)] += one.source is Source.HELD
        if one.removed.wants is not None:
            waiting[one.removed.wants] += 1
    for tier, count in taken.items():
        seats.move(write, tier, assigned=count, held=-given_back[tier])
    for wants, count in waiting.items():
        seats.count_waiting(write, wants, count)
    _save(write, [(one, _as_they_were(write, one)) for one in listed], first)
    refusals.close_all(write, [(one.person.user_name_key, one.person.id) for one in listed], first)


def _deltas(one: Restorable) -> events.SeatDeltas:
    if not one.seated:
        return {}
    return {str(one.removed.tier): (0, 1, -1 if one.source is Source.HELD else 0)}


def _event(one: Restorable, removal: int, deltas: events.SeatDeltas) -> PersonRestored:
    event = PersonRestored(
        person=one.person.id,
        reason=REASON,
        seats=deltas,
        removal=removal,
        wants=one.removed.wants,
        personal={NAME: one.person.user_name},
    )
    return people.beginning(event, one.person)


def _as_they_were(write: Write, one: Restorable) -> Person:
    return replace(one.person, active=True, unconfirmed=write.at, seat=one.removed.seat)


def _save(write: Write, changed: Sequence[tuple[Restorable, Person]], first: int) -> None:
    """Write the rows of people; the numbers of their events begin at `first`."""
    in_place = [pair for pair in changed if pair[0].user is None and pair[0].renamed is None]
    people_store.change_all(write, [(one.person, after) for one, after in in_place])
    for number, (one, after) in enumerate(changed, start=first):
        if one.user is not None:
            people_store.add(write, replace(after, sequence=number), one.user)
        elif one.renamed is not None:
            people_store.change(write, one.person, after, one.renamed)
    back = [one.person.id for one, _ in changed if one.user is not None or one.renamed is not None]
    former.forget(write, back)


def ask(
    write: Write, organization: Organization, removal: int, listed: Sequence[Restorable]
) -> list[Restorable]:
    """Send people without a seat through the gate like new people; return those who were not refused."""
    found = []
    for one in listed:
        active = replace(one.person, active=True, unconfirmed=write.at)
        admitted = gate.admit(write, organization, active, str(one.removed.tier), REASON)
        if isinstance(admitted, Reject):
            left_out.refuse(write, organization, one.person, admitted, one.user)
            continue
        after = admitted.person
        event = replace(
            people.beginning(admitted.event, after),
            person=after.id,
            status=HTTPStatus.OK,
            removal=removal,
            personal={NAME: after.user_name},
        )
        number = events.append(write, event, admitted.number)
        _save(write, [(one, after)], number)
        refusals.close(write, after.user_name_key, after.id, number)
        found.append(one)
    return found


def restore_groups(write: Write, organization: Organization, listed: Sequence[Restorable]) -> None:
    """Add deleted people to their groups again, and apply the entitlements of all restored people."""
    joining: defaultdict[str, list[str]] = defaultdict(list)
    for one in listed:
        for group in one.groups:
            joining[group].append(one.person.id)
    for group, ids in joining.items():
        groups.join(write, organization, group, ids)
    if organization.maps_groups:
        entitlements.follow(write, organization, [one.person.id for one in listed])


def outcomes(read: Read, listed: Sequence[Restorable]) -> tuple[RestoredPerson, ...]:
    """The results after all changes. A person who then has no access was refused a seat."""
    active = [one for one in members.of_ids(read, [one.person.id for one in listed]) if one.active]
    now = {person.id: (RestoreOutcome(person.status), person.tier) for person in active}
    refused = RestoreOutcome.REFUSED, None
    return tuple(
        RestoredPerson(one.person.id, one.person.user_name, *now.get(one.person.id, refused), one.source)
        for one in listed
    )
