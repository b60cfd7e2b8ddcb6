"""Events about groups of a provider."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from scim_server.history.event import Changes, Event, changed, stored_as

LISTED: Final = 1_000
"""How many members an event lists at most."""


@dataclass(frozen=True, kw_only=True)
class MembersChanged(Event):
    """An event that changes the members of a group.

    Attributes:
        display_name: its name after the event.
        added: how many members were added.
        people_added: the ids of the people that were added.
        groups_added: the ids of the groups that were added.
        unlisted: whether more members changed than an event lists. Then no id is listed.
    """

    public: ClassVar[bool] = True
    version: ClassVar[int] = 1
    in_differences: ClassVar[frozenset[str]] = frozenset(
        {"people_added", "groups_added", "people_removed", "groups_removed", "unlisted", "earlier_name"}
    )

    display_name: str = field(metadata=stored_as("displayName"))
    added: int
    people_added: Sequence[str] = ()
    groups_added: Sequence[str] = ()
    unlisted: bool = False

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The group."""
        return self.group, self.display_name

    def members(self, people_removed: Sequence[str] = (), groups_removed: Sequence[str] = ()) -> Changes:
        """The change of members; both lists are None if the members are not listed."""
        added = [*_members("person", self.people_added), *_members("group", self.groups_added)]
        removed = [*_members("person", people_removed), *_members("group", groups_removed)]
        if self.unlisted:
            return {"members": {"added": None, "removed": None}}
        return {"members": {"added": added, "removed": removed}} if added or removed else {}


def _members(kind: str, ids: Sequence[str]) -> list[dict[str, str]]:
    return [{"type": kind, "id": id_} for id_ in ids]


@dataclass(frozen=True, kw_only=True)
class GroupCreated(MembersChanged):
    """Appended when a group is created."""

    type: ClassVar[str] = "group.created"

    @property
    def differences(self) -> Changes:
        """The name and the members."""
        return {"display_name": changed(None, self.display_name), **self.members()}


@dataclass(frozen=True, kw_only=True)
class GroupUpdated(MembersChanged):
    """Appended when values or members of a group change.

    Attributes:
        removed: how many members were removed.
        people_removed: the ids of the people that were removed.
        groups_removed: the ids of the groups that were removed.
        earlier_name: the name before the event, if the event changed it.
    """

    type: ClassVar[str] = "group.updated"

    removed: int
    people_removed: Sequence[str] = ()
    groups_removed: Sequence[str] = ()
    earlier_name: str | None = None

    @property
    def differences(self) -> Changes:
        """The name, if it changed, and the members."""
        earlier = self.earlier_name
        name = {} if earlier is None else {"display_name": changed(earlier, self.display_name)}
        return {**name, **self.members(self.people_removed, self.groups_removed)}


@dataclass(frozen=True, kw_only=True)
class GroupDeleted(Event):
    """Appended when a group is deleted; its members stay in the organization.

    Attributes:
        display_name: its last name.
        removed: how many members it had.
    """

    type: ClassVar[str] = "group.deleted"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    display_name: str = field(metadata=stored_as("displayName"))
    removed: int

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The group."""
        return self.group, self.display_name
