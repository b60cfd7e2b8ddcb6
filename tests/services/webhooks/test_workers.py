"""Several workers at once send every message once."""

import threading
from threading import Event

from scim_server.worker import courier
from tests.services.webhooks.test_delivery import by_person, numbers, public
from tests.support.builders.webhooks import HERE, Hooks, ids
from tests.support.servers.receiving import Received, Receiver, Reply

PEOPLE = [f"p{number}" for number in range(30)]
WORKERS = 3


def test_workers_at_the_same_time_send_nothing_twice(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url, acme)
    before = public(acme)[-1]
    together = threading.Barrier(WORKERS + 1)

    def work() -> None:
        together.wait()
        for _ in range(10):
            courier.run_once(hooks.database, HERE, Event())

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    together.wait()
    for name in PEOPLE:
        acme.provision(name)
        acme.remove(name)
    for thread in threads:
        thread.join()
    hooks.send()

    assert len(set(ids(receiver.requests))) == len(receiver.requests)
    assert sorted(numbers(receiver.accepted)) == public(acme, before)
    assert all(found == sorted(found) for found in by_person(receiver.accepted).values())


def test_a_worker_that_is_stopped_finishes_its_requests(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    acme.provision(*PEOPLE)
    stop, first = Event(), threading.Event()
    receiver_decide = receiver.decide

    def slow(request: Received) -> Reply:
        first.set()
        stop.wait(5)
        return receiver_decide(request)

    receiver.decide = slow
    working = threading.Thread(target=courier.run, args=(hooks.database, HERE, stop))
    working.start()
    first.wait(5)
    stop.set()
    working.join(20)

    assert not working.is_alive()
    assert 1 <= len(receiver.accepted) == len(hooks.log(endpoint)) < len(PEOPLE)
    receiver.decide = receiver_decide
    hooks.send()
    assert len(receiver.requests) == len(PEOPLE)
