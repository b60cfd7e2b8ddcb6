"""Events about groups of a provider."""

from dataclasses import dataclass, field
from typing import ClassVar

from scim_server.history.event import Event, stored_as


@dataclass(frozen=True, kw_only=True)
class GroupCreated(Event):
    """Appended when a group is created.

    Attributes:
        display_name: its name.
        added: how many members it has.
    """

    type: ClassVar[str] = "group.created"
    public: ClassVar[bool] = False
    version: ClassVar[int] = 1

    display_name: str = field(metadata=stored_as("displayName"))
    added: int


@dataclass(frozen=True, kw_only=True)
class GroupUpdated(Event):
    """Appended when values or members of a group change.

    Attributes:
        display_name: its new name.
        added: how many members were added.
        removed: how many members were removed.
    """

    type: ClassVar[str] = "group.updated"
    public: ClassVar[bool] = False
    version: ClassVar[int] = 1

    display_name: str = field(metadata=stored_as("displayName"))
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class GroupDeleted(Event):
    """Appended when a group is deleted; its members stay in the organization.

    Attributes:
        display_name: its last name.
        removed: how many members it had.
    """

    type: ClassVar[str] = "group.deleted"
    public: ClassVar[bool] = False
    version: ClassVar[int] = 1

    display_name: str = field(metadata=stored_as("displayName"))
    removed: int
