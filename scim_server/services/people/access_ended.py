"""The vendor's app says that it has ended the access of a person who was deprovisioned."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from scim_server.services.errors import AccessNotEnded, UnknownPerson
from scim_server.store.database.session import Write
from scim_server.store.rows import access_ended, people

WITHIN: Final = timedelta(minutes=5)
"""The time in which an app should end the access."""


@dataclass(frozen=True, slots=True)
class AccessEnded:
    """What the app has said.

    Attributes:
        number: the number of the event that ended the access here.
        at: when the app said so first.
    """

    person: str
    number: int
    at: str


def acknowledge(write: Write, person: str) -> AccessEnded:
    """Record that the app has ended the access of a person. A repetition changes nothing.

    Raises:
        UnknownPerson: no person has this id.
        AccessNotEnded: the person is active, or never had access.
    """
    found = people.get(write, person)
    if found is None:
        raise UnknownPerson(f"this organization has no person with the id '{person[:100]}'")
    number = access_ended.last_end(write, person)
    if found.active or number is None:
        raise AccessNotEnded(f"the access of {found.user_name} has not ended")
    before = access_ended.acknowledged(write, number)
    if before is None:
        access_ended.acknowledge(write, person, number)
    return AccessEnded(person, number, before or write.at)
