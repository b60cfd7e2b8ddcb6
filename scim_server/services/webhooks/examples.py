"""Messages with an example of an event, which test an endpoint and are not in the log."""

from uuid import uuid4

from scim_server.services.webhooks.parcels import Parcel
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import organizations
from scim_server.store.rows.feed import Appended
from scim_server.store.rows.webhook_deliveries import Backlog
from scim_server.store.rows.webhook_endpoints import Endpoint


def parcel(database: Database, endpoint: Endpoint, type_: str) -> Parcel:
    """A message with an example; its id is new each time."""
    with database.snapshot() as connection:
        known = organizations.slugs(connection, [endpoint.organization] if endpoint.organization else [])
    slug = known.get(endpoint.organization or "", "example")
    event = Appended(
        position=0,
        organization=endpoint.organization or "",
        slug=slug,
        sequence=0,
        at=timestamp(database.now()),
        type=type_,
        way_in="",
        actor="",
        request_id=None,
        person=None,
        group=None,
        reason=None,
        status=None,
        seats={},
        payload={},
        personal={},
        member=None,
    )
    backlog = Backlog(endpoint.organization or "", endpoint.id)
    return Parcel(f"msg_test_{uuid4().hex}", endpoint, backlog, "", (0,), 0, (event,))
