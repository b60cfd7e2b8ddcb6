"""Earlier names of deleted people, and of people that Entra ID renamed in a soft deletion."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, insert, select

from scim_server.protocol import soft_deletion
from scim_server.protocol.normalise import user_name_key
from scim_server.store.database.session import Read, Write
from scim_server.store.rows.people import MOST_IDS, Person
from scim_server.store.tables import former_people


def remember(write: Write, person: Person, sequence: int) -> None:
    """Store the name and id of a deleted person, so that the person's history can be found."""
    known = before_soft_deletion(write, person)
    if known is not person:
        forget(write, [person.id])
    _add(write, person.id, known.user_name_key, sequence)


def follow(write: Write, before: Person, after: Person, sequence: int) -> None:
    """Store the name from before a soft deletion, and remove it when the person gets another name."""
    if soft_deletion.is_of(after.user_name_key, before.user_name_key):
        forget(write, [before.id])
        _add(write, before.id, before.user_name_key, sequence)
    elif soft_deletion.without_prefix(before.user_name_key) is not None:
        forget(write, [before.id])


def before_soft_deletion(read: Read, person: Person) -> Person:
    """The person with the name from before a soft deletion; the same person if there was no soft deletion."""
    rest = soft_deletion.without_prefix(person.user_name)
    if rest is None:
        return person
    query = select(former_people.c.user_name_key).where(
        former_people.c.organization == read.organization, former_people.c.person == person.id
    )
    key = user_name_key(rest)
    if read.connection.execute(query).scalar() != key:
        return person
    return replace(person, user_name=rest, user_name_key=key)


def forget(write: Write, ids: Sequence[str]) -> None:
    """Remove the earlier names of people who have these names again, with the same ids."""
    for start in range(0, len(ids), MOST_IDS):
        some = former_people.c.person.in_(ids[start : start + MOST_IDS])
        write.connection.execute(
            delete(former_people).where(former_people.c.organization == write.organization, some)
        )


def ids_with(read: Read, part: str, limit: int) -> list[str]:
    """Ids of deleted people whose name contained a text, which is folded."""
    query = select(former_people.c.person).where(
        former_people.c.organization == read.organization,
        former_people.c.user_name_key.contains(part, autoescape=True),
    )
    return list(read.connection.execute(query.limit(limit)).scalars())


def ids_of(read: Read, key: str) -> list[str]:
    """The earlier ids of people with this name, oldest first."""
    query = (
        select(former_people.c.person)
        .where(former_people.c.organization == read.organization, former_people.c.user_name_key == key)
        .order_by(former_people.c.sequence)
    )
    return list(read.connection.execute(query).scalars())


def among(read: Read, ids: Sequence[str]) -> set[str]:
    """The ids from the list that deleted people had."""
    found = set[str]()
    for start in range(0, len(ids), MOST_IDS):
        some = former_people.c.person.in_(ids[start : start + MOST_IDS])
        query = select(former_people.c.person).where(former_people.c.organization == read.organization, some)
        found |= set(read.connection.execute(query).scalars())
    return found


def _add(write: Write, person: str, key: str, sequence: int) -> None:
    row = {"organization": write.organization, "person": person, "user_name_key": key, "sequence": sequence}
    write.connection.execute(insert(former_people), row)
