"""Webhook endpoints: of one organization, or the vendor's for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from scim_server.store.tables import (
    feed_head,
    organization_clock,
    webhook_attempts,
    webhook_backlogs,
    webhook_deliveries,
)
from scim_server.store.tables import webhook_endpoints as endpoints


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint.

    Attributes:
        organization: the organization's id; None if the endpoint is the vendor's and gets the events of all.
        types: types of events, or families such as `person.*`; empty for all public types.
        payload: `full` or `thin`.
        batch: how many events a message has at most.
        retries: the seconds between the attempts for a message.
        contact: the address that is notified if the endpoint is disabled, in addition to the Owners.
        key: the key that signs.
        next_key: the key that also signs during a rotation, and replaces the other; None if there is none.
        position: the deliveries exist up to this number of the organization, or position of the feed.
        disabled: when the endpoint was disabled; None if it is enabled.
        why_disabled: `gone` (the receiver answered 410), `failed` (the last retry failed) or `manual`.
        paused: no request is sent before this time, because the receiver is overloaded; None if it is not.
        slowed: since when the receiver has been overloaded.
        pauses: how many pauses there were since then.
    """

    id: str
    organization: str | None
    url: str
    types: tuple[str, ...]
    payload: str
    batch: int
    retries: tuple[int, ...]
    contact: str | None
    key: str = field(repr=False)
    next_key: str | None = field(repr=False)
    created: str
    position: int
    disabled: str | None = None
    why_disabled: str | None = None
    paused: str | None = None
    slowed: str | None = None
    pauses: int = 0


_COLUMNS: Final = tuple(endpoints.c[name] for name in Endpoint.__dataclass_fields__)


def _endpoint(row: Any) -> Endpoint:  # noqa: ANN401 - a row's columns have no static type
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a dict
    return Endpoint(**values | {"types": tuple(row.types), "retries": tuple(row.retries)})


def end_of_history(connection: Connection, organization: str | None) -> int:
    """The present end of the events: of an organization, or of the feed."""
    if organization is None:
        return int(connection.execute(select(feed_head.c.position)).scalar_one())
    query = select(organization_clock.c.sequence).where(organization_clock.c.organization == organization)
    return int(connection.execute(query).scalar_one())


def add(connection: Connection, endpoint: Endpoint) -> None:
    """Store a new endpoint."""
    values = {name: getattr(endpoint, name) for name in Endpoint.__dataclass_fields__}
    lists = {"types": list(endpoint.types), "retries": list(endpoint.retries)}
    connection.execute(insert(endpoints).values(values | lists))


def every(connection: Connection, organization: str | None) -> list[Endpoint]:
    """The endpoints of an organization, or all endpoints, oldest first."""
    query = select(*_COLUMNS).order_by(endpoints.c.created, endpoints.c.id)
    if organization is not None:
        query = query.where(endpoints.c.organization == organization)
    return [_endpoint(row) for row in connection.execute(query)]


def get(connection: Connection, id_: str) -> Endpoint | None:
    """The endpoint with this id."""
    row = connection.execute(select(*_COLUMNS).where(endpoints.c.id == id_)).first()
    return None if row is None else _endpoint(row)


def some(connection: Connection, ids: Sequence[str]) -> dict[str, Endpoint]:
    """The endpoints with these ids."""
    query = select(*_COLUMNS).where(endpoints.c.id.in_(ids))
    return {row.id: _endpoint(row) for row in connection.execute(query)}


def locked(connection: Connection, id_: str) -> Endpoint | None:
    """The endpoint with this id, which nobody else changes until the commit."""
    query = select(*_COLUMNS).where(endpoints.c.id == id_).with_for_update(key_share=True)
    row = connection.execute(query).first()
    return None if row is None else _endpoint(row)


def free(connection: Connection, id_: str) -> Endpoint | None:
    """The same, unless another worker has locked it now."""
    query = select(*_COLUMNS).where(endpoints.c.id == id_, endpoints.c.disabled.is_(None))
    row = connection.execute(query.with_for_update(key_share=True, skip_locked=True)).first()
    return None if row is None else _endpoint(row)


def change(connection: Connection, id_: str, values: Mapping[str, object]) -> None:
    """Change columns of an endpoint."""
    connection.execute(update(endpoints).where(endpoints.c.id == id_).values(dict(values)))


def behind(connection: Connection) -> list[str]:
    """The enabled endpoints without deliveries for the newest events."""
    here = organization_clock.c
    query = (
        select(endpoints.c.id)
        .outerjoin(organization_clock, here.organization == endpoints.c.organization)
        .join(feed_head, feed_head.c.id == 1)
        .where(
            endpoints.c.disabled.is_(None),
            or_(
                here.sequence > endpoints.c.position,
                endpoints.c.organization.is_(None) & (feed_head.c.position > endpoints.c.position),
            ),
        )
    )
    return list(connection.execute(query).scalars())


def remove(connection: Connection, endpoint: Endpoint) -> None:
    """Delete an endpoint with its deliveries and its log."""
    # The endpoint is deleted first, so that no worker adds deliveries.
    connection.execute(delete(endpoints).where(endpoints.c.id == endpoint.id))
    for table in (webhook_backlogs, webhook_deliveries, webhook_attempts):
        statement = delete(table).where(table.c.endpoint == endpoint.id)
        if endpoint.organization is not None:
            statement = statement.where(table.c.organization == endpoint.organization)
        connection.execute(statement)
