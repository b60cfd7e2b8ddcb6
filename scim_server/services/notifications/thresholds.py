"""Notify Owners of tiers that fill and refusals that begin (SEATS 33).

Each is an event, once per crossing, with mail to the Owners. They are appended last in a unit of work, so
that the numbers of its own events, which are places in the queue, stay as the work knew them.
"""

from datetime import datetime

from scim_server.history import SeatsRefusalsBegan, SeatsThreshold
from scim_server.services.notifications import owner_mail as owners
from scim_server.store.database.session import Write
from scim_server.store.rows import standings
from seat_policy.admission import Reject
from seat_policy.thresholds import BURST_ENDS_AFTER, step


def conclude(write: Write) -> None:
    """Tell of every tier that the work took across a threshold, and arm those it took well below one.

    A tier that crosses several at once is told of once, with the highest.
    """
    for tier, standing in sorted(write.moved.items()):
        after = step(standing)
        if after.notified == standing.notified:
            continue
        standings.record(write, tier, after.notified)
        if after.crossed is not None:
            event = SeatsThreshold(
                tier=tier,
                percent=after.crossed,
                in_use=standing.in_use,
                purchased=standing.purchased,
            )
            owners.notify(write, event)


def refused(write: Write, reject: Reject) -> None:
    """Somebody was left out: told of if nobody was in the last 24 hours."""
    last, write.clock.refused = write.clock.refused, write.at
    if last is None or write.moment - datetime.fromisoformat(last) >= BURST_ENDS_AFTER:
        owners.notify(write, SeatsRefusalsBegan(reason=reject.reason, wants=reject.wants))
