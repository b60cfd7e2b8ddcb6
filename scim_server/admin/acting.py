"""What bodies of changes have in common: the Owner for whom the app acts, and the confirmation code."""

from typing import Any

from scim_server.admin import auth
from scim_server.admin.parsing import Input, text
from scim_server.admin.routes import Confirmed
from scim_server.services.context import Context
from scim_server.services.people import queries


class ByOwner(Input):
    """The Owner for whom the app acts."""

    owner = text(
        load_default=None,
        about="The id or userName of the Owner for whom the app acts. The history then names this Owner, and "
        "the Owner's role limits the change. Without it, the history names the API key.",
    )


class Acting(ByOwner, Confirmed):
    """The fields of every change of seats and people."""


def context_of(body: dict[str, Any]) -> Context:
    """The organization in the address, and the actor of a change."""
    return auth.context(owner=body["owner"])


def person_of(name: str) -> str:
    """The id of the person with this id or userName. Commands would also accept a part of a name.

    Raises:
        UnknownPerson: no person has this id or userName.
    """
    return queries.id_of(auth.context(), name)
