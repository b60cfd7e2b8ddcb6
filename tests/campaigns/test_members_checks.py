"""Each check of members, groups and invitations fails on faulty records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.campaigns import members_checks
from tests.campaigns.acts import Act
from tests.campaigns.books import Pool
from tests.campaigns.ledger import Entry
from tests.campaigns.load import NO_ANSWER, Record
from tests.campaigns.queue_replay import replayed
from tests.campaigns.roster import Gives, Invitation, Member, Roster

STANDARD, PREMIUM = {"standard": [0, 1, 0]}, {"premium": [0, 1, 0]}
UP = {"standard": [0, -1, 0], "premium": [0, 1, 0]}
DOWN = {"premium": [0, -1, 0], "standard": [0, 1, 0]}
MANUALLY = {"override": True}


def entry(
    number: int,
    type_: str,
    person: str | None = None,
    seats: Mapping[str, Sequence[int]] | None = None,
    *,
    reason: str | None = "created",
    at: str = "",
    **payload: object,
) -> Entry:
    return Entry(number, at or f"09:{number:02}", type_, "hands", reason, person, seats or {}, payload)


HISTORY = (
    entry(1, "organization.created", seats={"standard": [2, 0, 0], "premium": [1, 0, 0]}),
    entry(2, "person.provisioned", "ann", PREMIUM),
    entry(3, "person.provisioned", "bob", STANDARD),
    entry(4, "person.provisioned", "cyd", STANDARD),
    entry(5, "person.queued", "dan", wants="any"),
    entry(6, "person.queued", "eve", wants="any"),
    entry(7, "person.moved", "ann", DOWN, reason="swapped", at="10:00", **MANUALLY),
    entry(8, "person.moved", "bob", UP, reason="swapped", at="10:00", **MANUALLY),
    entry(9, "person.deleted", "cyd", {"standard": [0, -1, 0]}, reason="deleted", at="11:00"),
    entry(10, "person.promoted", "dan", STANDARD, reason="seat_free", at="11:00"),
    entry(11, "person.unassigned", "dan", {"standard": [0, -1, 0]}, reason="reassigned", at="12", **MANUALLY),
    entry(12, "person.provisioned", "eve", STANDARD, reason="reassigned", at="12", **MANUALLY),
    entry(13, "mapping.saved", group="Sales", tier="premium", role="admin", priority=None),
    entry(14, "person.role_changed", "bob", reason="mapping", to="admin"),
    entry(15, "invitation.sent", seats={"standard": [0, 0, 1]}, reason=None),
    entry(16, "invitation.accepted", "fay", reason="invitation"),
)


def member(name: str, tier: str | None, role: str = "user", unseated: str | None = None) -> Member:
    return Member(
        name,
        f"{name}@x",
        active=True,
        role=role,
        tier=tier,
        wants=None,
        priority=100,
        arrival=None,
        unseated=unseated,
    )


ANN, BOB, DAN, EVE = (
    member("ann", "standard"),
    member("bob", "premium", role="admin"),
    member("dan", None, unseated="unassigned"),
    member("eve", "standard"),
)
PENDING = Invitation("1", "gus@x", "pending", "standard", None)
ROSTER = Roster(
    members=(ANN, BOB, DAN, EVE),
    invitations=(PENDING, Invitation("2", "fay@x", "accepted", None, "fay")),
    mappings={"sales": Gives("premium", "admin", None)},
    within={"bob": frozenset({"sales", "all"})},
    unmapped="highest",
    personal={7: "ann@x", 8: "bob@x", 9: "cyd@x", 11: "dan@x", 12: "eve@x", 15: "gus@x", 16: "fay@x"},
)
POOLS = (Pool("standard", 2, 2, 1, 0), Pool("premium", 1, 1, 0, 0))
ACTS = (
    Act("acme", "swap", ("ann@x", "bob@x"), "done"),
    Act("acme", "reassign", ("dan@x", "eve@x"), "done"),
    Act("acme", "swap", ("bob@x", "eve@x"), "refused", "no"),
    Act("acme", "invite", ("gus@x",), "done"),
    Act("acme", "accept", ("fay@x",), "done"),
    Act("acme", "retry", ("eve@x",), "done"),
)
RECORDS = (
    Record(0, "POST", "/Users", "ann@x", 0.0, 1.0, 201, "ann"),
    Record(0, "DELETE", "/Users/cyd", "", 1.0, 2.0, 204),
    Record(0, "PATCH", "/Groups/1", "", 1.0, 2.0, 400),
)


def instead(number: int, **values: Any) -> tuple[Entry, ...]:  # noqa: ANN401 - any column of it
    """The history with another event of a number."""
    return tuple(replace(one, **values) if one.sequence == number else one for one in HISTORY)


def with_member(changed: Member) -> Roster:
    return replace(ROSTER, members=tuple(changed if one.id == changed.id else one for one in ROSTER.members))


def everything(
    entries: Sequence[Entry] = HISTORY,
    roster: Roster = ROSTER,
    acts: Sequence[Act] = ACTS,
    records: Sequence[Record] = RECORDS,
    pools: Sequence[Pool] = POOLS,
) -> list[str]:
    return [
        *replayed(entries, roster.members),
        *members_checks.answers(records, acts, 15),
        *members_checks.held(pools, roster),
        *members_checks.manually(entries, acts, roster),
        *members_checks.released(entries, records, "seats"),
        *members_checks.letters(entries, acts, roster),
        *members_checks.let_in(entries, acts, roster),
        *members_checks.mapped(entries, roster),
    ]


def test_correct_records_pass_every_check() -> None:
    assert everything() == []


SEATED_EVE = instead(10, person="eve")
NEW_PERSON = (*HISTORY[:9], entry(10, "person.provisioned", "gil", STANDARD, at="11:00"))
IDLE = (*HISTORY[:9], replace(HISTORY[9], at="11:01"))
SERVED = (*HISTORY[:6], entry(7, "person.prioritised", "eve", reason="mapping", to=10), *HISTORY[8:10])


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (SEATED_EVE, "event 10 person.promoted seats on standard before (100, 5)"),
        (NEW_PERSON, "event 10 person.provisioned seats on standard before (100, 5)"),
        (IDLE, "event 9 leaves a standard seat free for which a person waits"),
        (SERVED, "event 10 person.promoted seats on standard before (10, 6)"),
        (instead(9, person="bob"), "event 9 takes ['standard'] of who has premium"),
        (instead(9, seats={}), "event 9 takes [] of who has standard"),
        (instead(3, seats={}), "event 3 person.provisioned gives []"),
        (instead(12, person="gil"), "eve@x is ('standard', None, 100, None), and by the"),
        (instead(12, person="gil"), "gil sits by the events, and is gone"),
        (instead(8, at="10:01"), "event 8 is swapped alone"),
        (instead(8, seats=STANDARD), "event 8 gives {'standard': -1} for {'premium': -1, 'standard': 1}"),
        (instead(12, seats=PREMIUM), "event 12 gives {'premium': -1} for {'standard': -1}"),
        (instead(9, type="person.promoted"), "event 9 person.promoted took the seat of cyd"),
        (instead(9, person="ann"), "event 9 person.deleted took the seat of ann"),
        (instead(8, reason="mapping"), "event 8 moved bob by mapping"),
        (HISTORY[:14] + HISTORY[15:], "invitation.sent of gus@x: 0 events, 1 were acknowledged"),
        (HISTORY[:15], "fay@x was told to have accepted, and has not"),
        (HISTORY[:12] + HISTORY[13:], "the mappings are {'sales': ('premium', 'admin', None)}, and by the"),
    ],
)  # fmt: skip
def test_the_check_reports_an_impossible_history(entries: tuple[Entry, ...], said: str) -> None:
    faults = everything(entries)

    assert [fault for fault in faults if said in fault], faults


MAPPED = (*HISTORY[:6], HISTORY[8], entry(10, "person.moved", "ann", DOWN, reason="mapping", at="11:00"))
BETTER = entry(9, "person.prioritised", "ann", reason="mapping", at="11:00", to=50)
LEFT_A_GROUP = entry(8, "person.wait_ended", "ann", waited_for="standard", arrival=4)


def test_a_person_moved_by_a_mapping_is_reported_only_if_their_place_is_behind_a_waiting_person() -> None:
    overtaken = "event 10 person.moved seats on standard before (100, 5)"

    assert overtaken in replayed(MAPPED, ())
    assert overtaken not in replayed((*MAPPED[:-1], BETTER, MAPPED[-1]), ())
    assert overtaken not in replayed((*MAPPED[:-2], LEFT_A_GROUP, *MAPPED[-2:]), ())


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        (with_member(replace(ANN, tier="premium")), "ann@x is ('premium', None, 100, None), and"),
        (with_member(replace(EVE, priority=5)), "eve@x is user with 5, and their groups give user"),
        (with_member(replace(BOB, role="user")), "bob@x is user with 100, and their groups give admin"),
        (with_member(replace(BOB, tier="standard")), "bob@x sits on standard, waits for None, and"),
        (with_member(replace(DAN, unseated="awaiting_group")), "dan@x awaits a group, and nobody has to"),
        (replace(ROSTER, members=(ANN, BOB, DAN)), "eve@x was let in from the log and is lost"),
        (replace(ROSTER, invitations=()), "standard: 1 seats are counted as held, 0 invitations hold one"),
        (replace(ROSTER, invitations=(PENDING, PENDING)), "gus@x is invited twice"),
        (replace(ROSTER, invitations=(replace(PENDING, held=None),)), "of gus@x is pending and holds None"),
        (replace(ROSTER, invitations=(replace(PENDING, state="revoked"),)), "is revoked and holds standard"),
        (replace(ROSTER, mappings={}), "the mappings are {}, and by the events {'sales'"),
    ],
)  # fmt: skip
def test_the_check_reports_members_in_a_wrong_state(roster: Roster, said: str) -> None:
    faults = everything(roster=roster)

    assert [fault for fault in faults if said in fault], faults


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        (ACTS[1:], "('swapped', 'swapped') of ('ann@x', 'bob@x') was done, and nobody asked"),
        ((*ACTS, ACTS[0]), "('swapped', 'swapped') of ('ann@x', 'bob@x') was acknowledged and is lost"),
        ((*ACTS, Act("acme", "unassign", ("ann@x",), "done")), "of ('ann@x',) was acknowledged and is lost"),
        ((*ACTS, ACTS[3]), "invitation.sent of gus@x: 1 events, 2 were acknowledged"),
        (ACTS[:4] + ACTS[5:], "fay@x has accepted, and was told nothing"),
        ((*ACTS, Act("acme", "save", (), "failed", "KeyError")), "save of () failed: KeyError"),
        ((*ACTS, replace(ACTS[2], answered=16.0)), "a request waited 16.0 s for an answer"),
    ],
)
def test_the_check_reports_acts_that_contradict_their_results(acts: tuple[Act, ...], said: str) -> None:
    faults = everything(acts=acts)

    assert [fault for fault in faults if said in fault], faults


@pytest.mark.parametrize("status", [500, 503, 429, NO_ANSWER])
def test_the_check_reports_unexpected_answers(status: int) -> None:
    faults = everything(records=(*RECORDS, replace(RECORDS[0], status=status)))

    assert faults == [f"POST /Users was answered {status or 'nothing'}"]


def test_the_check_reports_a_400_for_a_request_other_than_a_group_change() -> None:
    assert everything(records=(*RECORDS, Record(0, "PATCH", "/Users/1", "", 1.0, 2.0, 400))) == [
        "PATCH /Users/1 was answered 400"
    ]
