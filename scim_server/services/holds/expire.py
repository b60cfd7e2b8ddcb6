"""Expired invitations. The first write after the expiry records it (SEATS 12, 36)."""

from collections import Counter
from itertools import groupby

from scim_server.history import InvitationEvent, InvitationExpired
from scim_server.services.invoicing import due_dates as plans
from scim_server.services.seats import queue
from scim_server.store.database.session import Actor, Write
from scim_server.store.rows import events, invitations, mails, seats
from scim_server.store.rows.invitations import Invitation
from seat_policy.ways_in import WayIn

CALENDAR = Actor("calendar", WayIn.WORKER)
"""The actor of changes that happen only because time has passed."""


def expire(write: Write, until: str) -> None:
    """Expire invitations until a time, in order.

    After each one, the queue moves as it would have moved then.
    """
    found = invitations.expired(write, until)
    if not found:
        return
    asked, write.actor = write.actor, CALENDAR
    for moment, together in groupby(found, key=lambda one: one.expires):
        _end(write, list(together))
        queue.move(write, at=moment)
    plans.look_ahead(write)
    write.actor = asked


def _end(write: Write, over: list[Invitation]) -> None:
    events.append_all(write, [invitation_event(one, InvitationExpired, -1) for one in over])
    invitations.expire(write, [one.id for one in over])
    mails.withdraw(write, [one.mail for one in over])
    for tier, number in Counter(one.held for one in over if one.held is not None).items():
        seats.move(write, tier, held=-number)


def invitation_event(
    invitation: Invitation,
    event: type[InvitationEvent],
    held: int = 0,
    *,
    reason: str | None = None,
    person: str | None = None,
) -> InvitationEvent:
    """The event about an invitation.

    Args:
        held: the change of the number of held seats: 1, 0 or -1.
    """
    deltas = {} if invitation.held is None or not held else {invitation.held: (0, 0, held)}
    return event(
        person=person,
        reason=reason,
        seats=deltas,
        invitation=invitation.id,
        role=invitation.role,
        personal={"email": invitation.email},
    )
