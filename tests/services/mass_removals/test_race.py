"""Removals, returns, creates, restores and confirmations by several processes at once."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier, Event

from scim_server.protocol.errors import ScimError
from scim_server.protocol.user import parse_user
from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.mass_removals import commands as removals
from scim_server.services.mass_removals import queries as removal_queries
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows import people as people_store
from tests.support.builders.customer import OKTA, USERS
from tests.support.builders.removing import RemovalCustomer, names
from tests.support.servers import forking

TIMES = 4
PATIENCE = 90
EVERYBODY = names(1, 60)


def test_no_seat_is_oversold_or_lost_under_concurrent_removals_and_restores(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 40, "premium": 10}, overflow="queue")
    acme.today = datetime.now(UTC).isoformat()
    acme.provision(*EVERYBODY)
    database.now = lambda: datetime.now(UTC)
    processes = forking.context()
    barrier, over = processes.Barrier(len(PARTS)), processes.Event()

    running = [
        processes.Process(target=play, args=(part, database.url, acme.id, barrier, over)) for part in PARTS
    ]
    for process in running:
        process.start()
    for process in running:
        process.join(PATIENCE)

    assert [process.exitcode for process in running] == [0] * len(PARTS)
    acme.recount()
    types = set(acme.events())
    assert {"removal.detected", "removal.confirmed", "removal.restored", "person.restored"} <= types
    # Once every removal is over, no seat is held.
    for one in acme.removals():
        if one.removal.state == "open":
            removals.confirm(Context(database, acme.id, OPERATOR), str(one.reference))
    assert (acme.pool()[2], acme.pool("premium")[2]) == (0, 0)
    acme.recount()


def play(part: str, url: str, organization: str, barrier: Barrier, over: Event) -> None:
    """One process: the same use over and over, until every way to end a removal was gone a few times."""
    database = due.opened(url)
    barrier.wait(PATIENCE)
    began, turn, ended = time.monotonic(), 0, Counter[str]()
    while not over.is_set() and time.monotonic() < began + PATIENCE / 2:
        with suppress(ServiceError, ScimError):
            ended[PARTS[part](database, organization, turn) or ""] += 1
        turn += 1
        if all(ended[way] >= TIMES for way in WAYS):
            over.set()
    database.close()


def remove(database: Database, organization: str, turn: int) -> None:
    """Everyone of a round deactivated or, every other round, deleted."""
    name = EVERYBODY[turn % len(EVERYBODY)]
    with database.read(organization) as read:
        person = people_store.by_key(read, f"{name}@example.com")
    if person is None:
        return
    if turn // len(EVERYBODY) % 2:
        people.delete(Context(database, organization, OKTA), person.id)
    else:
        gone = parse_user({"userName": person.user_name, "active": False}, USERS)
        people.replace(Context(database, organization, OKTA), person.id, gone)


def provide(database: Database, organization: str, turn: int) -> None:
    """Reactivate a person, or create them again."""
    name = EVERYBODY[-1 - turn * 7 % len(EVERYBODY)]
    time.sleep(0.03)
    with database.read(organization) as read:
        person = people_store.by_key(read, f"{name}@example.com")
    sent = parse_user({"userName": f"{name}@example.com", "active": True}, USERS)
    if person is None:
        people.create(Context(database, organization, OKTA), sent)
    else:
        people.replace(Context(database, organization, OKTA), person.id, sent)


def end(database: Database, organization: str, _turn: int) -> str:
    """Confirm or restore the open removal after a while: each way in turn."""
    time.sleep(0.3)
    known = removal_queries.page(Context(database, organization, OPERATOR), limit=1_000).data
    open_ones = [str(types.reference) for types in known if types.removal.state == "open"]
    if not open_ones:
        return ""
    way = WAYS[(len(known) - len(open_ones)) % len(WAYS)]
    where = (Context(database, organization, OPERATOR), open_ones[0])
    if way == "confirmed":
        removals.confirm(*where)
    else:
        removals.restore(*where, buys=way == "bought")
    return way


WAYS = ("confirmed", "bought", "asked")
PARTS: dict[str, Callable[[Database, str, int], str | None]] = {
    "remove": remove,
    "provide": provide,
    "end": end,
}
