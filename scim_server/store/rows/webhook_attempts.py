"""The log of attempts to deliver messages to webhook endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from scim_server.store.tables import organizations
from scim_server.store.tables import webhook_attempts as attempts


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request, and its answer.

    Attributes:
        id: unique for one endpoint and organization.
        at: when the request was sent.
        message: the id of the message, which is the same in all attempts.
        batch: the number of its first event.
        events: the numbers of its events.
        payload: `full` or `thin`.
        request, request_body: the headers and the body of the request.
        outcome: `delivered`, `retry`, `slowed`, `disabled` or `dropped`.
        status: the HTTP status; None without an answer.
        headers, body, truncated: the answer, up to 64 KiB.
        failure: why there was no answer, as a code; None if there was one.
        cause: the exact cause, for the operator only.
        next_attempt: when the next attempt follows; None if none follows.
    """

    organization: str
    endpoint: str
    id: str
    at: str
    message: str
    batch: int
    events: tuple[int, ...]
    url: str
    payload: str
    request: Mapping[str, str]
    request_body: str
    outcome: str
    milliseconds: int
    status: int | None
    headers: Mapping[str, str]
    body: str
    truncated: bool
    failure: str | None
    cause: str | None
    next_attempt: str | None


_COLUMNS: Final = tuple(attempts.c[name] for name in Attempt.__dataclass_fields__)


def add(connection: Connection, attempt: Attempt) -> None:
    """Store an attempt."""
    values = {name: getattr(attempt, name) for name in Attempt.__dataclass_fields__}
    connection.execute(insert(attempts).values(values | {"events": list(attempt.events)}))


@dataclass(frozen=True, slots=True)
class Entry:
    """An attempt with the slug of its organization."""

    attempt: Attempt
    slug: str

    @property
    def references(self) -> list[str]:
        """The events of the message, such as `acme-12`."""
        return [f"{self.slug}-{number}" for number in self.attempt.events]


def log(  # noqa: PLR0913 - which attempts, and how many
    connection: Connection,
    endpoint: str,
    *,
    organization: str | None = None,
    before: tuple[str, str] | None = None,
    message: str | None = None,
    only_failed: bool = False,
    limit: int = 100,
) -> list[Entry]:
    """Attempts for an endpoint, newest first.

    Args:
        organization: only for events of this organization.
        before: the time and the id of an attempt; only attempts before it, which gives the next page.
        message: only the attempts for this message.
        only_failed: only attempts that did not deliver.
    """
    query = (
        select(*_COLUMNS, organizations.c.slug)
        .join(organizations, organizations.c.id == attempts.c.organization)
        .where(attempts.c.endpoint == endpoint)
        .order_by(attempts.c.at.desc(), attempts.c.id.desc())
        .limit(limit)
    )
    if organization is not None:
        query = query.where(attempts.c.organization == organization)
    if message is not None:
        query = query.where(attempts.c.message == message)
    if only_failed:
        query = query.where(attempts.c.outcome != "delivered")
    if before is not None:
        at, id_ = before
        query = query.where((attempts.c.at < at) | ((attempts.c.at == at) & (attempts.c.id < id_)))
    return [_entry(row) for row in connection.execute(query)]


def forget(connection: Connection, organization: str, before: str) -> None:
    """Delete attempts before a time."""
    connection.execute(
        delete(attempts).where(attempts.c.organization == organization, attempts.c.at < before)
    )


def _entry(row: Any) -> Entry:  # noqa: ANN401 - a row's columns have no static type
    *values, slug = row
    found = dict(zip(Attempt.__dataclass_fields__, values, strict=True))
    return Entry(Attempt(**found | {"events": tuple(found["events"])}), slug)
