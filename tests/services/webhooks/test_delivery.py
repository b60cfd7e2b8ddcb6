"""Events arrive at a real receiver: signed, at least once, and in order for each person."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from scim_server.representations.messages import LARGEST, body_of
from scim_server.services.webhooks import commands
from scim_server.services.webhooks.commands import Scheme
from scim_server.store.rows import feed
from tests.support.builders.customer import Customer
from tests.support.builders.webhooks import Hooks, events_of, ids, person_of
from tests.support.servers.receiving import Received, Receiver, Reply, receiving

PEOPLE = [f"p{number}" for number in range(20)]
DAYS = timedelta(days=1)


def numbers(requests: list[Received]) -> list[int]:
    """The numbers of the events, in the order of their arrival."""
    return [event["data"]["number"] for event in events_of(requests)]


def by_person(requests: list[Received]) -> dict[str | None, list[int]]:
    found = defaultdict(list)
    for event, number in zip(events_of(requests), numbers(requests), strict=True):
        found[person_of(event)].append(number)
    return found


def public(customer: Customer, after: int = 0) -> list[int]:
    """The numbers of the public events of an organization."""
    rows = customer.rows("SELECT sequence, type FROM events")
    return sorted(row.sequence for row in rows if row.sequence > after and row.type in commands.PUBLIC)


def change_all(customer: Customer, names: list[str]) -> None:
    for name in names:
        customer.remove(name)


def test_an_event_arrives_signed_and_once(hooks: Hooks, receiver: Receiver) -> None:
    hooks.now = datetime.now(UTC)
    acme = hooks.customer()
    made = hooks.added(receiver.url, acme)

    acme.provision("ada")
    hooks.send()
    hooks.send()

    (request,) = receiver.requests
    verified = Webhook(made.verifier).verify(request.body, dict(request.headers))
    assert verified["type"] == "person.provisioned"
    assert verified["data"]["organization"] == acme.slug
    assert set(verified) == {"type", "timestamp", "data"}
    assert request.headers["content-type"] == "application/json"


def test_an_endpoint_gets_the_events_after_its_creation_only(hooks: Hooks, receiver: Receiver) -> None:
    acme, other = hooks.customer(), hooks.customer()
    acme.provision("ada")
    other.provision("ada")
    hooks.add(receiver.url, acme)
    hooks.add(receiver.url)

    hooks.send()

    assert receiver.requests == []


def test_the_vendor_gets_the_events_of_all_organizations_each_in_order(
    hooks: Hooks, receiver: Receiver
) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url)
    new = hooks.customer()
    for name in ("ada", "grace"):
        acme.provision(name)
        new.provision(name)
    acme.remove("ada")

    hooks.send()

    sent = defaultdict(set)
    for event in events_of(receiver.accepted):
        sent[event["data"]["organization"]].add(event["data"]["number"])
    assert sorted(sent[new.slug]) == public(new)
    assert sorted(sent[acme.slug]) == public(acme)[-3:]
    assert len(receiver.requests) == sum(map(len, sent.values()))


def test_only_the_wanted_types_and_families_are_sent(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url, acme, types=("person.deleted", "seats.*"))

    acme.provision("ada")
    acme.remove("ada")
    acme.buy(standard=1)
    hooks.send()

    assert sorted(event["type"] for event in events_of(receiver.accepted)) == [
        "person.deleted",
        "seats.added",
    ]


def test_the_events_of_a_person_arrive_in_order_while_others_overtake(
    hooks: Hooks, receiver: Receiver
) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url, acme)
    acme.provision("ada", "grace")
    ada = acme.person("ada").id
    acme.remove("ada")
    acme.remove("grace")
    receiver.decide = lambda request: Reply(500 if ada in request.body.decode() else 204)

    hooks.send()

    assert len(receiver.requests) == 3
    assert len(by_person(receiver.accepted)) == 1
    assert ada not in by_person(receiver.accepted)
    receiver.decide = lambda _: Reply()
    hooks.pass_time(hooks.now + timedelta(seconds=10))
    assert by_person(receiver.accepted)[ada] == sorted(by_person(receiver.accepted)[ada])
    assert sorted(numbers(receiver.accepted)) == public(acme)[-4:]


def test_after_three_days_without_a_receiver_everything_arrives_in_order(hooks: Hooks) -> None:
    acme, quick = hooks.customer(), hooks.customer()
    with receiving() as away, receiving() as there:
        endpoint, other = hooks.add(away.url, acme), hooks.add(there.url, quick)
        before, quick_before = public(acme)[-1], public(quick)[-1]
        acme.provision(*PEOPLE)
        hooks.send()
        tried = set(ids(away.requests[:0]))
        away.stop()
        begin = hooks.now
        change_all(acme, PEOPLE)
        for day in range(3):
            acme.provision(*(f"day{day}-{name}" for name in PEOPLE))
            quick.provision(*(f"day{day}-{name}" for name in PEOPLE))
            hooks.pass_time(begin + (day + 1) * DAYS, step=timedelta(hours=5))
            assert len(there.accepted) == 20 * (day + 1)
        change_all(acme, [f"day0-{name}" for name in PEOPLE])

        away.start()
        hooks.pass_time(begin + 4 * DAYS, step=timedelta(hours=5))

        assert hooks.state(endpoint).endpoint.disabled is None
        assert sorted(numbers(away.accepted)) == public(acme, before)
        assert all(found == sorted(found) for found in by_person(away.accepted).values())
        assert sorted(numbers(there.accepted)) == public(quick, quick_before)
    logged = hooks.log(endpoint)
    assert tried == set()
    messages = defaultdict(set)
    for entry in logged:
        messages[entry.attempt.events].add(entry.attempt.message)
    assert all(len(found) == 1 for found in messages.values())
    assert hooks.outcomes(other) == ["delivered"] * 60
    assert hooks.state(endpoint).waiting.events == 0


def test_a_batch_has_the_next_events_and_each_lane_stays_in_order(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url, acme, batch=7)
    before = public(acme)[-1]
    acme.provision(*PEOPLE)
    change_all(acme, PEOPLE)

    hooks.send()

    assert max(len(one.events) for one in receiver.requests) == 7
    assert len(receiver.requests) <= 12
    assert sorted(numbers(receiver.accepted)) == public(acme, before)
    assert all(found == sorted(found) for found in by_person(receiver.accepted).values())


def test_a_batch_of_one_event_is_a_list_too(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url, acme, batch=2)

    acme.provision("ada")
    hooks.send()

    assert receiver.requests[0].body.startswith(b"[{")


def test_a_failed_batch_is_sent_again_as_it_was_and_holds_back_only_its_people(
    hooks: Hooks, receiver: Receiver
) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url, acme, batch=3)
    acme.provision("ada", "grace", "linus")
    receiver.decide = lambda _: Reply(500)
    hooks.send()
    acme.remove("grace")
    acme.provision("barbara")
    receiver.decide = lambda request: Reply(500 if request.id == receiver.requests[0].id else 204)

    hooks.send()
    receiver.decide = lambda _: Reply()
    hooks.pass_time(hooks.now + timedelta(minutes=1))

    first, second, third, fourth = receiver.requests
    assert [len(one.events) for one in receiver.requests] == [3, 1, 3, 1]
    assert second.events[0]["type"] == "person.provisioned"
    assert third.id == first.id
    assert numbers([third]) == numbers([first])
    assert fourth.events[0]["type"] == "person.deleted"


def test_events_without_a_person_keep_their_order(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url, acme)
    for _ in range(5):
        acme.buy(standard=1)
    receiver.decide = lambda _: Reply(500 if len(receiver.requests) <= 2 else 204)

    hooks.send()
    assert len(receiver.requests) == 1
    hooks.pass_time(hooks.now + timedelta(minutes=20), step=timedelta(minutes=1))

    assert numbers(receiver.accepted) == sorted(numbers(receiver.accepted))
    assert len(receiver.accepted) == 5


def test_a_thin_payload_has_no_values_of_the_event(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    hooks.add(receiver.url, acme, payload="thin")

    acme.provision("ada")
    hooks.send()

    (event,) = events_of(receiver.requests)
    assert event["data"].keys() == {"id", "organization", "number", "about"}
    assert event["data"]["about"] == {"type": "person", "id": acme.person("ada").id}
    assert "ada" not in receiver.requests[0].body.decode()


def test_an_event_of_20_kilobytes_is_sent_thin(hooks: Hooks) -> None:
    acme = hooks.customer()
    endpoint = hooks.add("http://127.0.0.1:1/", acme)
    acme.provision("ada")
    with hooks.database.snapshot() as connection:
        (event,) = feed.numbered(connection, acme.id, [public(acme)[-1]])

    def body(filler: int) -> bytes:
        return body_of(endpoint, [replace(event, payload={**event.payload, "filler": "x" * filler})])

    most = LARGEST - 1 - len(body(0))
    assert LARGEST == 20_000
    assert len(body(most)) == LARGEST - 1
    assert set(json.loads(body(most + 1))["data"]) == {"id", "organization", "number", "about"}


def test_both_keys_sign_during_a_rotation(hooks: Hooks, receiver: Receiver) -> None:
    hooks.now = datetime.now(UTC)
    acme = hooks.customer()
    old = hooks.added(receiver.url, acme)
    scope, id_ = hooks.scope(acme), old.endpoint.id
    new = commands.rotation_start(scope, id_)
    acme.provision("ada")
    hooks.send()
    commands.rotation_complete(scope, id_)
    acme.provision("grace")
    hooks.send()
    asymmetric = commands.rotation_start(scope, id_, Scheme.ED25519)
    commands.rotation_cancel(scope, id_)
    acme.provision("linus")
    hooks.send()

    during, *after = receiver.requests
    during, *after = [one for one in receiver.requests if one.events[0]["type"] == "person.provisioned"]
    for key in (old.verifier, new.verifier):
        assert Webhook(key).verify(during.body, dict(during.headers))
    assert len(during.headers["webhook-signature"].split(" ")) == 2
    for request in after:
        assert Webhook(new.verifier).verify(request.body, dict(request.headers))
        assert len(request.headers["webhook-signature"].split(" ")) == 1
    assert asymmetric.verifier.startswith("whpk_")
