"""The checks that only the campaign `nodes` has fail on faulty records; the rest is in `test_checks.py`."""

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
def test_an_interruption_within_the_limit_is_accepted(kind: str) -> None:
    assert nodes.interrupted(served(kind, again=100.0 + nodes.GAPS[kind])) == []


@pytest.mark.parametrize("kind", nodes.KINDS)
def test_the_check_reports_an_interruption_over_the_limit(kind: str) -> None:
    limit = nodes.GAPS[kind]

    assert nodes.interrupted(served(kind, again=100.5 + limit)) == [
        f"{kind}: nobody had a good answer for {limit + 0.5:.1f} s instead of {limit} s at most"
    ]


def test_the_check_reports_a_single_client_without_good_answers() -> None:
    one = served("node 1", again=100.1, late=10.5)
    others = [Record(0, "POST", "/Users", "", 100.0, 100.1 + second, 201) for second in range(1, 11)]
    one.records = sorted([*one.records, *others], key=lambda record: record.answered)

    assert nodes.interrupted(one) == ["node 1: a client had no good answer for 10.6 s"]


def test_the_check_does_not_count_errors_as_good_answers() -> None:
    one = served("haproxy", again=100.1)
    one.records = [Record(0, "POST", "/Users", "", 100.0, 101.0 + at / 10, 503) for at in range(40)]

    assert len(nodes.interrupted(one)) == 1


@pytest.mark.parametrize("status", [0, 502, 503])
def test_the_check_reports_every_failed_request_of_a_drained_node(status: int) -> None:
    one = served("node drained", again=100.1)
    assert nodes.refused(one) == []

    one.records.append(Record(0, "POST", "/Users", "", 100.0, 100.2, status))

    assert len(nodes.refused(one)) == 1
    one.kind = "node 1"
    assert nodes.refused(one) == []


def test_the_check_reports_a_node_without_answers_after_a_fault() -> None:
    assert nodes.idle([10, 20], [11, 21]) == []
    assert nodes.idle([10, 20], [15, 20]) == ["node 2 answered nothing after the fault"]


@pytest.mark.parametrize("status", [502, 504])
def test_a_create_abandoned_by_the_proxy_may_or_may_not_be_stored(status: int) -> None:
    records = [Record(0, "POST", "/Users", "ada@x", 1.0, 2.0, status)]
    event = Event(1, "person.provisioned", "ada", {"standard": [0, 1, 0]})
    ada = Person("ada", "ada@x", True, "standard", None, None, 1, "{}", 0)
    there = Books(1, 1, 0, [Pool("standard", 1, 1, 0, 0)], [ada], [event], [])
    gone = Books(0, 0, 0, [Pool("standard", 1, 0, 0, 0)], [], [], [])

    assert checks.kept(records, there) == checks.kept(records, gone) == []


def test_a_shipped_file_without_the_address_to_replace_is_an_error() -> None:
    with pytest.raises(AssertionError, match=r"has '192\.0\.2\.99:8080' 0 times"):
        proxies.configured("haproxy.cfg", {"192.0.2.99:8080": "127.0.0.1:1"})
