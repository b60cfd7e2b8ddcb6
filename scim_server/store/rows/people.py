"""People, with one row for each person, for any way in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from orjson import loads
from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, update

from scim_server.protocol.seat_status import SeatStatus
from scim_server.protocol.user import User
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Read, Write
from scim_server.store.tables import group_members, groups, organization_clock, people, person_values
from seat_policy.contract import ANY
from seat_policy.roles import Role
from seat_policy.seat_state import SeatState, Unseated
from seat_policy.ways_in import WayIn


@dataclass(frozen=True, slots=True)
class Person:
    """A row of `people`, without the columns that only serve searches.

    Attributes:
        sequence: the number of the event that created the row, for the order of pages.
        role_mapped: whether a group gave the role; without the group, the role is then lost.
        priority: the priority in the queue; a smaller number is served first.
        prioritised: whether an admin set the priority, for the present wait.
        way_in: the way in which the person became a member.
        unconfirmed: when an admin let the person in from the log; None after the provider has sent the
            person.
        touched: when the provider last sent the person in a write, to within a day.
        document: JSON text with canonical names, without `active`.
        seat: the seat, the place in the queue, or the reason for having neither.
    """

    id: str
    sequence: int
    user_name_key: str
    user_name: str
    external_id: str | None
    display_name_key: str | None
    active: bool
    role: Role
    role_mapped: bool
    priority: int
    prioritised: bool
    way_in: WayIn
    unconfirmed: str | None
    touched: str | None
    created: str
    modified: str
    version: int
    document: str
    seat: SeatState

    @property
    def tier(self) -> str | None:
        """The tier of the person's seat."""
        return self.seat.tier

    @property
    def wants(self) -> str | None:
        """The tier that the person waits for, or `any`."""
        return self.seat.wants

    @property
    def arrival(self) -> int | None:
        """The number of the event that put the person in the queue."""
        return self.seat.arrival

    @property
    def waiting_since(self) -> str | None:
        """When the wait began."""
        return self.seat.waiting_since

    @property
    def unseated(self) -> Unseated | None:
        """Why the active person has no seat and does not wait."""
        return self.seat.unseated

    @property
    def status(self) -> SeatStatus:
        """The seat status. A person with a seat may also wait for another tier."""
        return seat_status(self.active, self.tier, self.wants)

    @property
    def tier_shown(self) -> str | None:
        """The tier of the person's seat, or the tier waited for; None if the person accepts any tier."""
        return seat_tier(self.tier, self.wants)

    def having(self, seat: SeatState) -> "Person":
        """The same person with another seat, place in the queue or reason."""
        return replace(self, seat=seat)

    def described(self, user: User) -> "Person":
        """The same person with the values that a provider now sends, except `active`.

        If only the order of the values differs, the stored text of the document is kept.
        """
        same = user.document == self.document or loads(user.document) == loads(self.document)
        return replace(
            self,
            user_name=user.user_name,
            user_name_key=user.user_name_key,
            external_id=user.external_id,
            display_name_key=user.display_name_key,
            document=self.document if same else user.document,
        )


def seat_status(active: bool, tier: str | None, wants: str | None) -> SeatStatus:  # noqa: FBT001 - as in the row
    """The seat status of the person in a row."""
    if not active:
        return SeatStatus.INACTIVE
    if tier is not None:
        return SeatStatus.SEATED
    return SeatStatus.NONE if wants is None else SeatStatus.WAITING


def seat_tier(tier: str | None, wants: str | None) -> str | None:
    """The tier of the person's seat, or the tier waited for; None if the person accepts any tier."""
    return tier or (None if wants == ANY else wants)


