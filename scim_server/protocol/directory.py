"""The resource types of one organization, including custom types, and the readers of their bodies."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from scim_server.protocol.attributes import ResourceType, Schema
from scim_server.protocol.dialects import tolerances
from scim_server.protocol.resources import GROUP, user_type
from scim_server.protocol.schemas import ResourceSchema


class Directory:
    """Resource types and readers of an organization's SCIM API, built once per version of its schemas."""

    def __init__(
        self,
        user_extensions: Sequence[Schema] = (),
        group_extensions: Sequence[Schema] = (),
        own: Sequence[ResourceType] = (),
    ) -> None:
        self._users = {
            seats: _extended(user_type(seat_extension=seats), user_extensions) for seats in (False, True)
        }
        self.group: Final = _extended(GROUP, group_extensions)
        self._own = {one.endpoint.lower(): one for one in own}
        self._readers: dict[tuple[int, bool], ResourceSchema] = {}

    def user(self, *, seats: bool) -> ResourceType:
        """The User type, with or without the seat extension."""
        return self._users[seats]

    def types(self, *, seats: bool) -> tuple[ResourceType, ...]:
        """Every resource type."""
        return self._users[seats], self.group, *self._own.values()

    def own(self, name: str) -> ResourceType:
        """The custom type with the given name."""
        return next(one for one in self._own.values() if one.name == name)

    def endpoints(self) -> dict[str, str]:
        """The endpoints of resource types, by path in lower case without the leading slash."""
        types = (self._users[False], self.group, *self._own.values())
        return {one.endpoint.lower().removeprefix("/"): one.endpoint for one in types}

    def reader_at(self, endpoint: str, *, strict: bool) -> ResourceSchema | None:
        """The reader of a custom type, by its endpoint without the leading slash."""
        found = self._own.get(f"/{endpoint.lower()}")
        return None if found is None else self._reader(found, strict=strict)

    def user_reader(self, *, seats: bool, strict: bool) -> ResourceSchema:
        """The reader of Users.

        A PATCH path may contain the read-only seat extension only if SCIM shows it.
        """
        return self._reader(self._users[seats], strict=strict)

    def group_reader(self, *, strict: bool) -> ResourceSchema:
        """The reader of Groups."""
        return self._reader(self.group, strict=strict)

    def _reader(self, resource_type: ResourceType, *, strict: bool) -> ResourceSchema:
        key = (id(resource_type), strict)
        if key not in self._readers:
            self._readers[key] = ResourceSchema(resource_type, tolerances(strict=strict))
        return self._readers[key]


def _extended(resource_type: ResourceType, extensions: Sequence[Schema]) -> ResourceType:
    if not extensions:
        return resource_type
    return replace(resource_type, extensions=(*resource_type.extensions, *extensions))


STANDARD: Final = Directory()
"""The directory of an organization without custom schemas."""
