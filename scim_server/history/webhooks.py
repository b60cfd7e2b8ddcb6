"""Events about webhook endpoints.

Changes of the vendor's endpoints, which get the events of all organizations, are in no history. The end of
their deliveries is in the history of the organization whose event was refused.
"""

from dataclasses import dataclass
from typing import ClassVar

from scim_server.history.event import Event


@dataclass(frozen=True, kw_only=True)
class WebhookEvent(Event):
    """An event about one endpoint.

    Attributes:
        endpoint: its id.
        host: the host of its URL.
    """

    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    endpoint: str
    host: str

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The endpoint, without the path of its URL, which may contain a secret."""
        return self.endpoint, self.host


@dataclass(frozen=True, kw_only=True)
class WebhookAdded(WebhookEvent):
    """Appended when a webhook endpoint is added."""

    type: ClassVar[str] = "webhook.added"


@dataclass(frozen=True, kw_only=True)
class WebhookUpdated(WebhookEvent):
    """Appended when settings of a webhook endpoint change, or its keys.

    Attributes:
        changed: the names of the changed settings, separated by spaces.
    """

    type: ClassVar[str] = "webhook.updated"

    changed: str


@dataclass(frozen=True, kw_only=True)
class WebhookDisabled(WebhookEvent):
    """Appended when a webhook endpoint is disabled. Its deliveries wait until it is enabled again.

    Attributes:
        why: `gone` (the receiver answered 410), `failed` (the last retry failed) or `manual`.
        answer: the HTTP status of the last answer; None without an answer.
    """

    type: ClassVar[str] = "webhook.disabled"

    why: str
    answer: int | None = None


@dataclass(frozen=True, kw_only=True)
class WebhookEnabled(WebhookEvent):
    """Appended when a disabled webhook endpoint is enabled again."""

    type: ClassVar[str] = "webhook.enabled"


@dataclass(frozen=True, kw_only=True)
class WebhookRemoved(WebhookEvent):
    """Appended when a webhook endpoint is removed."""

    type: ClassVar[str] = "webhook.removed"
