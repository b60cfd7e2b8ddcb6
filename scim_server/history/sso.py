"""Events about the identity provider with which people sign in at the console."""

from dataclasses import dataclass
from typing import ClassVar

from scim_server.history.event import Event


@dataclass(frozen=True, kw_only=True)
class SsoEvent(Event):
    """An event about the identity provider of an organization.

    Attributes:
        issuer: the address with which the provider names itself.
        client_id: the name of this server at the provider.
    """

    public: ClassVar[bool] = False
    version: ClassVar[int] = 1

    issuer: str
    client_id: str


@dataclass(frozen=True, kw_only=True)
class SsoConfigured(SsoEvent):
    """Appended when the provider for sign-ins at the console is set or changed.

    Attributes:
        has_secret: whether this server has a secret at the provider. The secret itself is in no event.
        ended: how many sessions ended, because they began with another provider.
    """

    type: ClassVar[str] = "sso.configured"

    has_secret: bool
    ended: int = 0


@dataclass(frozen=True, kw_only=True)
class SsoRemoved(SsoEvent):
    """Appended when the provider for sign-ins at the console is removed.

    Attributes:
        ended: how many sessions ended, because they began with the provider.
    """

    type: ClassVar[str] = "sso.removed"

    ended: int
