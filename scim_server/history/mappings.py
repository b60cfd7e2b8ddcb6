"""Events about mappings of groups to tiers, roles and priorities."""

from dataclasses import dataclass, field
from typing import ClassVar

from scim_server.history.event import Event, stored_as


@dataclass(frozen=True, kw_only=True)
class MappingSaved(Event):
    """Appended when a mapping is added or changed.

    Attributes:
        name: the displayName or externalId of the group.
        tier: the tier that the group gives.
        role: the role that the group gives.
        priority: the priority in the queue that the group gives.
    """

    type: ClassVar[str] = "mapping.saved"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    name: str = field(metadata=stored_as("group"))
    tier: str | None
    role: str | None
    priority: int | None


@dataclass(frozen=True, kw_only=True)
class MappingRemoved(Event):
    """Appended when a mapping is removed.

    Attributes:
        name: the displayName or externalId of the group.
    """

    type: ClassVar[str] = "mapping.removed"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    name: str = field(metadata=stored_as("group"))


@dataclass(frozen=True, kw_only=True)
class MappingGroupGone(Event):
    """Appended when a mapped group is deleted or renamed, so that its mapping no longer applies.

    Attributes:
        name: the displayName or externalId by which the mapping finds the group.
        why: `deleted` or `renamed`.
    """

    type: ClassVar[str] = "mapping.group_gone"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    name: str = field(metadata=stored_as("group"))
    why: str
