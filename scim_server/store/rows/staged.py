"""The entries of imports, and the members of their groups, as the source gave them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, insert, select, update

from scim_server.store.database.session import Read, Write
from scim_server.store.rows import imports
from scim_server.store.rows.imports import Import
from scim_server.store.rows.people import COLUMNS, MOST_IDS, Person, person_of
from scim_server.store.tables import group_members, group_subgroups, import_entries, import_members, people
from seat_policy.ways_in import WayIn

PERSON: Final = "person"
GROUP: Final = "group"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of `import_entries`.

    Attributes:
        kind: `schema`, `person`, `group` or `resource`.
        position: the place among the entries of its kind, from 1.
        source_id: the id in the source, or a text that stands for it.
        key: the userName or displayName in the form for comparison.
        target: the id in this organization.
        line: the line or entry of the file; None if the source is a server.
        body: the values as JSON text.
        outcome: the result; None if the entry was not carried out, or was simply created.
        detail: why, as a sentence.
    """

    kind: str
    position: int
    source_id: str
    key: str | None
    target: str
    line: int | None
    body: str | None
    outcome: str | None = None
    detail: str | None = None

    @property
    def attributes(self) -> list[str]:
        """The names in the detail of a person or group who is here with other values."""
        return (self.detail or "").split(", ")

    @property
    def given_id(self) -> str | None:
        """The id in the source; None if the source gives none."""
        return None if self.source_id == stand_in(self.kind, self.position) else self.source_id


def stand_in(kind: str, position: int) -> str:
    """The text that stands for the id of an entry to which the source gives none."""
    return f"{kind} {position}"


_FIELDS: Final = tuple(Entry.__dataclass_fields__)
_COLUMNS: Final = tuple(import_entries.c[name] for name in _FIELDS)
_MEMBER: Final = ("group_position", "number", "member")


def _of(read: Read, job: str) -> Select[Any]:
    return select(*_COLUMNS).where(
        import_entries.c.organization == read.organization, import_entries.c.job == job
    )


def add(
    connection: Connection,
    organization: str,
    job: Import,
    entries: Sequence[Entry],
    members: Sequence[tuple[int, int, str]],
) -> None:
    """Insert entries and members of groups, and write how far the source was read.

    Args:
        members: the position of the group, the number of the member in the group, and the member's id in the
            source.
    """
    imports.save(connection, organization, job)
    own = {"organization": organization, "job": job.id}
    if entries:
        rows = [{name: getattr(one, name) for name in _FIELDS} | own for one in entries]
        connection.execute(insert(import_entries), rows)
    if members:
        rows = [dict(zip(_MEMBER, one, strict=True)) | own for one in members]
        connection.execute(insert(import_members), rows)


def after(read: Read, job: str, kind: str, position: int, limit: int) -> list[Entry]:
    """The next entries of a kind, in the order of the source."""
    query = _of(read, job).where(import_entries.c.kind == kind, import_entries.c.position > position)
    rows = read.connection.execute(query.order_by(import_entries.c.position).limit(limit))
    return [Entry(*row) for row in rows]


def by_source(read: Read, job: str, kind: str, ids: Iterable[str]) -> dict[str, Entry]:
    """The entries with these ids in the source; the first one if an id occurs twice."""
    return _by(read, job, kind, "source_id", ids)


def by_target(read: Read, job: str, kind: str, ids: Iterable[str]) -> dict[str, Entry]:
    """The entries whose people or groups have these ids here."""
    return _by(read, job, kind, "target", ids)


def by_key(read: Read, job: str, kind: str, keys: Iterable[str]) -> dict[str, Entry]:
    """The first entries with these names, in the form for comparison."""
    return _by(read, job, kind, "key", keys)


def _by(read: Read, job: str, kind: str, column: str, values: Iterable[str]) -> dict[str, Entry]:
    listed, found = list(values), dict[str, Entry]()
    for start in range(0, len(listed), MOST_IDS):
        some = import_entries.c[column].in_(listed[start : start + MOST_IDS])
        query = _of(read, job).where(import_entries.c.kind == kind, some)
        for row in read.connection.execute(query.order_by(import_entries.c.position)):
            entry = Entry(*row)
            found.setdefault(getattr(entry, column), entry)
    return found


