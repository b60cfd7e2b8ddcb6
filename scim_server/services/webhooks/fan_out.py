"""Makes the deliveries of new events, in the transaction in which the position of an endpoint advances.

So no event is lost, and no event gets two deliveries, if a worker ends at any moment.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from scim_server.services.events import feed
from scim_server.services.webhooks.settings import expanded
from scim_server.store.database.session import Connection, Database, timestamp
from scim_server.store.rows import feed as events
from scim_server.store.rows import webhook_deliveries as deliveries
from scim_server.store.rows import webhook_endpoints as endpoints
from scim_server.store.rows.feed import Appended
from scim_server.store.rows.webhook_deliveries import Backlog
from scim_server.store.rows.webhook_endpoints import Endpoint

PLACES: Final = 1_000
"""How many places of the history one transaction takes, so that other endpoints and requests wait briefly."""


def fan_out(database: Database) -> int:
    """Make deliveries of the next events for each endpoint; return for how many endpoints there were events.

    Several workers may do this at the same time. An endpoint that another worker has locked is left to it.
    """
    feed.extend(database)
    with database.snapshot() as connection:
        behind = endpoints.behind(connection)
    at = timestamp(database.now())
    return sum(database.write_unnumbered(partial(_advance, one, at)) for one in behind)


def _advance(id_: str, at: str, connection: Connection) -> bool:
    endpoint = endpoints.free(connection, id_)
    if endpoint is None:
        return False
    end = endpoints.end_of_history(connection, endpoint.organization)
    through = min(end, endpoint.position + PLACES)
    if through <= endpoint.position:
        return False
    listed = _events(connection, endpoint, through)
    for organization in sorted({one.organization for one in listed}):
        theirs = [one for one in listed if one.organization == organization]
        add(connection, Backlog(organization, endpoint.id), theirs, at)
    endpoints.change(connection, endpoint.id, {"position": through})
    return True


def _events(connection: Connection, endpoint: Endpoint, through: int) -> list[Appended]:
    types, after = expanded(endpoint.types), endpoint.position
    if endpoint.organization is None:
        return events.between(connection, after, through, types, PLACES)
    return events.of_organization(connection, endpoint.organization, after, through, types, PLACES)


def add(connection: Connection, backlog: Backlog, listed: Sequence[Appended], at: str) -> None:
    """Add deliveries of events of one organization."""
    deliveries.open_backlog(connection, backlog)
    lanes = {one.sequence: lane_of(backlog.endpoint, one) for one in listed}
    deliveries.add(connection, backlog, lanes.items(), at)
    deliveries.advance(connection, backlog, lanes.values(), at)


def lane_of(endpoint: str, event: Appended) -> str:
    """The events of a lane are delivered in order: those of a person, and those without a person."""
    return f"{endpoint}/{event.person or ''}"
