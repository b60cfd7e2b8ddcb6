"""Imports a directory: read it, carry it out, resume it, or cancel it."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any, Final

import orjson

from scim_server.remote.reader import Reader
from scim_server.services.context import Context
from scim_server.services.errors import ImportClosed, UnknownImport
from scim_server.services.imports import chunks, files, found, reading
from scim_server.services.imports.reading import Progress
from scim_server.services.imports.staging import Staging
from scim_server.store.database.session import Database, Write, timestamp
from scim_server.store.rows import imports
from scim_server.store.rows.imports import Import

__all__ = [
    "Import",
    "Options",
    "Progress",
    "cancel",
    "carry_out_started",
    "forget",
    "read_file",
    "read_resources",
    "read_server",
    "resume_reading",
    "run",
    "start",
]

FRESH: Final = timedelta(hours=1)
"""How long what was read from a server is used for an import that was only previewed."""
KEPT: Final = timedelta(days=90)
"""How long the report of a finished import is kept."""
SENT: Final = "request"
"""The source of an import whose people and groups were sent in one request."""
BY_WORKER: Final = "by_worker"
CHUNKS: Final = 20
"""How many chunks of one import the worker does before it does something else."""


@dataclass(frozen=True, slots=True)
class Options:
    """How entries are treated.

    Attributes:
        keep_ids: whether people and groups keep the ids of the source.
        update: whether the values of people and groups who are here already are replaced.
    """

    keep_ids: bool = False
    update: bool = False


def read_file(context: Context, path: Path, options: Options, progress: Progress) -> Import:
    """Read a file, unless it was read before and its import is not finished.

    Raises:
        UnreadableFile: the whole file cannot be read.
    """
    file = files.SourceFile(path)
    digest = file.digest()
    job = _open(context, digest, options)
    if job is not None and job.state != "reading":
        return job
    if job is not None:
        _remove(context, job)
    job = _begin(context, file.name, digest, options)
    staging = Staging(context, job)
    try:
        for number, one in enumerate(file.entries(), start=1):
            staging.take(one)
            if number % 1_000 == 0:
                progress("entry", number, None)
        staging.flush()
    except BaseException:
        _remove(context, job)
        raise
    return reading.finish(context, job)


def read_resources(context: Context, resources: Sequence[Mapping[str, Any]], options: Options) -> Import:
    """Read people and groups that were sent in one request, unless they were read before.

    Roles cannot be sent, because a program that may import people may not be allowed to make Owners.
    """
    digest = hashlib.sha256(orjson.dumps(list(resources))).hexdigest()
    job = _open(context, digest, options)
    if job is not None and job.state != "reading":
        return job
    if job is not None:
        _remove(context, job)
    job = _begin(context, SENT, digest, options)
    staging = Staging(context, job)
    for number, one in enumerate(resources, start=1):
        staging.take(found.resource(one, number))
    staging.flush()
    return reading.finish(context, job)


def start(context: Context, job_id: str) -> Import:
    """Let the worker carry out an import that was read.

    Raises:
        UnknownImport, ImportClosed: the import does not exist, was cancelled, or is not read completely.
    """

    def work(write: Write) -> Import:
        job = chunks.open_import(write, job_id)
        if job.state != "ready":
            return job
        return imports.go_on(write, replace(job, state="running", reading={BY_WORKER: True}))

    return context.write(work)


def carry_out_started(database: Database, stop: Event) -> bool:
    """Carry out some chunks of each import that the worker does; return whether there was any.

    Raises:
        StoreError: the database does not answer.
    """
    with database.snapshot() as connection:
        running = [(org, job) for org, job in imports.running(connection) if job.reading.get(BY_WORKER)]
    for organization, job in running:
        context = Context(database, organization, chunks.actor_of(job.id))
        for _ in islice(chunks.run(context, job.id), CHUNKS):
            if stop.is_set():
                return False
    return bool(running)


def read_server(context: Context, url: str, reader: Reader, options: Options, progress: Progress) -> Import:
    """Read another server, unless it was read before and its import is not finished.

    Raises:
        UnreadableSource: the server cannot be read; the reading goes on with the next call.
    """
    digest = hashlib.sha256(url.encode()).hexdigest()
    job = _open(context, digest, options)
    if job is not None and job.state == "ready" and not _is_fresh(context, job):
        _remove(context, job)
        job = None
    if job is not None and job.state != "reading":
        return job
    job = job or _begin(context, url, digest, options)
    return reading.finish(context, reading.read_server(context, job, reader, progress))


def resume_reading(context: Context, job_id: str, reader: Reader, progress: Progress) -> Import:
    """Go on with the reading of a server.

    Raises:
        UnknownImport, UnreadableSource: the import does not exist, or the server cannot be read.
    """
    job = _get(context, job_id)
    if job.state != "reading":
        return job
    return reading.finish(context, reading.read_server(context, job, reader, progress))


def run(context: Context, job_id: str) -> Iterator[Import]:
    """Carry out an import from where it is; each step is the import after one chunk.

    Raises:
        UnknownImport, ImportClosed: the import does not exist, was cancelled, or is not read completely.
    """
    return chunks.run(context, job_id)


def cancel(context: Context, job_id: str) -> Import:
    """Cancel an import that is not finished. What it has already imported stays.

    Raises:
        UnknownImport, ImportClosed: the import does not exist, or is finished.
    """

    def work(write: Write) -> Import:
        job = imports.get(write, job_id)
        if job is None:
            raise UnknownImport(f"this organization has no import {job_id}")
        if not job.is_open:
            raise ImportClosed(f"the import {job_id} is finished")
        return imports.go_on(write, replace(job, state="cancelled"))

    return context.write(work)


def forget(context: Context, job_id: str) -> None:
    """Delete what was read for an import that was only previewed.

    Raises:
        UnknownImport: the import does not exist.
    """
    job = _get(context, job_id)
    if job.state in ("reading", "ready"):
        _remove(context, job)


def _get(context: Context, job_id: str) -> Import:
    with context.read() as read:
        job = imports.get(read, job_id)
    if job is None:
        raise UnknownImport(f"this organization has no import {job_id}")
    return job


def _open(context: Context, digest: str, options: Options) -> Import | None:
    """The import of the same source with the same options that is not finished."""
    with context.read() as read:
        listed = imports.every(read)
    same = (one for one in listed if one.digest == digest and one.options == _stored(options))
    return next((one for one in same if one.is_open), None)


def _stored(options: Options) -> dict[str, bool]:
    return {"keep_ids": options.keep_ids, "update": options.update}


def _is_fresh(context: Context, job: Import) -> bool:
    return datetime.fromisoformat(job.changed) > context.database.now() - FRESH


def _begin(context: Context, source: str, digest: str, options: Options) -> Import:
    """Insert a new import, and delete old ones, whose reports contain names of people."""
    at, old = (timestamp(context.database.now() - age) for age in (timedelta(), KEPT))
    with context.read() as read:
        listed = imports.every(read)
    for one in listed:
        if one.changed < old and not one.is_open:
            _remove(context, one)
    job = Import(
        id=secrets.token_hex(4),
        source=source,
        digest=digest,
        options=_stored(options),
        state="reading",
        reading={},
        phase=chunks.SCHEMAS,
        position=0,
        member=0,
        counts={},
        actor=context.actor.name,
        created=at,
        changed=at,
    )
    context.database.write_unnumbered(lambda connection: imports.add(connection, context.organization, job))
    return job


def _remove(context: Context, job: Import) -> None:
    context.database.write_unnumbered(
        lambda connection: imports.remove(connection, context.organization, job.id)
    )