def counted(read: Read, job: str) -> dict[str, int]:
    """How many entries of each kind the source has."""
    query = (
        select(import_entries.c.kind, func.count())
        .where(import_entries.c.organization == read.organization, import_entries.c.job == job)
        .group_by(import_entries.c.kind)
    )
    return {row[0]: row[1] for row in read.connection.execute(query)}


def last_position(read: Read, job: str, kind: str) -> int:
    """The position of the last entry of a kind; 0 if there is none."""
    query = select(func.max(import_entries.c.position)).where(
        import_entries.c.organization == read.organization,
        import_entries.c.job == job,
        import_entries.c.kind == kind,
    )
    return int(read.connection.execute(query).scalar() or 0)


def settle(write: Write, job: str, entries: Sequence[Entry]) -> None:
    """Write the results of entries, and the ids that they have here."""
    if entries:
        statement = (
            update(import_entries)
            .where(
                import_entries.c.organization == write.organization,
                import_entries.c.job == job,
                import_entries.c.kind == bindparam("of_kind"),
                import_entries.c.position == bindparam("at"),
            )
            .values(
                outcome=bindparam("new_outcome"),
                detail=bindparam("new_detail"),
                target=bindparam("new_target"),
            )
        )
        rows = [
            {"of_kind": one.kind, "at": one.position}
            | {"new_outcome": one.outcome, "new_detail": one.detail, "new_target": one.target}
            for one in entries
        ]
        write.connection.execute(statement, rows)


def with_outcome(read: Read, job: str, outcomes: Sequence[str], start: int, limit: int) -> list[Entry]:
    """The entries with one of these results, people first, in the order of the source."""
    query = _of(read, job).where(import_entries.c.outcome.in_(outcomes))
    order = (import_entries.c.kind.desc(), import_entries.c.position)
    return [Entry(*row) for row in read.connection.execute(query.order_by(*order).offset(start).limit(limit))]


@dataclass(frozen=True, slots=True)
class StagedMember:
    """A member of a group of the source.

    Attributes:
        entry: the person or group; None if the source has no such person or group.
    """

    group_position: int
    number: int
    member: str
    entry: Entry | None


def members_after(read: Read, job: str, group_position: int, number: int, limit: int) -> list[StagedMember]:
    """The next members of a group, in the order of the source."""
    query = (
        select(import_members.c.number, import_members.c.member)
        .where(
            import_members.c.organization == read.organization,
            import_members.c.job == job,
            import_members.c.group_position == group_position,
            import_members.c.number > number,
        )
        .order_by(import_members.c.number)
        .limit(limit)
    )
    rows = [(row[0], row[1]) for row in read.connection.execute(query)]
    ids = {member for _, member in rows}
    persons = by_source(read, job, PERSON, ids)
    groups = by_source(read, job, GROUP, ids - set(persons))
    return [
        StagedMember(group_position, at, member, persons.get(member) or groups.get(member))
        for at, member in rows
    ]


def groups_of(read: Read, job: str, members: Iterable[str]) -> Mapping[str, list[int]]:
    """The positions of the groups of which people or groups of the source are members, by their ids there."""
    listed, found = list(members), dict[str, list[int]]()
    for start in range(0, len(listed), MOST_IDS):
        some = import_members.c.member.in_(listed[start : start + MOST_IDS])
        query = select(import_members.c.member, import_members.c.group_position).where(
            import_members.c.organization == read.organization, import_members.c.job == job, some
        )
        for member, position in read.connection.execute(query):
            found.setdefault(member, []).append(position)
    return found


def nested(read: Read, job: str) -> list[tuple[int, int]]:
    """The positions of each group of the source that is a member, and of the group that contains it."""
    query = (
        select(import_entries.c.position, import_members.c.group_position)
        .join(
            import_members,
            and_(
                import_members.c.organization == import_entries.c.organization,
                import_members.c.job == import_entries.c.job,
                import_members.c.member == import_entries.c.source_id,
            ),
        )
        .where(
            import_entries.c.organization == read.organization,
            import_entries.c.job == job,
            import_entries.c.kind == GROUP,
        )
    )
    return [(row[0], row[1]) for row in read.connection.execute(query)]


