"""Imports: what is moved in, from where, and how far it got."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Read, Write
from scim_server.store.tables import imports

OPEN: Final = ("reading", "ready", "running")
"""The states of an import that is not finished."""


@dataclass(frozen=True, slots=True)
class Import:
    """A row of `imports`.

    Attributes:
        source: the name of the file, or the URL of the server.
        digest: the digest of the file or of the URL.
        options: how the entries are treated.
        state: `reading`, `ready`, `running`, `done` or `cancelled`.
        reading: how far the source was read.
        phase: the kind of work that is being done.
        position: the last entry that is done in this phase.
        member: the last member that is done in the next group.
        counts: the results so far, by name.
        actor: the actor who started it.
        created, changed: when it was started and when it last went on.
    """

    id: str
    source: str
    digest: str
    options: Mapping[str, Any]
    state: str
    reading: Mapping[str, Any]
    phase: str
    position: int
    member: int
    counts: Mapping[str, int]
    actor: str
    created: str
    changed: str

    @property
    def is_open(self) -> bool:
        """Whether the import is not finished."""
        return self.state in OPEN

    @property
    def people(self) -> dict[str, int]:
        """The results of people."""
        return self._of("people.")

    @property
    def groups(self) -> dict[str, int]:
        """The results of groups."""
        return self._of("groups.")

    @property
    def members(self) -> dict[str, int]:
        """The results of members."""
        return self._of("members.")

    def _of(self, prefix: str) -> dict[str, int]:
        return {name.removeprefix(prefix): n for name, n in self.counts.items() if name.startswith(prefix)}


_FIELDS: Final = tuple(Import.__dataclass_fields__)
_COLUMNS: Final = tuple(imports.c[name] for name in _FIELDS)
_HERE: Final = imports.c.organization == bindparam("org")
_GET: Final = Compiled(select(*_COLUMNS).where(_HERE, imports.c.id == bindparam("job")))
_CHANGED: Final = ("state", "reading", "phase", "position", "member", "counts", "changed")
_CHANGE: Final = (
    update(imports)
    .where(_HERE, imports.c.id == bindparam("job"))
    .values({name: bindparam(f"new_{name}", type_=imports.c[name].type) for name in _CHANGED})
)
_GO_ON: Final = Compiled(_CHANGE)


def get(read: Read, job: str) -> Import | None:
    """The import with this id."""
    row = read.first(_GET, {"job": job})
    return Import(*row) if row else None


def every(read: Read) -> list[Import]:
    """All imports of the organization, newest first."""
    query = select(*_COLUMNS).where(imports.c.organization == read.organization)
    rows = read.connection.execute(query.order_by(imports.c.created.desc(), imports.c.id))
    return [Import(*row) for row in rows]


def running(connection: Connection) -> list[tuple[str, Import]]:
    """The imports of all organizations that are being carried out, with the organizations."""
    query = select(imports.c.organization, *_COLUMNS).where(imports.c.state == "running")
    return [(row[0], Import(*row[1:])) for row in connection.execute(query)]


def add(connection: Connection, organization: str, job: Import) -> None:
    """Insert an import."""
    values = {name: getattr(job, name) for name in _FIELDS}
    connection.execute(insert(imports), values | {"organization": organization})


def save(connection: Connection, organization: str, job: Import) -> None:
    """Write how far an import got, outside a unit of work of the organization."""
    connection.execute(_CHANGE, _values(job) | {"org": organization})


def go_on(write: Write, job: Import) -> Import:
    """Write how far an import got, in the same transaction as its work."""
    after = replace(job, changed=write.at)
    write.change(_GO_ON, _values(after), rows=1)
    return after


def _values(job: Import) -> dict[str, Any]:
    return {"job": job.id, **{f"new_{name}": getattr(job, name) for name in _CHANGED}}


def remove(connection: Connection, organization: str, job: str) -> None:
    """Delete an import with its entries; the people and groups stay."""
    connection.execute(delete(imports).where(imports.c.organization == organization, imports.c.id == job))
