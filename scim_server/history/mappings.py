"""Events about mappings of groups to tiers, roles and priorities."""

from dataclasses import dataclass, field
from typing import ClassVar

from scim_server.history.event import Event, stored_as


@dataclass(frozen=True, kw_only=True)
class MappingEvent(Event):
    """An event about one mapping.

    Attributes:
        name: the displayName or externalId by which the mapping finds the group.
    """

    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    name: str = field(metadata=stored_as("group"))

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The mapping, called as the group that it finds; it has no id."""
        return None, self.name


@dataclass(frozen=True, kw_only=True)
class MappingSaved(MappingEvent):
    """Appended when a mapping is added or changed.

    Attributes:
        tier: the tier that the group gives.
        role: the role that the group gives.
        priority: the priority in the queue that the group gives.
    """

    type: ClassVar[str] = "mapping.saved"

    tier: str | None
    role: str | None
    priority: int | None


@dataclass(frozen=True, kw_only=True)
class MappingRemoved(MappingEvent):
    """Appended when a mapping is removed."""

    type: ClassVar[str] = "mapping.removed"


@dataclass(frozen=True, kw_only=True)
class MappingGroupGone(MappingEvent):
    """Appended when a mapped group is deleted or renamed, so that its mapping no longer applies.

    Attributes:
        why: `deleted` or `renamed`.
    """

    type: ClassVar[str] = "mapping.group_gone"

    why: str
