"""Queries of invitations and domains, for operators and invitees."""

from dataclasses import dataclass, replace

from scim_server.services.context import Context
from scim_server.services.invitations import accept as acceptance
from scim_server.services.invitations.accept import Shown
from scim_server.services.invitations.domains import record_name, record_text
from scim_server.services.invitations.send import KIND, state_now
from scim_server.store.database.session import Database
from scim_server.store.rows import domains as domain_rows
from scim_server.store.rows import invitations, mails
from scim_server.store.rows.domains import Domain
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.mails import Delivery
from seat_policy.invitations import State

__all__ = [
    "Listed",
    "domains",
    "every",
    "record_name",
    "record_text",
    "show_by_token",
]


@dataclass(frozen=True, slots=True)
class Listed:
    """An invitation in a list.

    Attributes:
        state: the state at the time of reading, even if an expiry was not recorded yet.
        delivery: the delivery of the last mail; None if the mail was withdrawn.
    """

    invitation: Invitation
    state: State
    delivery: Delivery | None

    @property
    def mail(self) -> str:
        """The state of the mail as text."""
        delivery = self.delivery
        if delivery is None:
            return "withdrawn"
        if delivery.sent is not None:
            return "sent"
        if delivery.given_up:
            return f"failed: {delivery.last_error}"
        return (
            "to be sent"
            if delivery.last_error is None
            else f"failed, will be tried again: {delivery.last_error}"
        )


def every(context: Context, state: State | None = None) -> list[Listed]:
    """List invitations, newest first; if a state is given, only invitations in this state."""
    with context.read() as read:
        found, deliveries = invitations.every(read), mails.deliveries(read, KIND)
    listed = [_listed(one, state_now(context.database, one), deliveries.get(one.mail)) for one in found]
    return [one for one in listed if state in (None, one.state)]


def _listed(one: Invitation, state: State, delivery: Delivery | None) -> Listed:
    """The invitation as a list shows it.

    An expired invitation holds no seat, even before a write records this.
    """
    if one.state is State.PENDING and state is State.EXPIRED:
        one = replace(one, held=None)
        delivery = None if delivery is None or delivery.sent is None else delivery
    return Listed(one, state, delivery)


def show_by_token(database: Database, token: str) -> Shown | None:
    """The invitation of a link; None if there is no such invitation."""
    return acceptance.show_by_token(database, token)


def domains(context: Context) -> list[Domain]:
    """The domains of an organization, ordered by name."""
    with context.read() as read:
        return domain_rows.every(read)
