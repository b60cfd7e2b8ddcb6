"""Stores what a source contains, before anything is imported. A resumed import reads it from here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import uuid4

import orjson

from scim_server.services.context import Context
from scim_server.services.imports import found
from scim_server.services.imports.found import Found
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import staged
from scim_server.store.rows.imports import Import
from scim_server.store.rows.staged import GROUP, PERSON, Entry

BATCH: Final = 500
"""Entries in one transaction."""
_MEMBERS: Final = 20_000
"""Members of groups in one transaction."""
ERROR: Final = "error"
"""The result of an entry that cannot be imported."""
IMPLIED: Final = "implied"
"""The key in the values of a group that only the people of the source name."""


@dataclass
class Staging:
    """Collects entries and writes them in batches.

    Attributes:
        positions: the last position of each kind of entries.
        groups: the position and the number of members of each group, by its id in the source.
    """

    context: Context
    job: Import
    positions: dict[str, int] = field(default_factory=dict)
    groups: dict[str, tuple[int, int]] = field(default_factory=dict)
    _entries: list[Entry] = field(default_factory=list)
    _members: list[tuple[int, int, str]] = field(default_factory=list)

    @classmethod
    def continued(cls, context: Context, job: Import) -> "Staging":
        """Continue after the entries that were already stored."""
        staging = cls(context, job)
        with context.read() as read:
            for kind in (PERSON, GROUP):
                staging.positions[kind] = staged.last_position(read, job.id, kind)
        return staging

    def take(self, one: Found) -> None:
        """Store one entry, or the members that continue a group."""
        if one.kind == found.MEMBERS:
            self._join(str(one.values.get("group")), one.members)
            return
        kind = found.SCHEMA if one.kind == found.RESOURCE_TYPE else one.kind
        position = self.positions[kind] = self.positions.get(kind, 0) + 1
        entry = self._entry(one, kind, position)
        self._entries.append(entry)
        if kind == GROUP:
            self.groups.setdefault(entry.source_id, (position, 0))
            self._join(entry.source_id, one.members)
        if len(self._entries) >= BATCH or len(self._members) >= _MEMBERS:
            self.flush()

    def _entry(self, one: Found, kind: str, position: int) -> Entry:
        own, key = one.own_id, one.key
        problem = one.problem
        if problem is None and kind in (PERSON, GROUP) and key is None:
            name = "userName" if kind == PERSON else "displayName"
            problem = f"has no {name}, or one that cannot be stored"
        keeps = own is not None and bool(self.job.options.get("keep_ids"))
        return Entry(
            kind=kind,
            position=position,
            source_id=own or staged.stand_in(kind, position),
            key=None if problem is not None else key,
            target=str(own) if keeps else str(uuid4()),
            line=one.line,
            body=None if one.problem else _dumped({**one.values, "own_id": own is not None}, one),
            outcome=None if problem is None else ERROR,
            detail=problem,
        )

    def _join(self, group: str, members: Iterable[str]) -> None:
        if group not in self.groups:
            return
        position, number = self.groups[group]
        for number, member in enumerate(members, start=number + 1):  # noqa: B020 - it goes on
            self._members.append((position, number, member))
        self.groups[group] = position, number
        if len(self._members) >= _MEMBERS:
            self.flush()

    def flush(self, reading: Mapping[str, Any] | None = None) -> None:
        """Write what is collected.

        Args:
            reading: how far the source was read, written in the same transaction.
        """
        if reading is not None:
            self.job = replace(self.job, reading=reading)
        organization, job, entries, members = (
            self.context.organization,
            self.job,
            self._entries,
            self._members,
        )
        self.context.database.write_unnumbered(
            lambda connection: staged.add(connection, organization, job, entries, members)
        )
        self._entries, self._members = [], []


def _dumped(values: Mapping[str, Any], one: Found) -> str:
    try:
        return orjson.dumps(values).decode()
    except TypeError:  # Half of a surrogate pair, which a file in UTF-8 contains only as an escape.
        return orjson.dumps(
            {"scim": {}, "problem": one.problem or "contains text that cannot be stored"}
        ).decode()


def imply_groups(staging: Staging) -> None:
    """Store the groups that only people name, if the source lists no groups of its own."""
    if staging.positions.get(GROUP, 0):
        return
    members: dict[str, list[str]] = {}
    names: dict[str, tuple[str, bool]] = {}
    for entry in every(staging.context, staging.job.id, PERSON):
        for id_, name, own in found.implied_groups(orjson.loads(entry.body or "{}")):
            names.setdefault(id_, (name, own))
            members.setdefault(id_, []).append(entry.source_id)
    for id_, (name, own) in names.items():
        scim = {"displayName": name, **({"id": id_} if own else {})}
        staging.take(Found(GROUP, {"scim": scim, IMPLIED: True}))
        source_id = id_ if own else staged.stand_in(GROUP, staging.positions[GROUP])
        staging._join(source_id, dict.fromkeys(members[id_]))  # noqa: SLF001 - its own module
    staging.flush()


def every(context: Context, job: str, kind: str) -> Iterator[Entry]:
    """All stored entries of a kind, in the order of the source."""
    position = 0
    while True:
        with context.read() as read:
            some = staged.after(read, job, kind, position, BATCH)
        if not some:
            return
        yield from some
        position = some[-1].position


def refuse_repeated(write: Write, job: str) -> None:
    """Mark the entries whose userName or id an earlier entry has."""
    for kind, column, name in (
        (PERSON, "source_id", "id"),
        (PERSON, "key", "userName"),
        (GROUP, "source_id", "id"),
    ):
        again = [
            replace(one, outcome=ERROR, detail=_repeats(one, name, first))
            for one, first in staged.repeated(write, job, kind, column)
            if one.outcome is None
        ]
        staged.settle(write, job, again)


def _repeats(one: Entry, name: str, first: Entry) -> str:
    place = f"line {first.line}" if first.line is not None else f"the {first.kind} {first.position}"
    value = one.key if name == "userName" else one.source_id
    return f"has the {name} {value}, like {place}. Keep only one of them"


def names_of_groups(read: Read, job: str) -> Mapping[int, tuple[str, str | None]]:
    """The name in the form for comparison, and the externalId, of each group of the source, by position."""
    named: dict[int, tuple[str, str | None]] = {}
    position = 0
    while some := staged.after(read, job, GROUP, position, BATCH):
        for entry in some:
            scim = orjson.loads(entry.body or "{}").get("scim") or {}
            external = scim.get("externalId")
            if entry.key is not None:
                named[entry.position] = entry.key, external if isinstance(external, str) else None
        position = some[-1].position
    return named
