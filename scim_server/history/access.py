"""Events about access: the tokens of programs, and the sign-ins of people at the console."""

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

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The token, without its secret."""
        return self.token, self.name


@dataclass(frozen=True, kw_only=True)
class TokenCreated(TokenEvent):
    """Appended when a token is created."""

    type: ClassVar[str] = "token.created"


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(TokenEvent):
    """Appended when a token is revoked."""

    type: ClassVar[str] = "token.revoked"


@dataclass(frozen=True, kw_only=True)
class ConsoleEvent(Event):
    """An event about the sign-in of a person at the console."""

    public: ClassVar[bool] = False
    version: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class SignInLinkCreated(ConsoleEvent):
    """Appended when a sign-in link of the console is created for a person."""

    type: ClassVar[str] = "console.link_created"


@dataclass(frozen=True, kw_only=True)
class ConsoleSignedIn(ConsoleEvent):
    """Appended when a person signs in at the console.

    Attributes:
        way: how the person signed in, `link` or `oidc`.
        browser: the browser, as it names itself.
    """

    type: ClassVar[str] = "console.signed_in"

    way: str
    browser: str
