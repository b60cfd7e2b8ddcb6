"""Counts one organization again from its rows, in plain SQL, and says which invariant does not hold.

It shares nothing with the server but the names of the tables, not even its own check of the database.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, text

ANY = "any"
_POOL = ("purchased", "assigned", "waiting", "overflow", "ceiling", "automatic", "unbilled")
ALERTS = ("seats.threshold", "seats.refusals_began", "seats.forecast_short")


def recount(connection: Connection, organization: str, now: datetime | None = None) -> None:
    """Check I1, I2, I4, I5, I6 and I7 on the rows of one snapshot, and that the invoices explain the plan.

    Args:
        now: the present moment of the organization, where a test moves it.

    Raises:
        AssertionError: one of them does not hold; the message begins with its name.
    """
    tiers, people = _tiers(connection, organization), _people(connection, organization)
    clock = _all(
        connection,
        organization,
        'SELECT sequence, people, "groups", waiting_any, opens, closes, suspended FROM organization_clock',
    )
    assert len(clock) == 1, f"there are {len(clock)} clocks"
    _seats(tiers, people, clock[0].waiting_any)
    _held(connection, organization, tiers)
    events = _events(connection, organization)
    _ledger(events, tiers, people)
    _history(events, clock[0].sequence)
    _alerts(events, tiers)
    _nobody_twice(people)
    if not _stands_still(clock[0], now):
        _nobody_waits_for_a_free_seat(tiers, people)
    _invoices(connection, organization, events)
    _automatic(events, tiers)
    _counts_of_rows(connection, organization, clock[0], len(people))


def _all(connection: Connection, organization: str, query: str) -> Sequence[Row[Any]]:
    return connection.execute(text(f"{query} WHERE organization = :org"), {"org": organization}).all()


def _tiers(connection: Connection, organization: str) -> Sequence[Row[Any]]:
    columns = "tier, purchased, assigned, held, waiting, overflow, ceiling, automatic, unbilled, alerted"
    return _all(connection, organization, f"SELECT {columns} FROM seat_pool")


def _people(connection: Connection, organization: str) -> Sequence[Row[Any]]:
    return _all(
        connection,
        organization,
        "SELECT id, user_name_key, user_name, active, role, tier, wants, unseated, priority, arrival, "
        "version FROM people",
    )


def _events(connection: Connection, organization: str) -> Sequence[Row[Any]]:
    columns = (
        "sequence, type, reason, person, CAST(seats AS TEXT) AS seats, CAST(personal AS TEXT) AS personal, "
        "CAST(payload AS TEXT) AS payload"
    )
    rows = _all(connection, organization, f"SELECT {columns} FROM events")
    return sorted(rows, key=lambda row: int(row.sequence))


def _deltas(events: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], str, list[int]]]:
    for event in events:
        for tier, delta in json.loads(event.seats).items():
            yield event, tier, delta


def _seats(tiers: Sequence[Row[Any]], people: Sequence[Row[Any]], waiting_any: int) -> None:
    sitting = Counter(person.tier for person in people)
    wanting = Counter(person.wants for person in people)
    for pool in tiers:
        in_use = sitting[pool.tier] + pool.held
        assert in_use <= pool.purchased, f"I1: {in_use} of {pool.purchased} {pool.tier} seats are in use"
        assert pool.assigned + pool.held <= pool.purchased, f"I1: the counters oversell {pool.tier}"
        assert pool.assigned == sitting[pool.tier], f"I2: {pool.assigned} {pool.tier} seats are not the rows"
        assert pool.waiting == wanting[pool.tier], f"I2: {pool.waiting} wait for {pool.tier}, not the rows"
    assert waiting_any == wanting[ANY], f"I2: {waiting_any} wait for any tier, not the rows"


def _held(connection: Connection, organization: str, tiers: Sequence[Row[Any]]) -> None:
    """Every pending invitation holds a seat, but for those whose invitee has one already; so may who left."""
    rows = _all(connection, organization, "SELECT held, state, person, email_key FROM invitations")
    pending = [row for row in rows if row.state == "pending"]
    left = _all(connection, organization, "SELECT held FROM departures")
    holding = Counter(row.held for row in pending if row.person is None)
    assert None not in holding, "I2: an invitation is pending and holds no seat"
    holding.update(row.held for row in left)
    for pool in tiers:
        assert pool.held == holding[pool.tier], f"I2: {pool.held} {pool.tier} seats are held, not the rows"
    assert len({row.email_key for row in pending}) == len(pending), "an address is invited twice"


def _ledger(events: Sequence[Row[Any]], tiers: Sequence[Row[Any]], people: Sequence[Row[Any]]) -> None:
    sums = {pool.tier: [0, 0, 0] for pool in tiers}
    of_people: Counter[tuple[str, str]] = Counter()
    for event, tier, delta in _deltas(events):
        sums[tier] = [total + change for total, change in zip(sums[tier], delta, strict=True)]
        if delta[1]:
            of_people[event.person, tier] += delta[1]
    for pool in tiers:
        counters = [pool.purchased, pool.assigned, pool.held]
        assert sums[pool.tier] == counters, f"I2: {pool.tier} {counters} is not the events' {sums[pool.tier]}"
    told = {person for person, seats in of_people.items() if seats}
    sitting = {(person.id, person.tier) for person in people if person.tier is not None}
    assert told == sitting, f"I7: the events tell of other seats: {told ^ sitting}"
    assert set(of_people.values()) <= {0, 1}, "I7: somebody's seat was told more than once"


def _history(events: Sequence[Row[Any]], clock: int) -> None:
    numbers = [event.sequence for event in events]
    assert numbers == list(range(1, len(numbers) + 1)), "I7: the numbers of the events have gaps or repeats"
    assert clock == len(numbers), f"I7: the clock stands at {clock} after {len(numbers)} events"


def _alerts(events: Sequence[Row[Any]], tiers: Sequence[Row[Any]]) -> None:
    """SEATS 33: a threshold is told of where it was crossed, and once until it is armed again."""
    totals = {pool.tier: [0, 0, 0] for pool in tiers}
    armed = {pool.tier: {80, 90, 100} for pool in tiers}
    for event in events:
        for tier, delta in json.loads(event.seats).items():
            totals[tier] = [total + change for total, change in zip(totals[tier], delta, strict=True)]
            share = _percent(totals[tier])
            armed[tier] |= {percent for percent in (80, 90, 100) if share <= percent - 5}
        if event.type == "seats.threshold":
            told = json.loads(event.payload)
            purchased, assigned, held = totals[told["tier"]]
            assert (told["purchased"], told["in_use"]) == (purchased, assigned + held), (
                "SEATS 33: other seats"
            )
            assert told["percent"] <= _percent(totals[told["tier"]]), "SEATS 33: told of too early"
            assert told["percent"] in armed[told["tier"]], "SEATS 33: told of again"
            armed[told["tier"]] -= {percent for percent in (80, 90, 100) if percent <= told["percent"]}
    for pool in tiers:
        share = _percent([pool.purchased, pool.assigned, pool.held])
        known = {percent for bit, percent in {1: 80, 2: 90, 4: 100}.items() if pool.alerted & bit}
        due = {percent for percent in (80, 90, 100) if pool.purchased and share >= percent}
        assert due <= known, f"SEATS 33: {pool.tier} is at {share} %, and only {known} are told of"
        assert all(share > percent - 5 for percent in known), f"SEATS 33: {known} are not armed at {share} %"


def _percent(totals: Sequence[int]) -> Fraction:
    purchased, assigned, held = totals
    return Fraction(100 * (assigned + held), purchased) if purchased else Fraction(0)


def _nobody_twice(people: Sequence[Row[Any]]) -> None:
    repeated = [key for key, times in Counter(person.user_name_key for person in people).items() if times > 1]
    assert not repeated, f"I4: there are several people called {repeated}"


def _nobody_waits_for_a_free_seat(tiers: Sequence[Row[Any]], people: Sequence[Row[Any]]) -> None:
    sitting = Counter(person.tier for person in people)
    for pool in tiers:
        free = pool.purchased - sitting[pool.tier] - pool.held
        idle = [person.user_name for person in people if person.wants in (pool.tier, ANY)] if free else []
        assert not idle, f"I5, I6: {free} {pool.tier} seats are free while {idle} wait"


def _stands_still(clock: Row[Any], now: datetime | None) -> bool:
    """Whether no seat is given: the organization is suspended, or no term of its contract runs."""
    at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="microseconds")[:26]
    opens, closes = clock.opens or at, clock.closes or "9999"
    return clock.suspended is not None or not opens[:26] <= at < closes[:26]


def _invoices(connection: Connection, organization: str, events: Sequence[Row[Any]]) -> None:
    """The numbers have no gaps, the sums are those of the lines, and replayed they give the plan."""
    invoices = sorted(
        _all(connection, organization, "SELECT number, sequence, reason, net, tax, total FROM invoices"),
        key=lambda row: int(row.number),
    )
    lines = _all(
        connection, organization, "SELECT invoice, kind, tier, quantity, net, tax FROM invoice_lines"
    )
    numbers = [invoice.number for invoice in invoices]
    assert numbers == list(range(1, len(numbers) + 1)), f"invoices are numbered {numbers}"
    for invoice in invoices:
        own = [line for line in lines if line.invoice == invoice.number]
        sums = (sum(line.net for line in own), sum(line.tax for line in own))
        assert sums == (invoice.net, invoice.tax), f"invoice {invoice.number} is not the sum of its lines"
        assert sum(sums) == invoice.total, f"invoice {invoice.number} has another total"
    for invoice, event in _billed(invoices, events):
        _explained(event, invoice, [line for line in lines if line.invoice == invoice.number])


def _billed(invoices: Sequence[Row[Any]], events: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], Row[Any]]]:
    by_number = {event.sequence: event for event in events}
    for invoice in invoices:
        event = by_number[invoice.sequence]
        told = json.loads(event.payload)["invoice"]
        assert told == invoice.number, f"event {event.sequence} tells of invoice {told}, not {invoice.number}"
        if invoice.reason in ("purchase", "renewal", "automatic"):
            yield invoice, event


def _explained(event: Row[Any], invoice: Row[Any], lines: Sequence[Row[Any]]) -> None:
    """The lines of an invoice are what its event did to the seats."""
    if invoice.reason == "renewal":
        tiers = json.loads(event.payload)["tiers"].items()
        told = {tier: seats["renewed"] - seats["billed"] for tier, seats in tiers}
        billed = {line.tier: line.quantity for line in lines}
        assert billed == {tier: seats for tier, seats in told.items() if seats}, f"invoice {invoice.number}"
        return
    if invoice.reason == "automatic":
        billed = {line.tier: line.quantity for line in lines}
        assert billed == json.loads(event.payload)["added"], f"invoice {invoice.number}"
        return
    change: Counter[str] = Counter()
    for line in lines:
        change[line.tier] += -line.quantity if line.kind == "upgraded_from" else line.quantity
    deltas = {tier: delta[0] for tier, delta in json.loads(event.seats).items()}
    assert {tier: seats for tier, seats in change.items() if seats} == deltas, f"invoice {invoice.number}"


def _automatic(events: Sequence[Row[Any]], tiers: Sequence[Row[Any]]) -> None:
    """Seats bought for newcomers are counted per term, and until they stand on an invoice."""
    term: Counter[str] = Counter()
    unbilled: Counter[str] = Counter()
    for event in events:
        if event.type in ("contract.signed", "contract.renewed"):
            term.clear()
        elif event.type == "seats.billed":
            unbilled.subtract(json.loads(event.payload)["added"])
        elif (event.type, event.reason) == ("seats.added", "automatic"):
            deltas = json.loads(event.seats)
            assert [*deltas.values()] == [[1, 0, 0]], f"event {event.sequence} is not one seat: {deltas}"
            term.update(deltas.keys())
            unbilled.update(deltas.keys())
    for pool in tiers:
        counted, told = (pool.automatic, pool.unbilled), (term[pool.tier], unbilled[pool.tier])
        assert counted == told, f"I2: {counted} {pool.tier} seats were bought for newcomers, not {told}"


def _counts_of_rows(connection: Connection, organization: str, clock: Row[Any], people: int) -> None:
    assert clock.people == people, f"I2: {clock.people} people are counted, there are {people}"
    members = Counter(
        row.group_id for row in _all(connection, organization, "SELECT group_id FROM group_members")
    )
    groups = _all(connection, organization, 'SELECT id, members FROM "groups"')
    assert clock.groups == len(groups), f"I2: {clock.groups} groups are counted, there are {len(groups)}"
    for group in groups:
        assert group.members == members[group.id], f"I2: group {group.id} counts {group.members} members"


def observed(connection: Connection, organization: str) -> dict[str, object]:
    """What the rows say of the organization, in the form in which tests.model tells it."""
    people = _people(connection, organization)
    waiting = [person for person in people if person.wants is not None]
    refusals = _all(
        connection, organization, "SELECT sequence, user_name_key, wants, attempts, closed FROM refusals"
    )
    return {
        "people": {
            p.user_name_key: (p.user_name, _status(p), p.wants, p.unseated, p.role, p.priority, p.version)
            for p in people
        },
        "queue": [p.user_name_key for p in sorted(waiting, key=lambda p: (p.priority, p.arrival))],
        "tiers": {
            pool.tier: {name: getattr(pool, name) for name in _POOL}
            for pool in _tiers(connection, organization)
        },
        "waiting_any": len([person for person in people if person.wants == ANY]),
        "refusals": [
            (row.user_name_key, row.wants, row.attempts, row.closed is None)
            for row in sorted(refusals, key=lambda row: int(row.sequence))
        ],
        "groups": _groups(connection, organization, {person.id: person.user_name_key for person in people}),
        "invoices": _told_invoices(connection, organization),
        "events": [
            (event.type, _about(event))
            for event in _events(connection, organization)
            if event.type not in ALERTS  # what follows from the others is checked by `recount`
        ],
    }


def _status(person: Row[Any]) -> str:
    if not person.active:
        return "inactive"
    return f"seated on {person.tier}" if person.tier else "waiting" if person.wants else "none"


def _about(event: Row[Any]) -> str:
    if event.type.startswith("group."):
        return str(json.loads(event.payload)["displayName"])
    return str(json.loads(event.personal)["userName"]) if event.type.startswith("person.") else ""


def _groups(connection: Connection, organization: str, keys: dict[str, str]) -> dict[str, object]:
    members = _all(connection, organization, "SELECT group_id, person FROM group_members")
    return {
        group.display_name: (
            sorted(keys[member.person] for member in members if member.group_id == group.id),
            group.version,
        )
        for group in _all(connection, organization, 'SELECT id, display_name, version FROM "groups"')
    }


def _told_invoices(connection: Connection, organization: str) -> list[tuple[str, dict[str, int]]]:
    """Reason, and seats by tier, of every invoice."""
    invoices = _all(connection, organization, "SELECT number, reason FROM invoices")
    lines = _all(connection, organization, "SELECT invoice, tier, quantity FROM invoice_lines")
    return [
        (invoice.reason, {line.tier: line.quantity for line in lines if line.invoice == invoice.number})
        for invoice in sorted(invoices, key=lambda row: int(row.number))
    ]