MOST_IDS: Final = 5_000
"""How many parameters one statement may have; every driver allows that many."""
_OWN: Final = tuple(name for name in Person.__dataclass_fields__ if name != "seat")
_FIELDS: Final = (*_OWN, *SeatState.__dataclass_fields__)
COLUMNS: Final = tuple(people.c[name] for name in _FIELDS)
_ROLE: Final = _OWN.index("role")
_WAY_IN: Final = _OWN.index("way_in")
_HERE: Final = people.c.organization == bindparam("org")
_GET: Final = Compiled(select(*COLUMNS).where(_HERE, people.c.id == bindparam("person")))
_BY_KEY: Final = Compiled(select(*COLUMNS).where(_HERE, people.c.user_name_key == bindparam("key")))
_BY_KEYS: Final = select(*COLUMNS).where(_HERE, people.c.user_name_key.in_(bindparam("keys", expanding=True)))
_INSERT: Final = Compiled(
    insert(people).values(
        {name: bindparam(name) for name in (*_FIELDS, "search")} | {"organization": bindparam("org")}
    )
)
_INSERT_MANY: Final = insert(people)
_INSERT_VALUES: Final = insert(person_values)
_CHANGE = (
    update(people)
    .where(_HERE, people.c.id == bindparam("person"), people.c.version == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in _FIELDS if name not in ("id", "sequence", "created")})
)
_UPDATE: Final = Compiled(_CHANGE)
_UPDATE_ALL: Final = Compiled(_CHANGE.values(search=bindparam("new_search", type_=people.c.search.type)))
_MOVED: Final = (
    "active",
    "unconfirmed",
    "role",
    "role_mapped",
    "tier",
    "wants",
    "priority",
    "prioritised",
    "arrival",
    "waiting_since",
    "unseated",
)
_UPDATE_MOVED: Final = (
    update(people)
    .where(_HERE, people.c.id == bindparam("person"), people.c.version == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in (*_MOVED, "version", "modified")})
)
_VALUES_AT_ONCE: Final = 16
"""How many e-mail addresses and phone numbers of a person one statement inserts."""
_DELETE: Final = delete(people).where(_HERE, people.c.id == bindparam("person"))
_FORGET_VALUES: Final = Compiled(
    delete(person_values).where(
        person_values.c.organization == bindparam("org"), person_values.c.person == bindparam("person")
    )
)
_STORED: Final = select(people.c.id, people.c.document).where(_HERE)
_DOCUMENTS: Final = _STORED.where(people.c.id.in_(bindparam("ids", expanding=True)))
_DOCUMENT: Final = Compiled(_STORED.where(people.c.id == bindparam("person")))


def get(read: Read, person: str) -> Person | None:
    """The person with this id."""
    if "\x00" in person:
        return None  # PostgreSQL cannot store this text, so no person can have such an id.
    row = read.first(_GET, {"person": person})
    return person_of(row) if row else None


def by_key(read: Read, user_name_key: str) -> Person | None:
    """The person with this userName, in upper or lower case."""
    row = read.first(_BY_KEY, {"key": user_name_key})
    return person_of(row) if row else None


def by_keys(read: Read, keys: Sequence[str]) -> dict[str, Person]:
    """The userNames that are in use, with the people who have them."""
    found: dict[str, Person] = {}
    for start in range(0, len(keys), MOST_IDS):
        some = list(keys[start : start + MOST_IDS])
        for row in read.connection.execute(_BY_KEYS, {"org": read.organization, "keys": some}):
            person = person_of(row)
            found[person.user_name_key] = person
    return found


def add(write: Write, person: Person, user: User) -> None:
    """Insert a person, and update the organization's counter of people."""
    values: dict[str, Any] = {name: getattr(person, name) for name in _FIELDS}
    values["search"] = user.search
    write.change(_INSERT, values)
    _index(write, person.id, user)
    write.clock.people += 1


def add_all(write: Write, listed: Sequence[tuple[Person, User]]) -> None:
    """Insert many people, and update the organization's counter of people."""
    if not listed:
        return
    org = {"organization": write.organization}
    rows = [
        {name: getattr(person, name) for name in _FIELDS} | {"search": user.search} | org
        for person, user in listed
    ]
    write.connection.execute(_INSERT_MANY, rows)
    values = [
        {"person": person.id, "attribute": attribute, "position": position, "value": value} | org
        for person, user in listed
        for position, (attribute, value) in enumerate(user.matched)
    ]
    if values:
        write.connection.execute(_INSERT_VALUES, values)
    write.clock.people += len(listed)


def change(write: Write, before: Person, after: Person, user: User | None = None) -> Person:
    """Write a changed person, with a new version.

    Args:
        user: the values; None if they did not change.

    The row must not have changed since it was read. The lock should guarantee this; if the row has changed,
    the write fails.
    """
    after = replace(after, version=before.version + 1, modified=write.at)
    values: dict[str, Any] = {f"new_{name}": getattr(after, name) for name in _FIELDS}
    for name in ("id", "sequence", "created"):
        del values[f"new_{name}"]
    values |= {"person": before.id, "seen": before.version}
    if user is None:
        write.change(_UPDATE, values, rows=1)
    else:
        write.change(_UPDATE_ALL, values | {"new_search": user.search}, rows=1)
        write.change(_FORGET_VALUES, {"person": before.id})
        _index(write, before.id, user)
    return after


