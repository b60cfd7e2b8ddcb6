"""Webhooks while a receiver is away for three days, and while the workers that send them are killed."""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from multiprocessing.process import BaseProcess
from threading import Event
from typing import Final

from scim_server import telemetry
from scim_server.protocol.patch import changes
from scim_server.services.billing import due
from scim_server.services.people import commands as people
from scim_server.services.webhooks.commands import PUBLIC
from scim_server.worker import courier
from tests.campaigns.stage import Result, Stage, kill, log
from tests.support.builders.customer import OKTA, USERS, Customer
from tests.support.builders.webhooks import HERE, Hooks, person_of
from tests.support.servers import forking
from tests.support.servers.receiving import Received, Receiver, Reply, receiving
from tests.support.servers.running import prepare

DAYS: Final = 3
EVENTS_OF_A_PERSON: Final = 50
THREADS: Final = 8
STEP: Final = timedelta(hours=6)
PATIENCE: Final = 60
ACTIVE: Final = tuple(
    changes({"Operations": [{"op": "replace", "path": "active", "value": value}]}, USERS)
    for value in (True, False)
)
LATER: Final = timedelta(minutes=2)
"""After this time, the messages of a killed worker are taken again."""


def run(where: Stage, events: int, kills: int, seed: int) -> Result:
    """The outage, and then the kills with a tenth of the events."""
    result = Result()
    where.down()  # Its own worker would send them too.
    telemetry.configure("warning")  # A line for each request would hide the result.
    prepare(where.database_url)
    outage(where.database_url, events, result)
    killed(where.database_url, max(events // 10, 1), kills, seed, result)
    return result


def outage(url: str, events: int, result: Result) -> None:
    """A receiver is away for three days, by the clock of the database, while events go on."""
    database = due.opened(url)
    hooks = Hooks(database)
    try:
        with receiving() as away, receiving() as there:
            acme, other = hooks.customer(events), hooks.customer(events)
            late, quick = hooks.add(away.url, acme), hooks.add(there.url, other)
            before = {one.id: last(one) for one in (acme, other)}
            away.stop()
            begin = hooks.now
            each = max(events // DAYS, 1)
            for day in range(DAYS):
                live(acme, f"d{day}", each)
                live(other, f"d{day}", max(each // 10, 1))
                hooks.pass_time(begin + timedelta(days=day + 1), STEP)
                log(f"day {day + 1}: {hooks.state(late).waiting.events} events wait")
                result.faults += faults(f"the other receiver, day {day}", there.accepted, other, before)
            away.start()
            began = time.monotonic()
            hooks.pass_time(begin + timedelta(days=DAYS + 2), STEP)
            seconds = time.monotonic() - began
            result.faults += faults("the receiver", away.accepted, acme, before)
            for name, endpoint in (("the receiver", late), ("the other receiver", quick)):
                state = hooks.state(endpoint)
                if state.endpoint.disabled or state.waiting.events:
                    result.faults.append(f"{name} is {state.state}, {state.waiting.events} events wait")
            result.figures |= {
                "events after the outage": len(away.accepted),
                "events of the other receiver": len(there.accepted),
                "seconds for the backlog": round(seconds, 1),
            }
        hooks.remove_endpoints()
    finally:
        database.close()


def killed(url: str, events: int, kills: int, seed: int, result: Result) -> None:
    """Workers are killed at seeded moments while events are made; then the rest is sent."""
    database, dice = due.opened(url), random.Random(seed)
    real = database.now
    hooks = Hooks(database, real().isoformat())
    try:
        with receiving() as receiver:
            acme = hooks.customer(events)
            database.now = real
            hooks.add(receiver.url, acme)
            before = {acme.id: last(acme)}
            receiver.decide = partial(_sometimes, random.Random(seed + 1))
            with ThreadPoolExecutor(1) as writing:
                made = writing.submit(live, acme, "k", events)
                for _ in range(kills):
                    process = sending(url)
                    wait_for(receiver, len(receiver.requests) + dice.randint(1, 20), made.done)
                    time.sleep(dice.uniform(0, 0.02))
                    assert process.pid is not None
                    kill(process.pid)
                    process.join(PATIENCE)
                made.result(PATIENCE * 10)
            receiver.decide = lambda _: Reply()
            hooks.now = real() + LATER
            hooks.pass_time(hooks.now + timedelta(hours=1), LATER)
            result.faults += faults("after kills", receiver.accepted, acme, before)
            doubles = len(receiver.accepted) - len({one.id for one in receiver.accepted})
            result.figures |= {"kills": kills, "accepted twice": doubles}
        hooks.remove_endpoints()
    finally:
        database.close()


def wait_for(receiver: Receiver, requests: int, written: Callable[[], bool]) -> None:
    """Return when the receiver got so many requests, or gets no more because nothing happens any more."""
    deadline = time.monotonic() + PATIENCE
    while len(receiver.requests) < requests and time.monotonic() < deadline:
        if written():
            deadline = min(deadline, time.monotonic() + 1)
        time.sleep(0.005)


def _sometimes(dice: random.Random, _: Received) -> Reply:
    time.sleep(dice.random() * 0.01)
    return Reply(500 if dice.random() < 0.02 else 204)


def sending(url: str) -> BaseProcess:
    """Start a process that sends webhooks."""
    process = forking.context().Process(target=send_forever, args=(url,), daemon=True)
    process.start()
    return process


def send_forever(url: str) -> None:
    """Do what a worker does."""
    courier.run(due.opened(url, pool_size=2), HERE, Event())


def live(customer: Customer, prefix: str, events: int) -> None:
    """Let so many events happen: people are created, and then deactivated and activated again and again."""
    number = max(events // EVENTS_OF_A_PERSON, 1)
    share, rest = divmod(events, number)

    def life(index: int) -> None:
        name = f"{prefix}-{index}"
        customer.provision(name)
        id_ = customer.person(name).id
        for step in range(1, share + (index < rest)):
            people.patch(customer.context(OKTA), id_, ACTIVE[step % 2], USERS)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(life, range(number)))


def last(customer: Customer) -> int:
    """The number of the last event of an organization."""
    return max(int(row.sequence) for row in customer.rows("SELECT sequence FROM events"))


def faults(where: str, accepted: Sequence[Received], customer: Customer, before: dict[str, int]) -> list[str]:
    """Events that did not arrive, arrived in a wrong order for their person, or had two ids."""
    rows = customer.rows("SELECT sequence, type FROM events")
    want = {int(row.sequence) for row in rows if row.type in PUBLIC and row.sequence > before[customer.id]}
    found, seen, last_of = [], dict[int, str](), dict[str, int]()
    for message in accepted:
        for event in message.events:
            number, person = event["data"]["number"], person_of(event) or ""
            if seen.setdefault(number, message.id) != message.id:
                found.append(f"{where}: the event {number} has two ids")
            if number < last_of.get(person, 0):
                found.append(f"{where}: {number} after {last_of[person]} of {person}")
            last_of[person] = number
    if want != seen.keys():
        missed = sorted(want - seen.keys())
        found.append(
            f"{where}: {len(missed)} events are missing, {missed[:5]}; {len(seen.keys() - want)} more"
        )
    return found
