"""The state of the database as metrics. It is read at most once in ten seconds."""

import time
from collections.abc import Iterator
from threading import Lock
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from scim_server.services.monitoring import queries
from scim_server.services.monitoring.queries import Now
from scim_server.store.database.session import Database
from scim_server.store.errors import StoreError

SECONDS: Final = 10.0


class Gauges(Collector):
    """Reads the sums of the database for each scrape. To add a gauge, add it to `_families`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mutex = Lock()
        self._read = -SECONDS
        self._last: Now | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The present gauges; without an answer of the database only that it does not answer."""
        with self._mutex:
            if time.monotonic() - self._read >= SECONDS:
                self._read = time.monotonic()
                try:
                    self._last = queries.now(self._database)
                except StoreError:
                    self._last = None
            now = self._last
        yield _family("up", "Whether the database answers.", 0 if now is None else 1)
        if now is not None:
            yield from _families(now)


def _families(now: Now) -> Iterator[GaugeMetricFamily]:
    figures = now.figures
    yield _family("organizations", "Organizations.", figures.organizations)
    yield _family("people", "People of all organizations.", figures.people)
    yield _family("groups", "Groups of all organizations.", figures.groups)
    seats = GaugeMetricFamily(
        "scim_seats_seats", "Seats of all organizations, by tier and state.", labels=("tier", "state")
    )
    for tier, counts in figures.seats.items():
        for state, number in counts.items():
            seats.add_metric((tier, state), number)
    yield seats
    yield _family("waiting_any", "People who wait for a seat of any tier.", figures.waiting_any)
    yield _family("queue_age_seconds", "How long the person waits who waits longest.", now.oldest_wait)
    refusals = GaugeMetricFamily(
        "scim_seats_open_refusals", "People who were refused and still are, by reason.", labels=("reason",)
    )
    for reason, number in figures.refusals.items():
        refusals.add_metric((reason,), number)
    yield refusals
    yield _family("mails_waiting", "Mails that wait.", figures.mails)
    yield _family("mail_age_seconds", "How long the oldest mail waits.", now.oldest_mail)


def _family(name: str, about: str, value: float) -> GaugeMetricFamily:
    prefix = "scim_seats_database_" if name == "up" else "scim_seats_"
    return GaugeMetricFamily(prefix + name, about, value=value)
