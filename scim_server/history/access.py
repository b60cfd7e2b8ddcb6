"""Events about the tokens with which programs access an organization."""

from dataclasses import dataclass
from typing import ClassVar

from scim_server.history.event import Event


@dataclass(frozen=True, kw_only=True)
class TokenEvent(Event):
    """An event about one token.

    Attributes:
        token: its id.
        name: its name.
    """

    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    token: str
    name: str


@dataclass(frozen=True, kw_only=True)
class TokenCreated(TokenEvent):
    """Appended when a token is created."""

    type: ClassVar[str] = "token.created"


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(TokenEvent):
    """Appended when a token is revoked."""

    type: ClassVar[str] = "token.revoked"
