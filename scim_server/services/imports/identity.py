"""Whether a person of the source is here already, and whether the id is free."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from scim_server.protocol.user import User
from scim_server.services.holds.invitation import emails_in
from scim_server.services.imports.prepared import Person
from scim_server.store.database.session import Read
from scim_server.store.rows import arrivals, former, groups, people
from scim_server.store.rows.people import Person as Member

OTHER_ID = "id"
"""The difference of a person who is here with another id, which cannot be changed."""


@dataclass(slots=True)
class Identities:
    """Who has the userNames and ids of some people of the source.

    Attributes:
        by_name, by_id: members, by the key of the userName and by id.
        former: ids that deleted people had.
        groups: ids that groups have.
    """

    by_name: dict[str, Member]
    by_id: dict[str, Member]
    former: set[str]
    groups: set[str]

    @classmethod
    def of(cls, read: Read, found: Sequence[Person]) -> "Identities":
        """Read who has them."""
        ids = [one.entry.target for one in found if one.own_id]
        return cls(
            people.by_keys(read, [one.user.user_name_key for one in found if one.user is not None]),
            arrivals.with_known_ids(read, ids),
            former.among(read, ids),
            {one.id for one in groups.with_ids(read, ids)},
        )

    def member(self, person: Person, user: User) -> Member | None:
        """The member who is this person: by userName, or by id if the externalId or an address is equal."""
        by_name = self.by_name.get(user.user_name_key)
        if by_name is not None:
            return by_name
        by_id = self.by_id.get(person.entry.target) if person.own_id else None
        return by_id if by_id is not None and _is_same(user, by_id) else None

    def problem(self, person: Person) -> str | None:
        """Why a new person cannot get the id; None if the id is free."""
        target = person.entry.target
        if target in self.by_id:
            return f"the id {target} belongs to {self.by_id[target].user_name} here"
        if target in self.groups:
            return f"the id {target} belongs to a group here"
        if target in self.former:
            return f"the id {target} belonged to a person who was deleted here"
        return None

    def add(self, member: Member) -> None:
        """Note a person who was created."""
        self.by_name[member.user_name_key] = self.by_id[member.id] = member


def _is_same(user: User, member: Member) -> bool:
    """Whether a renamed person is meant, not another person with the same number."""
    if user.external_id is not None and user.external_id == member.external_id:
        return True
    theirs = {one.lower() for one in emails_in(member.document)}
    return any(one.lower() in theirs for one in emails_in(user.document))


def differences(person: Person, user: User, member: Member) -> list[str]:
    """The attributes that differ from the member's, by name."""
    ours, theirs = orjson.loads(member.document), orjson.loads(user.document)
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    if user.active is not None and user.active != member.active:
        names.append("active")
    if person.own_id and person.entry.target == person.entry.source_id != member.id:
        names.append(OTHER_ID)
    return names
