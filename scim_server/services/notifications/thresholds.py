"""Notifies Owners of tiers that become full and of refusals that begin (SEATS 33).

Each crossing is one event, with mail to the Owners. These events are appended last in a unit of work. They
therefore do not change the numbers of the other events, which are places in the queue.
"""

from datetime import datetime

from scim_server.history import SeatsRefusalsBegan, SeatsThreshold
from scim_server.services.notifications import owner_mail as owners
from scim_server.store.database.session import Write
from scim_server.store.rows import standings
from seat_policy.admission import Reject
from seat_policy.thresholds import BURST_ENDS_AFTER, step


def conclude(write: Write) -> None:
    """Notify Owners of every tier that crossed a threshold, and reset tiers that fell well below one.

    If a tier crosses several thresholds at once, there is one event for the highest threshold.
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
    """Notify Owners that a person was left out, if there was no refusal in the last 24 hours."""
    last, write.clock.refused = write.clock.refused, write.at
    if last is None or write.moment - datetime.fromisoformat(last) >= BURST_ENDS_AFTER:
        owners.notify(write, SeatsRefusalsBegan(reason=reject.reason, wants=reject.wants))
