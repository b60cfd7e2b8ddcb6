"""The server of a conversation, and the control command."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from conformance.jsonpath import Json


class TargetError(ValueError):
    """Nothing can be sent to the server; the message gives the reason."""


@dataclass(frozen=True)
class Target:
    """The SCIM base URL and token of one organization, and other known values."""

    base_url: str
    # Not in the repr, because it may be logged.
    token: str = field(repr=False)
    organization: dict[str, Json] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        if not _is_base(self.base_url):
            raise TargetError(f"{self.base_url!r} is not a base URL such as https://s.example/v2")
        if not self.token.isprintable() or not self.token:
            raise TargetError("the token is empty or contains characters that are not allowed in a header")


# Carries out a CONTROL step (step body, target, run id). Returns the reason of a failure, or None.
Control: TypeAlias = Callable[[Json, Target, str], str | None]


def _is_base(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return False
    plain = url.isprintable() and " " not in url and not (parts.query or parts.fragment)
    return plain and parts.scheme in {"http", "https"} and bool(parts.hostname)
