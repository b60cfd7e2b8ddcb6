"""Every type of event with its class."""

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Final

from scim_server.history import (
    access,
    contracts,
    domains,
    groups,
    invitations,
    mappings,
    organizations,
    people,
    removals,
    resources,
    seat_requests,
    seats,
    sso,
    webhooks,
)
from scim_server.history.event import Event

FAMILIES: Final = (
    people,
    seats,
    seat_requests,
    contracts,
    invitations,
    groups,
    mappings,
    removals,
    organizations,
    access,
    sso,
    domains,
    resources,
    webhooks,
)
"""The modules that define events, in the order of the catalogue."""


def _defined_in(module: ModuleType) -> Iterator[type[Event]]:
    """The event types of a module. Classes that only share fields have no type."""
    for one in vars(module).values():
        if isinstance(one, type) and issubclass(one, Event) and "type" in vars(one):
            yield one


CATALOGUE: Final[Mapping[str, type[Event]]] = {
    event.type: event for module in FAMILIES for event in _defined_in(module)
}
"""The class of each type of event."""


class UnknownEvent(LookupError):
    """The catalogue has no event of this type."""


def parse(type_: str, payload: Mapping[str, Any], **envelope: Any) -> Event:  # noqa: ANN401 - as `Event.read`
    """The event with a stored type and payload.

    Args:
        envelope: the common fields; without them, the event has no person, group, reason and so on.

    Raises:
        UnknownEvent: the catalogue has no event of this type.
    """
    try:
        event = CATALOGUE[type_]
    except KeyError:
        raise UnknownEvent(type_) from None
    return event.read(payload, **envelope)
