"""Reads another server completely, although people are created, deleted and renamed there meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from scim_server.remote.errors import NotOffered, RemoteError
from scim_server.remote.reader import Page, Reader
from scim_server.services.context import Context
from scim_server.services.errors import UnreadableSource
from scim_server.services.imports import found, staging
from scim_server.services.imports.staging import Staging
from scim_server.store.database.session import Write
from scim_server.store.rows import imports, staged
from scim_server.store.rows.imports import Import
from scim_server.store.rows.staged import GROUP, PERSON

_LISTS: Final = (("/Users", PERSON), ("/Groups", GROUP))
_PASSES: Final = 4
"""How often the ids are read again at most, until nobody is missing."""
_MOST_UNSEEN: Final = 1_000
"""How many resources are asked for one by one, because they were not in the list when it was read again."""
Progress = Callable[[str, int, int | None], None]
"""Called with what is read, how many are read, and how many there are."""


def read_server(context: Context, job: Import, reader: Reader, progress: Progress) -> Import:
    """Store everything that another server lists, from where the reading is.

    Raises:
        UnreadableSource: the server cannot be read; the reading can go on later.
    """
    reading = _Reading(context, job, reader, progress)
    try:
        for endpoint, kind in _LISTS:
            reading.read(endpoint, kind)
    except RemoteError as error:
        raise UnreadableSource(str(error)) from None
    return reading.staging.job


class _Reading:
    """The reading of one server.

    Attributes:
        staging: stores what is read.
    """

    def __init__(self, context: Context, job: Import, reader: Reader, progress: Progress) -> None:
        self.context, self.reader, self.progress = context, reader, progress
        self.staging = Staging.continued(context, job)
        self._place: dict[str, Any] = dict(job.reading)

    def read(self, endpoint: str, kind: str) -> None:
        """Read one list, and then again the ids of those who moved between its pages."""
        if self._place.get(endpoint) == "complete":
            return
        try:
            for page in self.reader.pages(endpoint, self._place.get(endpoint)):
                self._take(endpoint, kind, page)
        except NotOffered:
            if endpoint == "/Users":
                raise
            return  # Groups are then those that people name.
        for _ in range(_PASSES):
            missed, gone = self._compare(endpoint, kind)
            self._forget(kind, gone)
            if not missed:
                break
        self._place[endpoint] = "complete"
        self.staging.flush(self._place)

    def _take(self, endpoint: str, kind: str, page: Page) -> None:
        known = self._known(kind, [str(one.get("id")) for one in page.resources])
        for one in page.resources:
            if str(one.get("id")) not in known:
                known.add(str(one.get("id")))
                self._one(endpoint, kind, one)
        self._place[endpoint] = page.place or {"start": self.staging.positions.get(kind, 0) + 1}
        self.staging.flush(self._place)
        self.progress(kind, self.staging.positions.get(kind, 0), page.total)

    def _one(self, endpoint: str, kind: str, resource: dict[str, Any]) -> None:
        """Store a resource. Some servers leave members out of lists, so the group is then read alone."""
        if kind == PERSON:
            self.staging.take(found.person(resource))
            return
        if not any(name.lower() == "members" for name in resource) and isinstance(resource.get("id"), str):
            resource = self.reader.one(endpoint, resource["id"]) or resource
        self.staging.take(found.group(resource))

    def _known(self, kind: str, ids: list[str]) -> set[str]:
        with self.context.read() as read:
            return set(staged.by_source(read, self.staging.job.id, kind, ids))

    def _compare(self, endpoint: str, kind: str) -> tuple[int, list[str]]:
        """Read the ids again; return how many resources were missed, and the ids that no longer exist.

        A deletion on an early page moves the next people to pages that were already read. A total alone does
        not show this if another person was created meanwhile.
        """
        missed, seen = 0, set[str]()
        for some in _in_parts(self.reader.ids(endpoint)):
            seen.update(some)
            for id_ in set(some) - self._known(kind, some):
                resource = self.reader.one(endpoint, id_)
                if resource is not None:
                    missed += 1
                    self._one(endpoint, kind, resource)
            self.staging.flush()
        unseen = [one.source_id for one in self._staged(kind) if one.source_id not in seen]
        if len(unseen) > _MOST_UNSEEN:
            return missed, []  # The second list is not complete, so it proves nothing.
        return missed, [one for one in unseen if self.reader.one(endpoint, one) is None]

    def _staged(self, kind: str) -> Iterator[staged.Entry]:
        return staging.every(self.context, self.staging.job.id, kind)

    def _forget(self, kind: str, ids: list[str]) -> None:
        """Remove what was deleted while the server was read."""
        for start in range(0, len(ids), staging.BATCH):
            self._forget_some(kind, ids[start : start + staging.BATCH])

    def _forget_some(self, kind: str, ids: list[str]) -> None:
        organization, job = self.context.organization, self.staging.job.id
        self.context.database.write_unnumbered(
            lambda connection: staged.forget(connection, organization, job, kind, ids)
        )


def _in_parts(ids: Iterator[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for id_ in ids:
        part.append(id_)
        if len(part) >= staging.BATCH:
            yield part
            part = []
    if part:
        yield part


def finish(context: Context, job: Import) -> Import:
    """Complete the reading: store the groups that only people name, and mark repeated entries."""
    staging.imply_groups(Staging.continued(context, job))

    def work(write: Write) -> Import:
        staging.refuse_repeated(write, job.id)
        return imports.go_on(write, replace(job, state="ready"))

    return context.write(work)
