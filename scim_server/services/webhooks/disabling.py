"""Disables an endpoint whose receiver is gone or failed too often, and notifies its owner."""

from scim_server.history import WebhookDisabled
from scim_server.services.notifications import owner_mail
from scim_server.services.webhooks import results
from scim_server.services.webhooks.results import Outcome, Sent
from scim_server.services.webhooks.retries import GONE
from scim_server.services.webhooks.scope import host_of
from scim_server.store.database.session import Actor, Database, Write
from scim_server.store.rows import webhook_deliveries as deliveries
from scim_server.store.rows import webhook_endpoints as endpoints
from scim_server.store.rows.webhook_endpoints import Endpoint
from seat_policy.ways_in import WayIn

ACTOR = Actor("webhooks", WayIn.WORKER)


def record(database: Database, sent: Sent) -> None:
    """Record a result that disables the endpoint, in the history of the organization.

    The message is kept. It is sent again if the endpoint is enabled again.
    """
    database.write(sent.parcel.backlog.organization, ACTOR, lambda write: _record(write, sent))


def _record(write: Write, sent: Sent) -> None:
    parcel = sent.parcel
    endpoint = endpoints.locked(write.connection, parcel.endpoint.id)
    if endpoint is None or not deliveries.lock(write.connection, parcel.backlog):
        return
    results.log(write.connection, sent, Outcome.DISABLED, None)
    results.give_back(write.connection, sent, write.at, parcel.failures + 1)
    if endpoint.disabled is None:
        why = "gone" if sent.answer.status == GONE else "failed"
        endpoints.change(write.connection, endpoint.id, {"disabled": write.at, "why_disabled": why})
        _notify(write, endpoint, why, sent.answer.status)


def _notify(write: Write, endpoint: Endpoint, why: str, status: int | None) -> None:
    event = WebhookDisabled(endpoint=endpoint.id, host=host_of(endpoint.url), why=why, answer=status)
    contacts = () if endpoint.contact is None else (endpoint.contact,)
    if endpoint.organization is None:
        owner_mail.notify_contacts(write, event, contacts)
    else:
        owner_mail.notify(write, event, contacts=contacts)
