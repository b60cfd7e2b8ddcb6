"""Queries of imports: previews, reports, and the list of imports."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scim_server.services.context import Context
from scim_server.services.errors import UnknownImport
from scim_server.services.imports import preview as previews
from scim_server.services.imports.people import DIFFERENT, REFUSED, WAITING
from scim_server.services.imports.preview import Preview, Problem
from scim_server.services.imports.staging import BATCH, ERROR
from scim_server.services.left_out.summary import Summary, summarise
from scim_server.store.database.session import Read
from scim_server.store.rows import imports, organizations, staged
from scim_server.store.rows.imports import Import
from scim_server.store.rows.people import Person
from scim_server.store.rows.staged import Entry

__all__ = ["Import", "Preview", "Problem", "Report", "every", "get", "left_out", "preview", "report"]

MOST: Final = 1_000
"""How many entries of each kind a report lists."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did.

    Attributes:
        organization: its slug.
        entries: how many entries of each kind the source has.
        left_out: the people who wait or were refused, in the order of the source.
        different: people and groups who are here with other values.
        problems: entries that were not imported.
        gone: people of earlier imports whom this source does not have.
        summary: everybody in the organization who is left out, and the price of letting them in.
    """

    organization: str
    job: Import
    entries: dict[str, int]
    left_out: tuple[Entry, ...]
    different: tuple[Entry, ...]
    problems: tuple[Entry, ...]
    gone: tuple[Person, ...]
    summary: Summary

    @property
    def done(self) -> int:
        """How many people were carried out."""
        counts = self.job.counts
        names = ("created", "here", "different", "updated", "refused", "errors")
        return sum(counts.get(f"people.{name}", 0) for name in names)


def every(context: Context) -> list[Import]:
    """All imports, newest first."""
    with context.read() as read:
        return imports.every(read)


def get(context: Context, job_id: str) -> Import:
    """One import.

    Raises:
        UnknownImport: the import does not exist.
    """
    with context.read() as read:
        return _get(read, job_id)


def _get(read: Read, job_id: str) -> Import:
    job = imports.get(read, job_id)
    if job is None:
        raise UnknownImport(f"this organization has no import {job_id}")
    return job


def preview(context: Context, job_id: str) -> Preview:
    """What an import would do now, without any write.

    Raises:
        UnknownImport: the import does not exist.
    """
    return previews.preview(context, get(context, job_id))


def report(context: Context, job_id: str) -> Report:
    """What an import did, and the price of letting in everybody who is left out.

    Raises:
        UnknownImport: the import does not exist.
    """
    moment = context.database.now()
    with context.read() as read:
        job = _get(read, job_id)
        return Report(
            organization=organizations.get(read).slug,
            job=job,
            entries=staged.counted(read, job_id),
            left_out=tuple(staged.with_outcome(read, job_id, (WAITING, REFUSED), 0, MOST)),
            different=tuple(staged.with_outcome(read, job_id, (DIFFERENT,), 0, MOST)),
            problems=tuple(staged.with_outcome(read, job_id, (ERROR,), 0, MOST)),
            gone=tuple(staged.gone(read, job_id, MOST)),
            summary=summarise(read, moment),
        )


def left_out(context: Context, job_id: str) -> Iterator[Entry]:
    """All people of an import who wait or were refused, in the order of the source."""
    start = 0
    while True:
        with context.read() as read:
            some = staged.with_outcome(read, job_id, (WAITING, REFUSED), start, BATCH)
        if not some:
            return
        yield from some
        start += len(some)
