"""Imports the members of groups: some of them in one transaction, whatever the size of their group."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import orjson

from scim_server.protocol.change import Kind
from scim_server.protocol.group import Group, MemberChange
from scim_server.protocol.normalise import fold, user_name_key
from scim_server.services.groups import provision
from scim_server.services.imports.found import name_of
from scim_server.services.imports.people import DIFFERENT, HERE, REFUSED, UPDATED, WITH_PERSON
from scim_server.services.imports.staging import ERROR, IMPLIED
from scim_server.services.scim.schemas import directory_of
from scim_server.store.database.session import Write
from scim_server.store.rows import group_members, groups, organizations, refusals, staged
from scim_server.store.rows.groups import StoredGroup
from scim_server.store.rows.imports import Import
from scim_server.store.rows.staged import GROUP, PERSON, Entry, StagedMember

_EXISTED = (HERE, DIFFERENT, UPDATED)
"""The results of entries whose person or group was here before the import."""
_COST_OF_GROUP = 10
"""How many members a group counts for, so that a chunk of many small groups is short too."""


@dataclass
class MembersChunk:
    """Some members of the groups of an import, in one transaction.

    Attributes:
        position: the last group that is complete.
        member: the last member that is done in the next group.
        done: whether all groups are complete.
    """

    write: Write
    job: Import
    limit: int
    position: int
    member: int
    counts: Counter[str] = field(default_factory=Counter)
    done: bool = False

    def work(self) -> None:
        """Add members until the chunk is full."""
        left = self.limit
        while left > 0:
            following = staged.after(self.write, self.job.id, GROUP, self.position, 1)
            if not following:
                self.done = True
                return
            left -= _COST_OF_GROUP + self._one(following[0], max(left, 1))

    def _one(self, entry: Entry, most: int) -> int:
        """Go on with a group; return how many members were done."""
        stored = None if entry.outcome == ERROR else groups.get(self.write, entry.target)
        listed = []
        if stored is not None:
            listed = staged.members_after(self.write, self.job.id, entry.position, self.member, most)
        if listed and stored is not None:
            self._add(entry, stored, listed)
            self.member = listed[-1].number
            return len(listed)
        extra = self._extra(entry, stored, most)
        if extra and stored is not None and self.job.options.get("update"):
            self._save(stored, MemberChange(Kind.REMOVE, tuple(extra)), follows=True)
            self.counts["members.removed"] += len(extra)
            return len(extra)
        if extra:
            self._differ(entry, len(extra))
        self.position, self.member = entry.position, 0
        return 0

    def _extra(self, entry: Entry, stored: StoredGroup | None, most: int) -> list[str]:
        """Members that the source does not have, of a group that the source lists and was here before."""
        if stored is None or entry.outcome not in _EXISTED or orjson.loads(entry.body or "{}").get(IMPLIED):
            return []
        return staged.not_in_source(self.write, self.job.id, stored.id, entry.position, most)

    def _add(self, entry: Entry, stored: StoredGroup, listed: Sequence[StagedMember]) -> None:
        known = self._known(stored, listed)
        fit = group_members.candidates(self.write, stored.id, [one.target for one in known])
        self.counts["members.unknown"] += len(fit.unknown)
        new = fit.new.ids
        if fit.circular is not None:
            new -= self._circular(stored, fit.new.groups)
        wanted = [one for one in known if one.target in new]
        if entry.outcome in _EXISTED and not self.job.options.get("update"):
            # People whom this import created join also the groups that were here before.
            mine = [one for one in wanted if one.outcome not in _EXISTED]
            if len(mine) < len(wanted):
                self._differ(entry, len(wanted) - len(mine))
            wanted = mine
        if wanted:
            follows = any(one.kind == GROUP and one.outcome in _EXISTED for one in wanted)
            ids = tuple(dict.fromkeys(one.target for one in wanted))
            self._save(stored, MemberChange(Kind.ADD, ids), follows=follows)
            self.counts["members.added"] += len(ids)

    def _known(self, stored: StoredGroup, listed: Sequence[StagedMember]) -> list[Entry]:
        """The entries of the members that are here. People who are left out join their groups when let in."""
        known, left_out = list[Entry](), list[str]()
        for one in listed:
            entry = one.entry or self._by_name(one.member)
            if entry is None or entry.outcome == ERROR:
                self.counts["members.unknown"] += 1
            elif entry.kind == GROUP or entry.outcome in WITH_PERSON:
                known.append(entry)
            elif entry.outcome == REFUSED and entry.key is not None:
                self.counts["members.left_out"] += 1
                left_out.append(entry.key)
        kept = refusals.kept_by(self.write, left_out)
        joining = {key: {**one, "groups": [*one["groups"], stored.id]} for key, one in kept.items()}
        refusals.keep(self.write, joining)
        return known

    def _by_name(self, member: str) -> Entry | None:
        """The person or group that a member without an id names."""
        name = name_of(member)
        if name is None:
            return None
        key = user_name_key(name)
        found = staged.by_key(self.write, self.job.id, PERSON, [key]).get(key)
        return found or staged.by_key(self.write, self.job.id, GROUP, [fold(name)]).get(fold(name))

    def _circular(self, stored: StoredGroup, ids: Iterable[str]) -> set[str]:
        """The groups that contain this group, which therefore cannot be members of it."""
        found = {
            one for one in ids if group_members.candidates(self.write, stored.id, [one]).circular is not None
        }
        self.counts["members.circular"] += len(found)
        return found

    def _differ(self, entry: Entry, members: int) -> None:
        self.counts["members.different"] += members
        named = (entry.detail or "").split(", ") if entry.outcome == DIFFERENT else []
        if "members" not in named:
            detail = ", ".join([*filter(None, named), "members"])
            staged.settle(self.write, self.job.id, [replace(entry, outcome=DIFFERENT, detail=detail)])
            if entry.outcome != DIFFERENT:
                self.counts["groups.different"] += 1
                self.counts[f"groups.{entry.outcome}"] -= 1

    def _save(self, stored: StoredGroup, change: MemberChange, *, follows: bool) -> None:
        organization = organizations.get(self.write)
        reader = directory_of(self.write, organization).group_reader(strict=False)
        group = Group.of(orjson.loads(stored.document), reader.resource_type)
        provision.save(self.write, organization, stored, group, [change], follows=follows)
