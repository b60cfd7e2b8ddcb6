"""Finds the person that a text means, by id, by userName, or by a part of a name that only one person has."""

import orjson

from scim_server.protocol.normalise import fold, user_name_key
from scim_server.services import suggest
from scim_server.services.errors import AmbiguousPerson, UnknownPerson
from scim_server.store.database.session import Read
from scim_server.store.rows import members, people
from scim_server.store.rows.people import Person

_SHOWN = 5
_COMPARED = 5_000
"""With how many names, at most, a mistyped name is compared."""


def by_id(read: Read, id_: str | None) -> Person | None:
    """The person at whom the previous page ended; None for the first page.

    Raises:
        UnknownPerson: no person has this id.
    """
    if id_ is None:
        return None
    found = people.get(read, id_)
    if found is None:
        raise UnknownPerson(f"this organization has no person with the id '{id_}'")
    return found


def exactly(read: Read, name: str) -> Person:
    """The person with the given id or userName.

    Raises:
        UnknownPerson: no person has this id or userName.
    """
    found = people.get(read, name) or people.by_key(read, user_name_key(name))
    if found is None:
        raise UnknownPerson(f"this organization has no person with the id or userName '{name}'")
    return found


def named(read: Read, name: str) -> Person:
    """The person with the given id or userName, or the only person whose userName or name contains the text.

    Raises:
        UnknownPerson: no person matches; the message suggests similar names.
        AmbiguousPerson: the names of several people contain the text.
    """
    person = people.get(read, name) or people.by_key(read, user_name_key(name))
    if person is not None:
        return person
    found = _containing(read, fold(name.strip()))
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(one.user_name for one in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise AmbiguousPerson(
            f"'{name}' matches {len(found)} people: {shown}{more}. Give a complete userName"
        )
    message = f"this organization has no person called '{name}'"
    raise UnknownPerson(f"{message}{suggest.did_you_mean(_similar(read, name))}")


def _containing(read: Read, part: str) -> list[Person]:
    """The people whose userName, displayName or name contains a text, in upper or lower case."""
    if not part:
        return []
    return [one for one in members.containing(read, part) if any(part in name for name in _names(one))]


def _names(person: Person) -> list[str]:
    parts = orjson.loads(person.document).get("name") or {}
    given = [parts.get(name) or "" for name in ("givenName", "familyName", "formatted")]
    return [
        person.user_name_key,
        person.display_name_key or "",
        *map(fold, given),
        fold(" ".join(given[:2])),
    ]


def _similar(read: Read, name: str) -> list[str]:
    """UserNames that resemble a text. Only the part before the @ and people's names are compared."""
    known: dict[str, str] = {}
    for person in members.members(
        read, status=None, role=None, unconfirmed=False, after=None, limit=_COMPARED
    ):
        for text in (person.user_name.partition("@")[0], *_names(person)[1:]):
            known.setdefault(text.casefold(), person.user_name)
    return list(dict.fromkeys(known[text] for text in suggest.alike(name.partition("@")[0], known)))
