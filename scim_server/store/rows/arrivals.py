"""Many new people, inserted together, and whether their ids are free."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import insert

from scim_server.protocol.user import User
from scim_server.store.database.session import Read, Write
from scim_server.store.rows.people import COLUMNS, MOST_IDS, Person, with_ids
from scim_server.store.tables import people, person_values

_FIELDS: Final = tuple(column.name for column in COLUMNS)


def add_all(write: Write, added: Sequence[tuple[Person, User]]) -> None:
    """Insert many people, and update the organization's counter of people."""
    if not added:
        return
    own = {"organization": write.organization}
    rows = [
        {name: getattr(person, name) for name in _FIELDS} | own | {"search": user.search}
        for person, user in added
    ]
    write.connection.execute(insert(people), rows)
    values = [
        own | {"person": person.id, "attribute": attribute, "position": position, "value": value}
        for person, user in added
        for position, (attribute, value) in enumerate(user.matched)
    ]
    if values:
        write.connection.execute(insert(person_values), values)
    write.clock.people += len(added)


def with_known_ids(read: Read, ids: Sequence[str]) -> dict[str, Person]:
    """The people among the given ids, by id."""
    found: dict[str, Person] = {}
    for start in range(0, len(ids), MOST_IDS):
        found |= {one.id: one for one in with_ids(read, ids[start : start + MOST_IDS])}
    return found
