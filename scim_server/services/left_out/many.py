"""Lets in many refused people in one transaction, with few statements.

Seats for all of them are free, because they were just bought. So the people are decided with counts and
written in batches. A person for whom a seat may be held, or who does not simply get a seat, is retried alone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from http import HTTPStatus
from itertools import groupby
from typing import Final
from uuid import uuid4

import orjson

from scim_server.history import PersonEvent, PersonProvisioned
from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.errors import ScimError
from scim_server.protocol.seat_status import SeatStatus
from scim_server.protocol.user import User
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.holds import take as held_seats
from scim_server.services.holds.take import Holds
from scim_server.services.left_out import let_in
from scim_server.services.left_out.cases import Case, Kind, cases
from scim_server.services.left_out.let_in import Attempt, Retried
from scim_server.services.lists import Reference
from scim_server.services.people import provision
from scim_server.services.scim.schemas import directory_of
from scim_server.store.database.session import Write
from scim_server.store.rows import events, members, organizations, people, refusals, seats, stamps
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal
from seat_policy.admission import Admit, Policy, Request, after, decide
from seat_policy.roles import Role
from seat_policy.seat_state import seated


class _Manner(Enum):
    """How a refusal is retried: alone, or with the next ones of the same manner."""

    ALONE = auto()
    SEATED = auto()
    FOLLOWING = auto()


def let_all_in(write: Write, refused: Sequence[Refusal]) -> dict[int, Retried]:
    """Retry refusals in their order; return the results by the number of the refusal."""
    holds = held_seats.holds(write, organizations.get(write))
    found: dict[int, Retried] = {}
    listed = [(one, _manner(one, holds)) for one in cases(write, refused)]
    for manner, run in groupby(listed, key=lambda one: one[1]):
        rest = [one for one, _ in run]
        if manner is _Manner.FOLLOWING:
            found |= _followed(write, rest)
            continue
        while rest:
            done = _seated(write, rest) if manner is _Manner.SEATED else {}
            found |= done
            for one in rest[len(done) :][:1]:
                found[one.refusal.sequence] = let_in.retried(write, one.refusal)
            rest = rest[len(done) + 1 :]
    return found


def _manner(case: Case, holds: Holds) -> _Manner:
    if case.kind is Kind.MEMBER:
        return _Manner.FOLLOWING
    # A person of an import also gets an id and groups.
    if (
        case.kind not in (Kind.NEW, Kind.RETURNING)
        or case.refusal.kept is not None
        or holds.may_be_for(
            case.refusal.user_name or "",
            case.refusal.user_name_key,
            case.person,
            case.refusal.document if case.person is None else case.person.document,
        )
    ):
        return _Manner.ALONE
    return _Manner.SEATED


def _seated(write: Write, listed: Sequence[Case]) -> dict[int, Retried]:
    """Give seats to new and returning people, up to the first person who does not simply get a seat.

    Returns:
        The results of those who got a seat.
    """
    organization = organizations.get(write)
    directory = directory_of(write, organization)
    kind = directory.user_reader(seats=organization.shows_seats, strict=organization.strict).resource_type
    policy = Policy(organization.overflow, write.clock.standstill(write.at))
    availability, taken = seats.availability(write), Counter[str]()
    batch = _Batch(write, organization.slug)
    for case in listed:
        request = Request(case.refusal.wants)
        decision = decide(request, availability, policy)
        if not isinstance(decision, Admit) or decision.bought or decision.waits_for is not None:
            break
        try:
            batch.add(case, decision.tier, kind)
        except ScimError:
            break
        availability = after(availability, request, decision)
        taken[decision.tier] += 1
    for tier, number in taken.items():
        seats.move(write, tier, assigned=number)
    return batch.written()


@dataclass(slots=True)
class _Batch:
    """New and returning people with their seats, collected before they are written."""

    write: Write
    slug: str
    new: list[tuple[Person, User]] = field(default_factory=list)
    changed: list[tuple[Person, Person]] = field(default_factory=list)
    listed: list[tuple[int, PersonEvent]] = field(default_factory=list)
    closed: list[tuple[int, int]] = field(default_factory=list)
    done: dict[int, Retried] = field(default_factory=dict)

    def add(self, case: Case, tier: str, kind: ResourceType) -> None:
        """Add a person who gets a seat of a tier.

        Raises:
            ScimError: the values of the refused create are not accepted any more.
        """
        if case.person is None:
            document = {**orjson.loads(case.refusal.document or "{}"), "active": True}
            user = User.of(document, kind)
            before = provision.new_person(self.write, user, Role.USER, str(uuid4()))
        number = self.write.reserve()
        if case.person is None:
            person = replace(before, sequence=number, seat=seated(tier), unconfirmed=self.write.at)
            self.new.append((person, user))
            event, status = PersonProvisioned(reason="created", seats={tier: (0, 1, 0)}), HTTPStatus.CREATED
        else:
            person = replace(case.person, active=True, seat=seated(tier), unconfirmed=self.write.at)
            self.changed.append((case.person, person))
            event, status = PersonProvisioned(reason="reactivated", seats={tier: (0, 1, 0)}), HTTPStatus.OK
        self.listed.append((number, provision.about(person, event, status)))
        entry = case.refusal.sequence
        self.closed.append((entry, number))
        self.done[entry] = Retried(Reference(self.slug, entry), case.refusal.user_name, Attempt.SEATED)

    def written(self) -> dict[int, Retried]:
        """Write the people, their events and the ends of their refusals."""
        events.append_numbered(self.write, self.listed)
        people.add_all(self.write, self.new)
        people.change_all(self.write, self.changed)
        refusals.close_each(self.write, self.closed)
        return self.done


def _followed(write: Write, listed: Sequence[Case]) -> dict[int, Retried]:
    """Give members the seats that their groups give (SEATS 20)."""
    organization = organizations.get(write)
    ids = [one.person.id for one in listed if one.person is not None]
    entitlements.follow(write, organization, ids)
    still = {one.sequence: one for one in refusals.open_of(write, [one.refusal.sequence for one in listed])}
    stored = {one.id: one for one in members.of_ids(write, ids)}
    found: dict[int, Retried] = {}
    for case in listed:
        entry = case.refusal.sequence
        person = None if case.person is None else stored.get(case.person.id)
        found[entry] = Retried(
            Reference(organization.slug, entry), case.refusal.user_name, *_outcome(person, still.get(entry))
        )
    got = [one.refusal.person for one in listed if found[one.refusal.sequence].outcome in _IN]
    stamps.mark_unconfirmed(write, [str(one) for one in got])
    return found


_IN: Final = (Attempt.SEATED, Attempt.WAITING)


def _outcome(person: Person | None, still: Refusal | None) -> tuple[Attempt, str | None]:
    if still is not None:
        return Attempt.REJECTED, still.detail
    if person is None or person.status is SeatStatus.NONE:
        return Attempt.GONE, None
    return Attempt(person.status), None
