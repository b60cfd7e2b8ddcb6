"""Counts one organization again from its rows, in plain SQL, and names an invariant that does not hold.

It shares nothing with the server but the names of the tables, not even its own check of the database.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction

from sqlalchemy import Connection

from tests.support.oracles.rows import ANY, Row, Rows, read


def recount(connection: Connection, organization: str, now: datetime | None = None) -> None:
    """Check I1, I2, I4, I5, I6 and I7 on the rows of one snapshot, and that the invoices explain the plan.

    Args:
        now: the present moment of the organization, if a test moves it.

    Raises:
        AssertionError: one of them does not hold; the message begins with its name.
    """
    check(read(connection, organization), now)


def check(rows: Rows, now: datetime | None = None) -> None:
    """The same for rows that were read."""
    assert len(rows.clocks) == 1, f"there are {len(rows.clocks)} clocks"
    clock = rows.clocks[0]
    _seats(rows.tiers, rows.people, clock.waiting_any)
    _held(rows.invitations, rows.departures, rows.tiers)
    _ledger(rows.events, rows.tiers, rows.people)
    _history(rows.events, clock.sequence)
    _alerts(rows.events, rows.tiers)
    _no_person_has_two_seats(rows.people)
    if not _stands_still(clock, now):
        _no_free_seat_is_waited_for(rows.tiers, rows.people)
    _invoices(rows)
    _automatic(rows.events, rows.tiers)
    _counts_of_rows(rows)
    _requests(rows)


def _deltas(events: Sequence[Row]) -> Iterator[tuple[Row, str, list[int]]]:
    for event in events:
        for tier, delta in event.seats.items():
            yield event, tier, delta


def _seats(tiers: Sequence[Row], people: Sequence[Row], waiting_any: int) -> None:
    sitting = Counter(person.tier for person in people)
    wanting = Counter(person.wants for person in people)
    for pool in tiers:
        in_use = sitting[pool.tier] + pool.held
        assert in_use <= pool.purchased, f"I1: {in_use} of {pool.purchased} {pool.tier} seats are in use"
        assert pool.assigned + pool.held <= pool.purchased, f"I1: the counters oversell {pool.tier}"
        assert pool.assigned == sitting[pool.tier], f"I2: {pool.assigned} {pool.tier} seats are not the rows"
        assert pool.waiting == wanting[pool.tier], f"I2: {pool.waiting} wait for {pool.tier}, not the rows"
    assert waiting_any == wanting[ANY], f"I2: {waiting_any} wait for any tier, not the rows"


def _held(invitations: Sequence[Row], left: Sequence[Row], tiers: Sequence[Row]) -> None:
    """Pending invitations hold a seat unless the invitee has one; people of a mass removal may hold seats."""
    pending = [row for row in invitations if row.state == "pending"]
    holding = Counter(row.held for row in pending if row.person is None)
    assert None not in holding, "I2: an invitation is pending and holds no seat"
    holding.update(row.held for row in left)
    for pool in tiers:
        assert pool.held == holding[pool.tier], f"I2: {pool.held} {pool.tier} seats are held, not the rows"
    assert len({row.email_key for row in pending}) == len(pending), "an address is invited twice"


def _ledger(events: Sequence[Row], tiers: Sequence[Row], people: Sequence[Row]) -> None:
    sums = {pool.tier: [0, 0, 0] for pool in tiers}
    of_people: Counter[tuple[str, str]] = Counter()
    for event, tier, delta in _deltas(events):
        sums[tier] = [total + change for total, change in zip(sums[tier], delta, strict=True)]
        if delta[1]:
            of_people[event.person, tier] += delta[1]
    for pool in tiers:
        counters = [pool.purchased, pool.assigned, pool.held]
        assert sums[pool.tier] == counters, f"I2: {pool.tier} {counters} is not the events' {sums[pool.tier]}"
    logged = {person for person, seats in of_people.items() if seats}
    sitting = {(person.id, person.tier) for person in people if person.tier is not None}
    assert logged == sitting, f"I7: the events tell of other seats: {logged ^ sitting}"
    assert set(of_people.values()) <= {0, 1}, "I7: a person's seat was recorded more than once"


def _history(events: Sequence[Row], clock: int) -> None:
    numbers = [event.sequence for event in events]
    assert numbers == list(range(1, len(numbers) + 1)), "I7: the numbers of the events have gaps or repeats"
    assert clock == len(numbers), f"I7: the clock stands at {clock} after {len(numbers)} events"


def _alerts(events: Sequence[Row], tiers: Sequence[Row]) -> None:
    """SEATS 33: a threshold is reported where it was crossed, and once until it is armed again."""
    totals = {pool.tier: [0, 0, 0] for pool in tiers}
    armed = {pool.tier: {80, 90, 100} for pool in tiers}
    for event in events:
        for tier, delta in event.seats.items():
            totals[tier] = [total + change for total, change in zip(totals[tier], delta, strict=True)]
            share = _percent(totals[tier])
            armed[tier] |= {percent for percent in (80, 90, 100) if share <= percent - 5}
        if event.type == "seats.threshold":
            logged = event.payload
            purchased, assigned, held = totals[logged["tier"]]
            assert (logged["purchased"], logged["in_use"]) == (purchased, assigned + held), (
                "SEATS 33: other seats"
            )
            assert logged["percent"] <= _percent(totals[logged["tier"]]), "SEATS 33: notified too early"
            assert logged["percent"] in armed[logged["tier"]], "SEATS 33: notified again"
            armed[logged["tier"]] -= {percent for percent in (80, 90, 100) if percent <= logged["percent"]}
    for pool in tiers:
        share = _percent([pool.purchased, pool.assigned, pool.held])
        known = {percent for bit, percent in {1: 80, 2: 90, 4: 100}.items() if pool.alerted & bit}
        due = {percent for percent in (80, 90, 100) if pool.purchased and share >= percent}
        assert due <= known, f"SEATS 33: {pool.tier} is at {share} %, and only {known} are told of"
        assert all(share > percent - 5 for percent in known), f"SEATS 33: {known} are not armed at {share} %"


def _percent(totals: Sequence[int]) -> Fraction:
    purchased, assigned, held = totals
    return Fraction(100 * (assigned + held), purchased) if purchased else Fraction(0)


def _no_person_has_two_seats(people: Sequence[Row]) -> None:
    repeated = [key for key, times in Counter(person.user_name_key for person in people).items() if times > 1]
    assert not repeated, f"I4: there are several people called {repeated}"


def _no_free_seat_is_waited_for(tiers: Sequence[Row], people: Sequence[Row]) -> None:
    sitting = Counter(person.tier for person in people)
    for pool in tiers:
        free = pool.purchased - sitting[pool.tier] - pool.held
        idle = [person.user_name for person in people if person.wants in (pool.tier, ANY)] if free else []
        assert not idle, f"I5, I6: {free} {pool.tier} seats are free while {idle} wait"


def _stands_still(clock: Row, now: datetime | None) -> bool:
    """Whether no seat is given: the organization is suspended, or no term of its contract runs."""
    at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="microseconds")[:26]
    opens, closes = clock.opens or at, clock.closes or "9999"
    return clock.suspended is not None or not opens[:26] <= at < closes[:26]


def _invoices(rows: Rows) -> None:
    """The numbers have no gaps, the sums are those of the lines, and replayed they give the plan."""
    invoices, lines = rows.invoices, rows.lines
    numbers = [invoice.number for invoice in invoices]
    assert numbers == list(range(1, len(numbers) + 1)), f"invoices are numbered {numbers}"
    for invoice in invoices:
        own = [line for line in lines if line.invoice == invoice.number]
        sums = (sum(line.net for line in own), sum(line.tax for line in own))
        assert sums == (invoice.net, invoice.tax), f"invoice {invoice.number} is not the sum of its lines"
        assert sum(sums) == invoice.total, f"invoice {invoice.number} has another total"
    for invoice, event in _billed(invoices, rows.events):
        _explained(event, invoice, [line for line in lines if line.invoice == invoice.number])


def _billed(invoices: Sequence[Row], events: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    by_number = {event.sequence: event for event in events}
    for invoice in invoices:
        event = by_number[invoice.sequence]
        logged = event.payload["invoice"]
        assert logged == invoice.number, (
            f"event {event.sequence} tells of invoice {logged}, not {invoice.number}"
        )
        if invoice.reason in ("purchase", "renewal", "automatic"):
            yield invoice, event


def _explained(event: Row, invoice: Row, lines: Sequence[Row]) -> None:
    """The lines of an invoice equal the change of seats by its event."""
    if invoice.reason == "renewal":
        tiers = event.payload["tiers"].items()
        logged = {tier: seats["renewed"] - seats["billed"] for tier, seats in tiers}
        billed = {line.tier: line.quantity for line in lines}
        assert billed == {tier: seats for tier, seats in logged.items() if seats}, f"invoice {invoice.number}"
        return
    if invoice.reason == "automatic":
        billed = {line.tier: line.quantity for line in lines}
        assert billed == event.payload["added"], f"invoice {invoice.number}"
        return
    change: Counter[str] = Counter()
    for line in lines:
        change[line.tier] += -line.quantity if line.kind == "upgraded_from" else line.quantity
    deltas = {tier: delta[0] for tier, delta in event.seats.items()}
    assert {tier: seats for tier, seats in change.items() if seats} == deltas, f"invoice {invoice.number}"


def _automatic(events: Sequence[Row], tiers: Sequence[Row]) -> None:
    """Seats bought for newcomers are counted per term, and until they are invoiced."""
    term: Counter[str] = Counter()
    unbilled: Counter[str] = Counter()
    for event in events:
        if event.type in ("contract.signed", "contract.renewed"):
            term.clear()
        elif event.type == "seats.billed":
            unbilled.subtract(event.payload["added"])
        elif (event.type, event.reason) == ("seats.added", "automatic"):
            deltas = event.seats
            assert [*deltas.values()] == [[1, 0, 0]], f"event {event.sequence} is not one seat: {deltas}"
            term.update(deltas.keys())
            unbilled.update(deltas.keys())
    for pool in tiers:
        counted, logged = (pool.automatic, pool.unbilled), (term[pool.tier], unbilled[pool.tier])
        assert counted == logged, f"I2: {counted} {pool.tier} seats were bought for newcomers, not {logged}"


def _counts_of_rows(rows: Rows) -> None:
    clock, people = rows.clocks[0], len(rows.people)
    assert clock.people == people, f"I2: {clock.people} people are counted, there are {people}"
    members = Counter(row.group_id for row in (*rows.members, *rows.subgroups))
    assert clock.groups == len(rows.groups), f"I2: {clock.groups} groups are counted, not {len(rows.groups)}"
    for group in rows.groups:
        assert group.members == members[group.id], f"I2: group {group.id} counts {group.members} members"


def _requests(rows: Rows) -> None:
    """Each person has at most one open request, which is counted, and ends with the seat or the person."""
    open_ = [row for row in rows.requests if row.state == "open"]
    asking = rows.clocks[0].asking
    assert asking == len(open_), f"I2: {asking} requests are counted, {len(open_)} are open"
    askers = [row.person or row.user_name_key for row in open_]
    assert len(set(askers)) == len(askers), "a person has two open requests"
    rank = {pool.tier: pool.rank for pool in rows.tiers}
    people = {person.id: person for person in rows.people}
    refused = {row.user_name_key for row in rows.refusals if row.closed is None}
    for row in open_:
        person = people.get(row.person)
        if person is None or not person.active:
            key = row.user_name_key if person is None else person.user_name_key
            assert key in refused, f"the request {row.number} is open, and nobody is left out"
        elif person.tier is not None:
            assert row.wants in rank, f"the request {row.number} is open, and the person has a seat"
            assert rank[person.tier] < rank[row.wants], f"the request {row.number} is open after it was met"
