"""Resources of custom types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, update

from scim_server.protocol.attributes import JSON
from scim_server.store.database.session import Read, Write
from scim_server.store.tables import resources


@dataclass(frozen=True, slots=True)
class Resource:
    """A row of `resources`, without the columns that only serve searches.

    Attributes:
        type: the name of the resource type.
        document: JSON text with canonical names.
    """

    id: str
    type: str
    sequence: int
    external_id: str | None
    created: str
    modified: str
    version: int
    document: str


_FIELDS: Final = tuple(Resource.__dataclass_fields__)
COLUMNS: Final = tuple(resources.c[name] for name in _FIELDS)


def _one(read: Read, type_: str, id_: str) -> ColumnElement[bool]:
    here = resources.c.organization == read.organization
    return here & (resources.c.id == id_) & (resources.c.type == type_)


def get(read: Read, type_: str, id_: str) -> Resource | None:
    """The resource of a type with this id."""
    if "\x00" in id_:
        return None  # PostgreSQL cannot store this text, so no resource can have such an id.
    row = read.connection.execute(select(*COLUMNS).where(_one(read, type_, id_))).first()
    return Resource(*row) if row else None


def of_type(name: str) -> ColumnElement[bool]:
    """The condition that a row is a resource of a type."""
    return resources.c.type == name


def of(row: Sequence[Any]) -> Resource:
    """A resource from a row that begins with COLUMNS."""
    return Resource(*row[: len(COLUMNS)])


def with_ids(read: Read, ids: Sequence[str]) -> list[Resource]:
    """The ids from the list that are resources of custom types of the organization."""
    query = select(*COLUMNS).where(resources.c.organization == read.organization, resources.c.id.in_(ids))
    return [of(row) for row in read.connection.execute(query)]


def add(write: Write, resource: Resource, search: Mapping[str, JSON]) -> None:
    """Insert a resource."""
    values: dict[str, Any] = {name: getattr(resource, name) for name in _FIELDS}
    write.connection.execute(
        insert(resources), values | {"organization": write.organization, "search": search}
    )


def change(write: Write, before: Resource, after: Resource, search: Mapping[str, JSON]) -> Resource:
    """Write a changed resource, with a new version."""
    after = replace(after, version=before.version + 1, modified=write.at)
    values: dict[str, Any] = {name: getattr(after, name) for name in _FIELDS}
    write.connection.execute(
        update(resources).where(_one(write, before.type, before.id)).values(values | {"search": search})
    )
    return after


def remove(write: Write, resource: Resource) -> None:
    """Delete a resource."""
    write.connection.execute(delete(resources).where(_one(write, resource.type, resource.id)))


def count(read: Read, type_: str, condition: ColumnElement[bool] | None) -> int:
    """How many resources of a type match a condition."""
    query = select(func.count()).where(
        resources.c.organization == bindparam("org"), resources.c.type == type_
    )
    if condition is not None:
        query = query.where(condition)
    return int(read.connection.execute(query, {"org": read.organization}).scalar_one())