def change_all(write: Write, changed: Sequence[tuple[Person, Person]]) -> None:
    """Write access, roles, seats and places of many people, given before and after, with new versions.

    Raises:
        RuntimeError: a row has changed since it was read, although the lock should prevent that.
    """
    if not changed:
        return
    rows = [
        {f"new_{name}": getattr(after, name) for name in _MOVED}
        | {"org": write.organization, "person": before.id, "seen": before.version}
        | {"new_version": before.version + 1, "new_modified": write.at}
        for before, after in changed
    ]
    written = write.connection.execute(_UPDATE_MOVED, rows)
    if written.rowcount != len(rows):
        raise RuntimeError(f"{len(rows) - written.rowcount} people changed under the organization's clock")


def remove(write: Write, person: Person) -> None:
    """Delete a person with values and memberships. The person's groups get a new version."""
    membership = select(group_members.c.group_id).where(
        group_members.c.organization == write.organization, group_members.c.person == person.id
    )
    write.connection.execute(
        update(groups)
        .where(groups.c.organization == write.organization, groups.c.id.in_(membership))
        .values(version=groups.c.version + 1, modified=write.at, members=groups.c.members - 1)
    )
    write.connection.execute(_DELETE, {"org": write.organization, "person": person.id})
    write.clock.people -= 1


def _index(write: Write, person: str, user: User) -> None:
    for start in range(0, len(user.matched), _VALUES_AT_ONCE):
        some = user.matched[start : start + _VALUES_AT_ONCE]
        values: dict[str, Any] = {"person": person}
        for number, (attribute, value) in enumerate(some):
            values |= {f"a{number}": attribute, f"p{number}": start + number, f"v{number}": value}
        write.change(_insert_values(len(some)), values)


@cache
def _insert_values(count: int) -> Compiled:
    """The statement that inserts the given number of values of one person."""
    return Compiled(
        insert(person_values).values(
            [
                {
                    "organization": bindparam("org"),
                    "person": bindparam("person"),
                    "attribute": bindparam(f"a{number}"),
                    "position": bindparam(f"p{number}"),
                    "value": bindparam(f"v{number}"),
                }
                for number in range(count)
            ]
        )
    )


def person_of(row: Sequence[Any]) -> Person:
    """A person from a row that begins with COLUMNS."""
    values = [*row[: len(_OWN)], seat_of(row[len(_OWN) : len(COLUMNS)])]
    values[_ROLE], values[_WAY_IN] = Role(values[_ROLE]), WayIn(values[_WAY_IN])
    return Person(*values)


def seat_of(columns: Sequence[Any]) -> SeatState:
    """A seat state from columns in the order of its fields."""
    values = list(columns)
    if values[-1] is not None:
        values[-1] = Unseated(values[-1])
    return SeatState(*values)


def count(read: Read, condition: ColumnElement[bool] | None) -> int:
    """How many people match a condition; without a condition, the counter of the organization."""
    if condition is None:
        query = select(organization_clock.c.people).where(
            organization_clock.c.organization == bindparam("org")
        )
    else:
        query = select(func.count()).where(_HERE, condition)
    return int(read.connection.execute(query, {"org": read.organization}).scalar_one())


def with_ids(read: Read, ids: Sequence[str]) -> list[Person]:
    """The ids from the list that are people of the organization."""
    query = select(*COLUMNS).where(people.c.organization == read.organization, people.c.id.in_(ids))
    return [person_of(row) for row in read.connection.execute(query)]


def documents(read: Read, ids: Iterable[str]) -> dict[str, str]:
    """The documents of the people of the organization that have one of the ids."""
    wanted = list(ids)
    rows: Iterable[Sequence[Any]]
    if len(wanted) == 1:
        rows = read.rows(_DOCUMENT, {"person": wanted[0]})
    else:
        rows = read.connection.execute(_DOCUMENTS, {"org": read.organization, "ids": wanted})
    return {row[0]: row[1] for row in rows}
