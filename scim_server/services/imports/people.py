"""Imports people: a chunk of them in one transaction, each through the gate, in the order of the source."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from scim_server.protocol.errors import ScimError
from scim_server.protocol.user import User
from scim_server.services.imports.identity import OTHER_ID, Identities, differences
from scim_server.services.imports.prepared import Person
from scim_server.services.imports.staging import ERROR
from scim_server.services.people import provision
from scim_server.services.people.many import Arrivals, Newcomer
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import Write
from scim_server.store.rows import members, organizations, refusals, staged
from scim_server.store.rows.imports import Import
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person as Member
from scim_server.store.rows.staged import Entry
from seat_policy.roles import Role

HERE, DIFFERENT, UPDATED = "here", "different", "updated"
REFUSED, WAITING = "refused", "waiting"
WITH_PERSON = (None, WAITING, HERE, DIFFERENT, UPDATED)
"""The results of entries whose person exists here."""


@dataclass
class PeopleChunk:
    """Some people of an import, in one transaction.

    Attributes:
        counts: the results, by name.
        settled: the entries whose result or id must be written.
        kept: what refused people get when let in, by the key of the userName.
    """

    write: Write
    job: Import
    found: Sequence[Person]
    counts: Counter[str] = field(default_factory=Counter)
    settled: list[Entry] = field(default_factory=list)
    kept: dict[str, Mapping[str, object]] = field(default_factory=dict)
    organization: Organization = field(init=False)
    known: Identities = field(init=False)
    arrivals: Arrivals = field(init=False)

    def work(self) -> None:
        """Create the new people, and compare or update the others."""
        self._refresh()
        for person in self.found:
            if person.user is None or person.problem is not None:
                self._settle(person, ERROR, person.problem)
            else:
                self._one(person, person.user)
        self.arrivals.flush()
        refusals.keep(self.write, self.kept)
        staged.settle(self.write, self.job.id, self.settled)

    def _one(self, person: Person, user: User) -> None:
        member = self.known.member(person, user)
        if member is not None:
            self._compare(person, user, member)
            return
        problem = self.known.problem(person)
        if problem is not None:
            self._settle(person, ERROR, problem)
            return
        outcome = self.arrivals.create(self._newcomer(person, user))
        if isinstance(outcome, Refused):
            self.counts["people.refused"] += 1
            created = person.created if self.job.options.get("keep_ids") else None
            self.kept[user.user_name_key] = {"id": person.entry.target, "created": created, "groups": []}
            self._settle(person, REFUSED, outcome.detail, counted=False)
            return
        self.known.add(outcome.person)
        self.counts["people.created"] += 1
        self.counts[f"people.{outcome.person.status}"] += 1
        if outcome.person.wants is not None and outcome.person.tier is None:
            self._settle(person, WAITING, f"waits for {outcome.person.wants}", counted=False)

    def _newcomer(self, person: Person, user: User) -> Newcomer:
        entitlement = person.entitlement
        return Newcomer(
            user,
            person.entry.target,
            created=person.created if self.job.options.get("keep_ids") else None,
            wants=None if entitlement is not None and entitlement.mapped else person.wants,
            entitlement=entitlement,
            role=self._role(person.role),
            unseated=person.unseated,
        )

    def _role(self, role: Role) -> Role:
        """The role that the person had. There is only one Primary Owner."""
        if role is not Role.PRIMARY_OWNER:
            return role
        self.arrivals.flush()
        return role if members.primary_owner(self.write) is None else Role.OWNER

    def _compare(self, person: Person, user: User, member: Member) -> None:
        here = replace(person, entry=replace(person.entry, target=member.id))
        differs = differences(person, user, member)
        changeable = [one for one in differs if one != OTHER_ID]
        if changeable and self.job.options.get("update"):
            self._update(here, user, member, changeable)
        elif differs:
            self._settle(here, DIFFERENT, ", ".join(differs))
        else:
            self._settle(here, HERE, None)

    def _update(self, person: Person, user: User, member: Member, differs: list[str]) -> None:
        self.arrivals.flush()
        try:
            outcome = self.write.attempt(lambda: provision.save(self.write, self.organization, member, user))
        except ScimError as error:
            self._settle(person, ERROR, error.detail)
            return
        self._refresh()
        if isinstance(outcome, Refused):
            self._settle(person, REFUSED, outcome.detail)
            return
        self.known.add(outcome.person)
        self._settle(person, UPDATED, ", ".join(differs))

    def _refresh(self) -> None:
        """Read the settings and the members of the chunk. An update of one person may change others."""
        self.organization = organizations.get(self.write)
        self.known = Identities.of(self.write, self.found)
        keys = [one.user.user_name_key for one in self.found if one.user is not None]
        self.arrivals = Arrivals.of(self.write, self.organization, keys)

    def _settle(self, person: Person, outcome: str, detail: str | None, *, counted: bool = True) -> None:
        if counted:
            self.counts["people.errors" if outcome == ERROR else f"people.{outcome}"] += 1
        self.settled.append(replace(person.entry, outcome=outcome, detail=detail))
