"""Imports groups, first without members, so that each group can contain each other group."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson

from scim_server.protocol.errors import ScimError
from scim_server.protocol.group import Group, parse_group
from scim_server.protocol.messages import parse_text
from scim_server.services.groups import provision
from scim_server.services.imports import ids
from scim_server.services.imports.found import created_in
from scim_server.services.imports.people import DIFFERENT, HERE, UPDATED
from scim_server.services.imports.staging import ERROR, IMPLIED
from scim_server.services.scim.schemas import directory_of
from scim_server.store.database.session import Write
from scim_server.store.rows import former, groups, organizations, people, staged
from scim_server.store.rows.groups import StoredGroup
from scim_server.store.rows.imports import Import
from scim_server.store.rows.staged import GROUP, Entry


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a group of the source.

    Attributes:
        group: the values; None if they cannot be stored.
        problem: why they cannot be stored.
        own_id: whether the id is the source's.
        created: when the group was created in the source.
    """

    entry: Entry
    group: Group | None = None
    problem: str | None = None
    own_id: bool = False
    created: str | None = None


@dataclass
class GroupsChunk:
    """Some groups of an import, in one transaction.

    Attributes:
        counts: the results, by name.
        settled: the entries whose result or id must be written.
    """

    write: Write
    job: Import
    entries: Sequence[Entry]
    counts: Counter[str] = field(default_factory=Counter)
    settled: list[Entry] = field(default_factory=list)

    def work(self) -> None:
        """Create the new groups, and compare or update the others."""
        found = [self._values(one) for one in self.entries]
        ids_ = [one.entry.target for one in found if one.own_id]
        names = [one.group for one in found if one.group is not None]
        by_id = {one.id: one for one in groups.with_ids(self.write, ids_)}
        taken = former.among(self.write, ids_) | {one.id for one in people.with_ids(self.write, ids_)}
        externals = [one.external_id for one in names if one.external_id is not None]
        named = groups.named(self.write, [one.display_name_key for one in names], externals)
        mine = set(staged.by_target(self.write, self.job.id, GROUP, [one.id for one in named]))
        free = [one for one in named if one.id not in mine]
        for one in found:
            if one.group is None or one.problem is not None:
                self._settle(one.entry, ERROR, one.problem)
                continue
            before = by_id.get(one.entry.target) or self._namesake(one, one.group, free)
            if before is not None:
                free = [other for other in free if other.id != before.id]
                self._compare(one, one.group, before)
            elif one.entry.target in taken:
                self._settle(one.entry, ERROR, f"the id {one.entry.target} belongs to a person here")
            else:
                organization = organizations.get(self.write)
                provision.create(
                    self.write, organization, one.group, (), id_=one.entry.target, created=one.created
                )
                self.counts["groups.created"] += 1
        staged.settle(self.write, self.job.id, self.settled)

    def _values(self, entry: Entry) -> Values:
        if entry.outcome == ERROR or entry.body is None:
            return Values(entry, problem=entry.detail or "cannot be read")
        organization = organizations.get(self.write)
        reader = directory_of(self.write, organization).group_reader(strict=False)
        keeps = bool(self.job.options.get("keep_ids"))
        try:
            values = parse_text(entry.body)
            scim = values.get("scim")
            body = dict(scim) if isinstance(scim, dict) else {}
            kept = {name: one for name, one in body.items() if name.lower() not in ("id", "meta", "schemas")}
            group, _ = parse_group(kept, reader)
            own_id = values.get("own_id") is True and keeps
        except ScimError as error:
            return Values(entry, problem=error.detail)
        problem = ids.problem_of(entry.source_id) if own_id else None
        return Values(entry, group, problem, own_id, created_in(body) if keeps else None)

    def _namesake(self, one: Values, group: Group, free: Sequence[StoredGroup]) -> StoredGroup | None:
        """A group here that is this group, though it has another id.

        Groups may have equal names. With kept ids, the externalId must also be equal, because the provider
        knows the group by its id.
        """
        same = [other for other in free if group.external_id and other.external_id == group.external_id]
        if not same and not one.own_id:
            same = [other for other in free if other.display_name_key == group.display_name_key]
        return same[0] if same else None

    def _compare(self, one: Values, group: Group, before: StoredGroup) -> None:
        entry = replace(one.entry, target=before.id)
        ours, theirs = orjson.loads(before.document), orjson.loads(group.document)
        implied = orjson.loads(entry.body or "{}").get(IMPLIED) is True
        differs = (
            [] if implied else [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
        )
        if one.own_id and before.id != one.entry.target:
            self._settle(entry, DIFFERENT, ", ".join([*differs, "id"]))
        elif differs and self.job.options.get("update"):
            provision.save(self.write, organizations.get(self.write), before, group, [])
            self._settle(entry, UPDATED, ", ".join(differs))
        elif differs:
            self._settle(entry, DIFFERENT, ", ".join(differs))
        else:
            self._settle(entry, HERE, None)

    def _settle(self, entry: Entry, outcome: str, detail: str | None) -> None:
        self.counts["groups.errors" if outcome == ERROR else f"groups.{outcome}"] += 1
        self.settled.append(replace(entry, outcome=outcome, detail=detail))
