"""API keys of the vendor's app. They have scopes and are valid for all organizations."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scim_server.services.errors import UnknownApiKey
from scim_server.store.rows.api_keys import ApiKey

PREFIX: Final = "ssk_"


class Scope(StrEnum):
    """A permission of a key."""

    SIGN_INS = "sign-ins"
    PEOPLE_READ = "people:read"
    SEATS_READ = "seats:read"
    SEATS_BUY = "seats:buy"


SIGN_INS: Final = Scope.SIGN_INS
PEOPLE_READ: Final = Scope.PEOPLE_READ
SCOPES: Final = tuple(Scope)
USUAL_SCOPES: Final = (Scope.SIGN_INS, Scope.PEOPLE_READ, Scope.SEATS_READ)
"""The default scopes of a key: all scopes except those that cost money."""


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A new key with its secret, which is shown only once."""

    key: ApiKey
    secret: str


def named(keys: list[ApiKey], name: str) -> ApiKey:
    """The active key with the given id or name. An id is preferred, because a name may look like an id.

    Raises:
        UnknownApiKey: no active key has this id or name.
    """
    live = [key for key in keys if key.revoked is None]
    found = [key for key in live if key.id == name] or [key for key in live if key.name == name]
    if not found:
        known = ", ".join(f"{key.name} ({key.id})" for key in live) or "none"
        raise UnknownApiKey(f"an active key '{name}' does not exist. Active keys: {known}")
    return found[0]