def not_in_source(read: Read, job: str, group: str, group_position: int, limit: int) -> list[str]:
    """Members of a group here that are not members of it in the source."""
    staged = (
        select(import_entries.c.target)
        .join(
            import_members,
            and_(
                import_members.c.organization == import_entries.c.organization,
                import_members.c.job == import_entries.c.job,
                import_members.c.member == import_entries.c.source_id,
            ),
        )
        .where(
            import_entries.c.organization == read.organization,
            import_entries.c.job == job,
            import_members.c.group_position == group_position,
        )
    )
    found: list[str] = []
    for table, column in ((group_members, "person"), (group_subgroups, "subgroup")):
        query = select(table.c[column]).where(
            table.c.organization == read.organization,
            table.c.group_id == group,
            table.c[column].not_in(staged),
        )
        found += read.connection.execute(query.limit(limit)).scalars()
    return found[:limit]


def repeated(read: Read, job: str, kind: str, column: str) -> list[tuple[Entry, Entry]]:
    """The entries whose name or id an earlier entry of the same kind has, each with the first of these."""
    own = import_entries.c[column]
    twice = (
        select(own)
        .where(
            import_entries.c.organization == read.organization,
            import_entries.c.job == job,
            import_entries.c.kind == kind,
            own.is_not(None),
        )
        .group_by(own)
        .having(func.count() > 1)
    )
    values = list(read.connection.execute(twice).scalars())
    first, again = dict[str, Entry](), list[tuple[Entry, Entry]]()
    for start in range(0, len(values), MOST_IDS):
        some = own.in_(values[start : start + MOST_IDS])
        query = _of(read, job).where(import_entries.c.kind == kind, some)
        for row in read.connection.execute(query.order_by(import_entries.c.position)):
            entry = Entry(*row)
            before = first.setdefault(getattr(entry, column), entry)
            if before is not entry:
                again.append((entry, before))
    return again


def strip(write: Write, job: str, position: int, limit: int) -> bool:
    """Delete the values of the next entries of each kind, or of the members of the next groups.

    Returns:
        Whether nothing is left.
    """
    of_job = (import_entries.c.organization == write.organization) & (import_entries.c.job == job)
    later = import_entries.c.position > position
    part = later & (import_entries.c.position <= position + limit)
    stripped = write.connection.execute(update(import_entries).where(of_job, part).values(body=None)).rowcount
    members = (import_members.c.organization == write.organization) & (import_members.c.job == job)
    group = write.connection.execute(
        select(func.min(import_members.c.group_position)).where(members)
    ).scalar()
    if group is not None:
        last = select(import_members.c.number).where(members, import_members.c.group_position == group)
        numbers = list(
            write.connection.execute(last.order_by(import_members.c.number).limit(limit)).scalars()
        )
        first = (import_members.c.group_position == group) & (import_members.c.number <= numbers[-1])
        write.connection.execute(delete(import_members).where(members, first))
    return not stripped and group is None


def gone(read: Read, job: str, limit: int) -> list[Person]:
    """People whom an import created and whom the source of this import does not have."""
    staged_ = select(import_entries.c.target).where(
        import_entries.c.organization == read.organization,
        import_entries.c.job == job,
        import_entries.c.kind == PERSON,
    )
    query = select(*COLUMNS).where(
        people.c.organization == read.organization,
        people.c.way_in == WayIn.IMPORT,
        people.c.id.not_in(staged_),
    )
    return [person_of(row) for row in read.connection.execute(query.order_by(people.c.sequence).limit(limit))]


def forget(connection: Connection, organization: str, job: str, kind: str, ids: Sequence[str]) -> None:
    """Delete entries that the source no longer has, by their ids in the source."""
    connection.execute(
        delete(import_entries).where(
            import_entries.c.organization == organization,
            import_entries.c.job == job,
            import_entries.c.kind == kind,
            import_entries.c.source_id.in_(ids),
        )
    )
