"""Invitations sent, accepted, taken over and expired by several processes at once: nothing is oversold."""

import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier, Event

from scim_server.protocol.errors import ScimError
from scim_server.protocol.user import parse_user
from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.send import Invitees
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR, Database
from tests.support.builders.customer import OKTA, USERS
from tests.support.builders.inviting import Host
from tests.support.servers import forking

TIMES = {"invitation.sent": 6, "invitation.expired": 3, "invitation.accepted": 3, "person.deleted": 6}
"""The race ends when each of these has happened so often."""
NAMES = [f"person-{number}" for number in range(12)]
PATIENCE = 90


def test_no_seat_is_oversold_or_lost_under_concurrent_invitations(database: Database) -> None:
    host = Host(database, {"standard": 4, "premium": 2}, today=datetime.now(UTC).isoformat())
    database.now = lambda: datetime.now(UTC)
    processes = forking.context()
    barrier, over = processes.Barrier(len(PARTS)), processes.Event()
    here = (database.url, host.id, host.domain, barrier, over)

    running = [processes.Process(target=play, args=(part, *here)) for part in PARTS]
    for process in running:
        process.start()
    ends = time.monotonic() + PATIENCE
    while not Counter(host.events()) >= Counter(TIMES) and time.monotonic() < ends:
        time.sleep(0.1)
    over.set()
    for process in running:
        process.join(PATIENCE)

    assert [process.exitcode for process in running] == [0] * len(PARTS)
    host.recount()
    assert Counter(host.events()) >= Counter(TIMES)
    # When all invitations have ended, no seat is held.
    database.now = later
    host.provision_person("last")
    assert [held for _, _, held in host.pool().values()] == [0, 0]
    host.recount()


def later() -> datetime:
    return datetime.now(UTC) + timedelta(days=22)


def play(part: str, url: str, organization: str, domain: str, barrier: Barrier, over: Event) -> None:
    """One process: repeat the same operation on one name after another."""
    database = due.opened(url)
    barrier.wait(PATIENCE)
    turn = 0
    while not over.is_set():
        with suppress(ServiceError, ScimError):
            PARTS[part](database, organization, f"{NAMES[turn % len(NAMES)]}@{domain}")
        turn += 1
    database.close()


def invite(database: Database, organization: str, address: str) -> None:
    invitations.invite(Context(database, organization, OPERATOR), Invitees([address]))


def provide(database: Database, organization: str, address: str) -> None:
    """Slower than people are removed: else they would have every seat, and no invitation could be sent."""
    time.sleep(0.1)
    people.create(Context(database, organization, OKTA), parse_user({"userName": address}, USERS))


def accept(database: Database, organization: str, address: str) -> None:
    with database.snapshot() as connection:
        rows = connection.exec_driver_sql("SELECT recipient, organization, facts FROM mails").all()
    for recipient, of, facts in rows:
        if (recipient, of) == (address, organization):
            values = facts if isinstance(facts, dict) else json.loads(facts)
            invitations.accept(database, values["secret"])


def remove(database: Database, organization: str, address: str) -> None:
    with database.snapshot() as connection:
        rows = connection.exec_driver_sql("SELECT id, user_name, organization FROM people").all()
    for id_, name, of in rows:
        if (name, of) == (address, organization):
            people.delete(Context(database, organization, OKTA), id_)


def expire(database: Database, organization: str, _address: str) -> None:
    database.now = later
    database.write(organization, OPERATOR, lambda _write: None)
    time.sleep(0.3)


PARTS: dict[str, Callable[[Database, str, str], None]] = {
    "invite": invite,
    "provide": provide,
    "accept": accept,
    "remove": remove,
    "expire": expire,
}
