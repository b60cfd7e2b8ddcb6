"""The checks that only the campaign `nodes` has, shown to fail; the others are in `test_checks.py`."""

import pytest

from tests.campaigns import checks, nodes
from tests.campaigns.books import Books, Event, Person, Pool
from tests.campaigns.kill import CLIENTS, Round
from tests.campaigns.load import Record
from tests.support.servers import proxies


def served(kind: str, *, again: float, late: float = 0.0) -> Round:
    """A fault at 100 after which all clients have good answers at `again`, the last one `late` later."""
    moments = [again + late if client == CLIENTS - 1 else again for client in range(CLIENTS)]
    records = [
        Record(client, "POST", "/Users", "", 99.0, moment, 201) for client, moment in enumerate(moments)
    ]
    return Round(kind, 100.0, sorted(records, key=lambda one: one.answered))


@pytest.mark.parametrize("kind", nodes.KINDS)
def test_a_service_that_goes_on_within_its_limit_is_sound(kind: str) -> None:
    assert nodes.interrupted(served(kind, again=100.0 + nodes.GAPS[kind])) == []


@pytest.mark.parametrize("kind", nodes.KINDS)
def test_a_service_that_goes_on_later_is_interrupted(kind: str) -> None:
    limit = nodes.GAPS[kind]

    assert nodes.interrupted(served(kind, again=100.5 + limit)) == [
        f"{kind}: nobody had a good answer for {limit + 0.5:.1f} s instead of {limit} s at most"
    ]


def test_a_client_that_is_left_behind_is_named_although_the_others_are_served() -> None:
    one = served("node 1", again=100.1, late=10.5)
    others = [Record(0, "POST", "/Users", "", 100.0, 100.1 + second, 201) for second in range(1, 11)]
    one.records = sorted([*one.records, *others], key=lambda record: record.answered)

    assert nodes.interrupted(one) == ["node 1: a client had no good answer for 10.6 s"]


def test_answers_with_an_error_are_no_service() -> None:
    one = served("haproxy", again=100.1)
    one.records = [Record(0, "POST", "/Users", "", 100.0, 101.0 + at / 10, 503) for at in range(40)]

    assert len(nodes.interrupted(one)) == 1


@pytest.mark.parametrize("status", [0, 502, 503])
def test_a_drained_node_may_cost_no_request(status: int) -> None:
    one = served("node drained", again=100.1)
    assert nodes.refused(one) == []

    one.records.append(Record(0, "POST", "/Users", "", 100.0, 100.2, status))

    assert len(nodes.refused(one)) == 1
    one.kind = "node 1"
    assert nodes.refused(one) == []


def test_a_node_that_answers_nothing_after_a_fault_is_named() -> None:
    assert nodes.idle([10, 20], [11, 21]) == []
    assert nodes.idle([10, 20], [15, 20]) == ["node 2 answered nothing after the fault"]


@pytest.mark.parametrize("status", [502, 504])
def test_a_create_that_the_proxy_gave_up_may_be_there_or_not(status: int) -> None:
    records = [Record(0, "POST", "/Users", "ada@x", 1.0, 2.0, status)]
    event = Event(1, "person.provisioned", "ada", {"standard": [0, 1, 0]})
    ada = Person("ada", "ada@x", True, "standard", None, None, 1, "{}", 0)
    there = Books(1, 1, 0, [Pool("standard", 1, 1, 0, 0)], [ada], [event], [])
    gone = Books(0, 0, 0, [Pool("standard", 1, 0, 0, 0)], [], [], [])

    assert checks.kept(records, there) == checks.kept(records, gone) == []


def test_a_shipped_file_without_the_address_that_is_replaced_is_noticed() -> None:
    with pytest.raises(AssertionError, match=r"has '192\.0\.2\.99:8080' 0 times"):
        proxies.configured("haproxy.cfg", {"192.0.2.99:8080": "127.0.0.1:1"})
