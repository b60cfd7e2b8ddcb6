"""Events about an organization itself and its settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from scim_server.history.event import Changes, Event, became, stored_as_rest


@dataclass(frozen=True, kw_only=True)
class OrganizationCreated(Event):
    """Appended when an organization is created with its granted seats; always the first event.

    Attributes:
        overflow: the policy for people without a free seat.
    """

    type: ClassVar[str] = "organization.created"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    overflow: str


@dataclass(frozen=True, kw_only=True)
class OrganizationUpdated(Event):
    """Appended when settings of an organization change.

    Attributes:
        changes: the changes by the name of the setting, each with `from` and `to`; for `tiers`, the new
            values of each tier.
    """

    type: ClassVar[str] = "organization.updated"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    changes: Mapping[str, object] = field(metadata=stored_as_rest())

    @property
    def differences(self) -> Changes:
        """The settings. Of `tiers`, the history has the new values only."""
        return {
            name: one if isinstance(one, Mapping) and "to" in one else became(one)
            for name, one in self.changes.items()
        }


@dataclass(frozen=True, kw_only=True)
class OrganizationSuspended(Event):
    """Appended when the operator suspends an organization. No seat is assigned until it is resumed."""

    type: ClassVar[str] = "organization.suspended"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class OrganizationResumed(Event):
    """Appended when the operator resumes a suspended organization."""

    type: ClassVar[str] = "organization.resumed"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class OrganizationDeletionScheduled(Event):
    """Appended when the deletion of an organization is scheduled. The organization is suspended until then.

    Attributes:
        deletes: when the grace period ends.
    """

    type: ClassVar[str] = "organization.deletion_scheduled"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    deletes: str


@dataclass(frozen=True, kw_only=True)
class OrganizationDeletionCancelled(Event):
    """Appended when the scheduled deletion of an organization is cancelled. It stays suspended."""

    type: ClassVar[str] = "organization.deletion_cancelled"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1
