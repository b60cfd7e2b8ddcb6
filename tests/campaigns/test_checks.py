"""Each check of a campaign is shown to fail on records or books that are not sound."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from scim_server.services.billing import due
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.store.database import schema
from scim_server.store.database.session import OPERATOR, Database
from tests.campaigns import books, checks
from tests.campaigns.books import Books, Event, Person, Pool
from tests.campaigns.checks import Place
from tests.campaigns.kill import Round
from tests.campaigns.load import NO_ANSWER, Record
from tests.conftest import DIALECTS

SEAT = {"standard": [0, 1, 0]}
DOCUMENT = '{"emails": [{"value": "one"}]}'
EVENTS = (
    Event(1, "seats.granted", None, {"standard": [2, 0, 0]}),
    Event(2, "person.provisioned", "ada", SEAT),
    Event(3, "person.provisioned", "bob", SEAT),
    Event(4, "person.queued", "cyd", {}),
    Event(5, "person.rejected", None, {}),
    Event(6, "seats.added", None, {"standard": [1, 0, 0]}),
    Event(7, "person.promoted", "cyd", SEAT),
)
PEOPLE = tuple(
    Person(
        name,
        f"{name}@x",
        active=True,
        tier="standard",
        wants=None,
        arrival=None,
        sequence=number,
        document=DOCUMENT,
        values=1,
    )
    for number, name in ((2, "ada"), (3, "bob"), (4, "cyd"))
)
SOUND = Books(7, 3, 0, (Pool("standard", 3, 3, 0, 0),), PEOPLE, EVENTS, ("dan@x",))
RECORDS = (
    Record(0, "POST", "/Users", "ada@x", 0.0, 1.0, 201, "ada"),
    Record(1, "POST", "/Users", "bob@x", 0.5, 1.5, 201, "bob"),
    Record(0, "POST", "/Users", "cyd@x", 2.0, 3.0, 201, "cyd"),
    Record(1, "POST", "/Users", "dan@x", 2.0, 3.0, 403),
    Record(1, "POST", "/Users", "eve@x", 4.0, 5.0, NO_ANSWER),
)


def test_correct_counters_and_records_pass_every_check() -> None:
    assert checks.recount(SOUND) == []
    assert checks.kept(RECORDS, SOUND) == []
    assert checks.overtaken(checks.places(RECORDS, EVENTS)) == []
    assert checks.promoted_in_order(EVENTS) == []
    assert checks.answered(RECORDS, {201: 3, 403: 1, NO_ANSWER: 1}) == []


@pytest.mark.parametrize(
    ("corrupted", "said"),
    [
        (replace(SOUND, events=EVENTS[:4] + EVENTS[5:]), "the history has gaps at [5]"),
        (replace(SOUND, events=EVENTS[:-1], sequence=7), "the clock stands at 7 after 6 events"),
        (replace(SOUND, sequence=8), "the clock stands at 8 after 7 events"),
        (replace(SOUND, people_counted=4), "4 people are counted, there are 3"),
        (replace(SOUND, waiting_any=1), "1 are counted as waiting for any tier, 0 people wait"),
        (replace(SOUND, pools=(Pool("standard", 2, 3, 0, 0),)), "standard: oversold, 3 + 0 of 2"),
        (replace(SOUND, pools=(Pool("standard", 3, 2, 0, 0),)), "2 seats are counted as assigned, 3 people"),
        (replace(SOUND, pools=(Pool("standard", 3, 3, 0, 1),)), "1 are counted as waiting, 0 people wait"),
        (replace(SOUND, pools=(Pool("standard", 4, 3, 0, 0),)), "is not the sum of the events (3, 3, 0)"),
        (replace(SOUND, pools=(Pool("standard", 4, 3, 0, 1),)), "people wait although a seat is free"),
        (replace(SOUND, events=(*EVENTS[:3], EVENTS[6], *EVENTS[3:6])), "event 7 oversold standard: 3 + 0"),
        (replace(SOUND, people=(*PEOPLE, PEOPLE[0])), "ada@x is there 2 times"),
        (replace(SOUND, people=(replace(PEOPLE[0], sequence=3), *PEOPLE[1:])), "ada@x was made by no event"),
        (replace(SOUND, people=(replace(PEOPLE[0], tier=None), *PEOPLE[1:])), "ada@x has the seat None"),
        (replace(SOUND, people=(replace(PEOPLE[0], values=0), *PEOPLE[1:])), "0 searchable values"),
        (replace(SOUND, people=(replace(PEOPLE[0], active=False), *PEOPLE[1:])), "inactive and takes a seat"),
        (replace(SOUND, people=PEOPLE[1:]), "the person ada is gone and has {'standard': 1}"),
    ],
)  # fmt: skip
def test_a_recount_reports_every_kind_of_fault(corrupted: Books, said: str) -> None:
    faults = checks.recount(corrupted)

    assert [fault for fault in faults if said in fault], faults


def test_an_upgrade_may_take_seats_from_people_moved_by_the_same_transaction() -> None:
    moved = Event(9, "person.moved", "ada", {"standard": [0, -1, 0], "premium": [0, 1, 0]}, "09:00")
    upgraded = Event(8, "seats.upgraded", None, {"standard": [-1, 0, 0], "premium": [1, 0, 0]}, "09:00")
    oversold = "event 8 oversold standard: 3 + 0 of 2"

    assert oversold not in checks.recount(replace(SOUND, events=(*EVENTS, upgraded, moved)))
    assert oversold in checks.recount(replace(SOUND, events=(*EVENTS, upgraded)))
    assert oversold in checks.recount(replace(SOUND, events=(*EVENTS, upgraded, replace(moved, at="09:01"))))


def test_people_may_wait_for_a_free_seat_only_while_the_queue_does_not_move() -> None:
    waiting = replace(SOUND, pools=(Pool("standard", 4, 3, 0, 1),))

    assert "standard: people wait although a seat is free" in checks.recount(waiting)
    assert "standard: people wait although a seat is free" not in checks.recount(waiting, still=True)


@pytest.mark.parametrize(
    ("records", "found", "said"),
    [
        (RECORDS, replace(SOUND, people=PEOPLE[1:]), "ada@x was acknowledged and is lost"),
        (
            RECORDS,
            replace(SOUND, people=(replace(PEOPLE[0], name="eve@x"), *PEOPLE[1:])),
            "ada@x was acknowledged and is eve@x",
        ),
        (
            (*RECORDS, Record(0, "DELETE", "/Users/ada", "", 6.0, 7.0, 204)),
            SOUND,
            "the deletion of ada@x was acknowledged and is lost",
        ),
        (RECORDS[1:], SOUND, "nobody asked for ada@x"),
        (
            (replace(RECORDS[0], status=409), *RECORDS[1:]),
            SOUND,
            "ada@x is there although the answers were [409]",
        ),
        (
            RECORDS,
            replace(SOUND, events=(EVENTS[0], *EVENTS[2:])),
            "ada@x was acknowledged and no event made them",
        ),
        (RECORDS, replace(SOUND, refused=()), "dan@x was refused and the log does not say so"),
    ],
)  # fmt: skip
def test_the_check_reports_answers_that_contradict_the_stored_state(
    records: tuple[Record, ...], found: Books, said: str
) -> None:
    assert said in checks.kept(records, found)


def test_a_deletion_without_an_answer_may_or_may_not_have_happened() -> None:
    unknown = (*RECORDS, Record(0, "DELETE", "/Users/ada", "", 6.0, 7.0, NO_ANSWER))

    assert checks.kept(unknown, SOUND) == []
    assert checks.kept(unknown, replace(SOUND, people=PEOPLE[1:])) == []


def test_the_check_reports_a_wrong_number_of_answers() -> None:
    assert checks.answered(RECORDS, {201: 5}) == [
        "the answers were {'no answer': 1, '201': 3, '403': 1} instead of {'201': 5}"
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [(8, 7), (None, 7)],
    ids=["promoted too early", "seated while the earlier one waits"],
)
def test_a_later_request_with_an_earlier_turn_is_reported_as_overtaking(
    first: int | None, second: int
) -> None:
    earlier, later = Place("ada", 0.0, 1.0, first), Place("bob", 1.1, 2.0, second)

    assert checks.overtaken([earlier, later]) == ["bob came after ada and had their turn before (7)"]


@pytest.mark.parametrize("turns", [(7, 8), (None, None), (7, None)])
def test_an_earlier_or_equal_turn_is_not_reported_as_overtaken(
    turns: tuple[int | None, int | None],
) -> None:
    earlier, later = Place("ada", 0.0, 1.0, turns[0]), Place("bob", 1.1, 2.0, turns[1])

    assert checks.overtaken([earlier, later]) == []


def test_overlapping_requests_may_have_their_turns_in_any_order() -> None:
    assert checks.overtaken([Place("ada", 0.0, 1.0, 8), Place("bob", 0.9, 2.0, 7)]) == []


def test_an_overtaking_request_is_found_among_others() -> None:
    waited = Place("ada", 0.0, 1.0, 9)
    others = [Place("bob", 2.0, 3.0, 5), Place("cyd", 0.5, 3.0, 6), Place("dan", 0.5, 3.0, 7)]

    assert len(checks.overtaken([waited, *others])) == 1


def test_the_check_reports_a_promotion_before_an_earlier_arrival() -> None:
    events = [Event(n, "person.queued", who, {}) for n, who in ((1, "ada"), (2, "bob"))]
    promoted = [Event(n, "person.promoted", who, SEAT) for n, who in ((3, "bob"), (4, "ada"))]

    assert checks.promoted_in_order([*events, *promoted]) == [
        "event 4 promotes who arrived as 1, after 2"
    ]  # fmt: skip


def test_the_gap_after_a_fault_is_the_longest_wait_of_any_client() -> None:
    def good(client: int, answered: float, status: int = 201) -> Record:
        return Record(client, "POST", "/Users", "", answered - 0.1, answered, status)

    hit = Round("worker", at=10.0)
    hit.records = [
        good(0, 9.0),
        good(0, 10.5),
        good(0, 11.0),
        good(1, 9.9),
        good(1, 12.0, NO_ANSWER),
        good(1, 13.0),
    ]

    assert hit.silence({0, 1}) == 2.0
    assert hit.gap() == 3.0


def test_the_gap_of_a_client_without_further_answers_lasts_to_the_end() -> None:
    hit = Round("worker", at=10.0, records=[Record(0, "POST", "/Users", "", 10.0, 17.0, NO_ANSWER)])

    assert hit.gap() == 7.0


@pytest.fixture(params=DIALECTS)
def database(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Database]:
    """A separate database, because the test damages it."""
    opened = due.opened(new_url(request.param))
    schema.upgrade(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE organization_clock SET sequence = 9", "the clock stands at 9 after"),
        ("UPDATE seat_pool SET purchased = 8", "is not the sum of the events (7, 0, 0)"),
        ("UPDATE organization_clock SET people = 1", "1 people are counted, there are 0"),
    ],
)
def test_the_checks_pass_a_real_database_until_it_is_damaged(
    database: Database, damage: str, said: str
) -> None:
    organizations.create(database, OPERATOR, NewOrganization("acme", {"standard": 7}))
    before = checks.recount(books.read(database.url, "acme"))

    database.write_unnumbered(lambda connection: connection.execute(text(damage)))

    faults = checks.recount(books.read(database.url, "acme"))
    assert before == []
    assert [fault for fault in faults if said in fault], faults
