"""Events are delivered again with the ids of their messages, in order."""

from datetime import timedelta

import pytest

from scim_server.services.errors import UnknownMessage
from scim_server.services.webhooks import commands, queries
from scim_server.services.webhooks.commands import Range
from tests.services.webhooks.test_delivery import by_person, numbers
from tests.support.builders.webhooks import Hooks, ids
from tests.support.servers.receiving import Receiver, Reply

PEOPLE = [f"p{number}" for number in range(6)]


@pytest.mark.parametrize("batch", [1, 4])
def test_all_events_after_a_time_arrive_again_with_the_same_ids(
    hooks: Hooks, receiver: Receiver, batch: int
) -> None:
    acme, other = hooks.customer(), hooks.customer()
    endpoint = hooks.add(receiver.url, batch=batch)
    acme.provision(*PEOPLE)
    hooks.send()
    hooks.now += timedelta(hours=1)
    since, begin = hooks.now, len(receiver.requests)
    for name in PEOPLE:
        acme.remove(name)
    other.provision(*PEOPLE)
    hooks.send()
    first = receiver.requests[begin:]
    hooks.now += timedelta(hours=1)

    found = queries.ranges_since(hooks.scope(), endpoint.id, since)
    ranges = [one for one in found if one.organization in (acme.id, other.id)]
    previewed = commands.replay(hooks.scope(), endpoint.id, ranges, preview=True)
    nothing_yet = hooks.send()
    replayed = commands.replay(hooks.scope(), endpoint.id, ranges)
    hooks.send()

    again = receiver.requests[begin + len(first) :]
    assert nothing_yet == 0
    assert previewed == replayed == len(numbers(first)) == 12
    assert sorted(ids(again)) == sorted(ids(first))
    assert {one.id: one.body for one in again} == {one.id: one.body for one in first}


def test_a_range_arrives_in_order_and_before_later_events_of_the_same_people(
    hooks: Hooks, receiver: Receiver
) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    acme.provision(*PEOPLE)
    for name in PEOPLE:
        acme.remove(name)
    hooks.send()
    done = numbers(receiver.requests)
    receiver.decide = lambda _: Reply(500)
    acme.provision("new")
    hooks.send()
    begin = len(receiver.requests)
    receiver.decide = lambda _: Reply()

    number = commands.replay(hooks.scope(acme), endpoint.id, [Range(acme.id, min(done), max(done))])
    hooks.send()

    again = receiver.requests[begin:]
    assert number == 12
    assert sorted(numbers(again)) == sorted(done)
    assert all(found == sorted(found) for found in by_person(again).values())


def test_events_before_the_endpoint_can_be_delivered_too(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    acme.provision(*PEOPLE)
    endpoint = hooks.add(receiver.url, acme, types=("person.*",), batch=10)

    number = commands.replay(hooks.scope(acme), endpoint.id, [Range(acme.id)])
    hooks.send()

    assert number == len(numbers(receiver.accepted)) == 6
    assert len(receiver.requests) == 1


def test_one_message_of_the_log_is_delivered_again(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    acme.provision("ada", "grace")
    hooks.send()
    message = receiver.requests[0].id

    assert commands.replay_message(hooks.scope(acme), endpoint.id, message, preview=True) == 1
    commands.replay_message(hooks.scope(acme), endpoint.id, message)
    hooks.send()

    assert len(receiver.requests) == 3
    assert receiver.requests[2].id == message
    with pytest.raises(UnknownMessage):
        commands.replay_message(hooks.scope(acme), endpoint.id, "msg_unknown")


def test_a_replay_makes_messages_that_wait_for_a_retry_due_now(hooks: Hooks, receiver: Receiver) -> None:
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    receiver.decide = lambda _: Reply(500)
    acme.provision("ada")
    hooks.pass_time(hooks.now + timedelta(hours=5))
    receiver.decide = lambda _: Reply()

    commands.replay(hooks.scope(acme), endpoint.id, [Range(acme.id)])
    hooks.send()

    assert len(receiver.accepted) >= 1
    assert (
        len(set(ids([one for one in receiver.requests if one.events[0]["type"] == "person.provisioned"])))
        == 1
    )
    assert hooks.state(endpoint).waiting.events == 0


def test_a_replayed_batch_waits_for_an_earlier_one_with_an_event_of_the_same_person(
    hooks: Hooks, receiver: Receiver
) -> None:
    """The second message begins with the event of a new person, and also has an event of the first one."""
    acme = hooks.customer()
    endpoint = hooks.add(receiver.url, acme, batch=4)
    acme.provision("p0", "p1")
    hooks.send()
    acme.provision("p2")
    acme.remove("p0")
    hooks.send()
    first, second = ids(receiver.requests)
    receiver.decide = lambda request: Reply(500 if request.id == first else 204)

    commands.replay(hooks.scope(acme), endpoint.id, [Range(acme.id, 1)])
    hooks.send()
    refused = ids(receiver.requests[2:])
    receiver.decide = lambda _: Reply()
    hooks.pass_time(hooks.now + timedelta(minutes=1), step=timedelta(seconds=10))

    assert (second in refused, first in refused) == (False, True)
    assert [id_ for id_ in ids(receiver.accepted[2:]) if id_ in (first, second)] == [first, second]
    assert hooks.state(endpoint).waiting.events == 0


def test_a_replay_reaches_no_other_organization(hooks: Hooks, receiver: Receiver) -> None:
    acme, other = hooks.customer(), hooks.customer()
    endpoint = hooks.add(receiver.url, acme)
    other.provision(*PEOPLE)

    number = commands.replay(hooks.scope(acme), endpoint.id, [Range(other.id)])
    hooks.send()

    assert (number, receiver.requests) == (0, [])
