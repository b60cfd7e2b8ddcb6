"""Carries out an import in chunks. How far it got is written in the transaction of each chunk.

A chunk is short, so that other writers of the organization have their turn between two chunks. Processes
that carry out the same import at the same time help each other: no chunk is done twice.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from scim_server.services.context import Context
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.errors import ImportClosed, UnknownImport
from scim_server.services.imports import definitions
from scim_server.services.imports.groups import GroupsChunk
from scim_server.services.imports.members import MembersChunk
from scim_server.services.imports.people import WITH_PERSON, PeopleChunk
from scim_server.services.imports.prepared import Forms, prepare
from scim_server.store.database.session import Actor, Read, Write
from scim_server.store.rows import imports, organizations, staged, statistics
from scim_server.store.rows.imports import Import
from scim_server.store.rows.staged import GROUP, PERSON
from seat_policy.ways_in import WayIn

CHUNK_SECONDS: Final = 0.1
"""How long a chunk should hold the lock."""
_FIRST: Final = 100
_FEWEST, _MOST = 20, 2_000
_REFRESH = 500
"""After how many entries the statistics of the database are computed; then again at twice as many."""
SCHEMAS, PEOPLE, GROUPS, MEMBERS = "schemas", "people", "groups", "members"
FOLLOW, RESOURCES, TIDY, DONE = "follow", "resources", "tidy", "done"
_AFTER: Final = {
    SCHEMAS: PEOPLE,
    PEOPLE: GROUPS,
    GROUPS: MEMBERS,
    MEMBERS: FOLLOW,
    FOLLOW: RESOURCES,
    RESOURCES: TIDY,
    TIDY: DONE,
}


@dataclass(frozen=True, slots=True)
class _Done:
    """A chunk that was carried out.

    Attributes:
        seconds: how long it held the lock.
        entries: how many entries it had.
    """

    job: Import
    seconds: float
    entries: int


def actor_of(job: str) -> Actor:
    """The actor of everything that an import does."""
    return Actor(f"import {job}", WayIn.IMPORT)


def run(context: Context, job_id: str) -> Iterator[Import]:
    """Carry out an import from where it is; each step is the import after one chunk.

    Raises:
        UnknownImport, ImportClosed: the import does not exist, was cancelled, or is not read yet.
    """
    own = replace(context, actor=actor_of(job_id))
    job = _begun(own, job_id)
    sizes: dict[str, int] = {}
    entries, refresh_at = 0, _REFRESH
    forms: Forms | None = None
    while job.phase != DONE:
        if job.phase == PEOPLE and forms is None:
            forms = Forms.of(own, job.id)
        size = sizes.get(job.phase, _FIRST)
        done = _chunk(own, job, size, forms)
        if done.entries >= size and done.seconds > 0:
            fitting = int(size * CHUNK_SECONDS / done.seconds)
            sizes[job.phase] = min(max(fitting, size // 2, _FEWEST), size * 2, _MOST)
        job = done.job
        entries += done.entries
        if entries >= refresh_at:
            own.database.write_unnumbered(statistics.refresh)
            refresh_at = 2 * entries
        yield job


def _begun(context: Context, job_id: str) -> Import:
    def work(write: Write) -> Import:
        job = open_import(write, job_id)
        if job.state == "ready":
            job = imports.go_on(write, replace(job, state="running", phase=SCHEMAS))
        return job

    return context.write(work)


def open_import(read: Read, job_id: str) -> Import:
    """The import with this id, which can be carried out.

    Raises:
        UnknownImport, ImportClosed: the import does not exist, was cancelled, or is not read completely.
    """
    job = imports.get(read, job_id)
    if job is None:
        raise UnknownImport(f"this organization has no import {job_id}")
    if job.state in ("cancelled", "reading"):
        why = "was cancelled" if job.state == "cancelled" else "has not read its source completely"
        raise ImportClosed(f"the import {job_id} {why}")
    return job


def _chunk(context: Context, job: Import, size: int, forms: Forms | None) -> _Done:
    carry_out = _PHASES[job.phase]
    with context.read() as read:
        unit = carry_out(read, job, size, forms)

    def work(write: Write) -> _Done:
        begun = time.monotonic()
        now = open_import(write, job.id)
        if (now.phase, now.position, now.member) != (job.phase, job.position, job.member):
            return _Done(now, 0.0, 0)
        step = unit(write)
        phase = _AFTER[now.phase] if step.complete else now.phase
        after = replace(
            now,
            phase=phase,
            state="done" if phase == DONE else "running",
            position=0 if step.complete else step.position,
            member=0 if step.complete else step.member,
            counts=_sum(now.counts, step.counts),
        )
        after = imports.go_on(write, after)
        return _Done(after, time.monotonic() - begun, step.entries)

    return context.write(work)


def _sum(before: Mapping[str, int], more: Counter[str]) -> dict[str, int]:
    total = Counter(before)
    total.update(more)
    return {name: total[name] for name in sorted(total) if total[name]}


@dataclass(frozen=True, slots=True)
class _Step:
    """What a chunk did.

    Attributes:
        complete: whether the phase has no more entries.
    """

    complete: bool
    position: int
    counts: Counter[str]
    entries: int
    member: int = 0


_Unit = Callable[[Write], _Step]


def _schemas(_read: Read, job: Import, _size: int, _forms: Forms | None) -> _Unit:
    """Schemas and resource types of an export, which its people need."""

    def unit(write: Write) -> _Step:
        counts = definitions.add_missing(write, job)
        return _Step(complete=True, position=0, counts=counts, entries=0)

    return unit


def _people(read: Read, job: Import, size: int, forms: Forms | None) -> _Unit:
    entries = staged.after(read, job.id, PERSON, job.position, size)
    if forms is None or not entries:
        return lambda _: _Step(complete=True, position=0, counts=Counter(), entries=0)
    found = prepare(read, job, entries, forms)

    def unit(write: Write) -> _Step:
        chunk = PeopleChunk(write, job, found)
        chunk.work()
        return _Step(len(found) < size, entries[-1].position, chunk.counts, len(found))

    return unit


def _groups(read: Read, job: Import, size: int, _forms: Forms | None) -> _Unit:
    entries = staged.after(read, job.id, GROUP, job.position, size)
    if not entries:
        return lambda _: _Step(complete=True, position=0, counts=Counter(), entries=0)

    def unit(write: Write) -> _Step:
        chunk = GroupsChunk(write, job, entries)
        chunk.work()
        return _Step(len(entries) < size, entries[-1].position, chunk.counts, len(entries))

    return unit


def _members(_read: Read, job: Import, size: int, _forms: Forms | None) -> _Unit:
    def unit(write: Write) -> _Step:
        chunk = MembersChunk(write, job, size, job.position, job.member)
        chunk.work()
        return _Step(chunk.done, chunk.position, chunk.counts, size, chunk.member)

    return unit


def _follow(read: Read, job: Import, size: int, _forms: Forms | None) -> _Unit:
    """Give people what their groups now give, after all of them are members of all their groups."""
    entries = staged.after(read, job.id, PERSON, job.position, size)
    if not entries:
        return lambda _: _Step(complete=True, position=0, counts=Counter(), entries=0)

    def unit(write: Write) -> _Step:
        organization = organizations.get(write)
        if not organization.maps_groups:
            return _Step(complete=True, position=0, counts=Counter(), entries=0)
        ids = [one.target for one in entries if one.outcome in WITH_PERSON]
        entitlements.follow(write, organization, ids)
        return _Step(len(entries) < size, entries[-1].position, Counter(), len(entries))

    return unit


def _resources(read: Read, job: Import, size: int, _forms: Forms | None) -> _Unit:
    entries = staged.after(read, job.id, definitions.RESOURCE, job.position, size)
    if not entries:
        return lambda _: _Step(complete=True, position=0, counts=Counter(), entries=0)

    def unit(write: Write) -> _Step:
        counts = definitions.add_resources(write, job, entries)
        return _Step(len(entries) < size, entries[-1].position, counts, len(entries))

    return unit


def _tidy(_read: Read, job: Import, size: int, _forms: Forms | None) -> _Unit:
    """Delete the values of the source, which are no longer needed."""

    def unit(write: Write) -> _Step:
        complete = staged.strip(write, job.id, job.position, size)
        return _Step(complete, job.position + size, Counter(), size)

    return unit


_PHASES: Final = {
    SCHEMAS: _schemas,
    PEOPLE: _people,
    GROUPS: _groups,
    MEMBERS: _members,
    FOLLOW: _follow,
    RESOURCES: _resources,
    TIDY: _tidy,
}
