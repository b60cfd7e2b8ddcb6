"""Events about the domains whose addresses an organization may invite."""

from dataclasses import dataclass
from typing import ClassVar

from scim_server.history.event import Event


@dataclass(frozen=True, kw_only=True)
class DomainEvent(Event):
    """An event about one domain.

    Attributes:
        domain: its name.
    """

    public: ClassVar[bool] = False
    version: ClassVar[int] = 1

    domain: str


@dataclass(frozen=True, kw_only=True)
class DomainAdded(DomainEvent):
    """Appended when a domain is added, before it is verified."""

    type: ClassVar[str] = "domain.added"


@dataclass(frozen=True, kw_only=True)
class DomainVerified(DomainEvent):
    """Appended when a domain is verified by its DNS record, or by the operator."""

    type: ClassVar[str] = "domain.verified"


@dataclass(frozen=True, kw_only=True)
class DomainRemoved(DomainEvent):
    """Appended when a domain is removed."""

    type: ClassVar[str] = "domain.removed"
