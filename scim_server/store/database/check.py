"""Checks a live database: compares counters with rows, and both with the history (SEATS I1-I7).

Each check is one query, and all use the same snapshot. A query returns the faults, so a correct database
returns no rows.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

_DELTAS: Final = {
    # The sums of [purchased, assigned, held] by tier over all events.
    "sqlite": """
        SELECT e.organization, d.key AS tier, SUM(json_extract(d.value, '$[0]')) AS purchased,
               SUM(json_extract(d.value, '$[1]')) AS assigned, SUM(json_extract(d.value, '$[2]')) AS held
        FROM events e, json_each(e.seats) d GROUP BY e.organization, d.key""",
    "postgresql": """
        SELECT e.organization, d.key AS tier, SUM((d.value->>0)::bigint) AS purchased,
               SUM((d.value->>1)::bigint) AS assigned, SUM((d.value->>2)::bigint) AS held
        FROM events e, jsonb_each(e.seats) d GROUP BY e.organization, d.key""",
}

_CHECKS: Final = (
    (
        "more seats are in use than there are",
        "SELECT organization, tier, assigned + held AS found, purchased AS expected FROM seat_pool "
        "WHERE assigned + held > purchased",
    ),
    (
        "the count of assigned seats is not the number of people with a seat",
        "SELECT p.organization, p.tier, p.assigned AS found, COUNT(q.id) AS expected FROM seat_pool p "
        "LEFT JOIN people q ON q.organization = p.organization AND q.tier = p.tier "
        "GROUP BY p.organization, p.tier, p.assigned HAVING p.assigned <> COUNT(q.id)",
    ),
    (
        "the count of held seats is not the number of pending invitations and removals that hold a seat",
        "SELECT p.organization, p.tier, p.held AS found, COUNT(h.held) AS expected FROM seat_pool p "
        "LEFT JOIN (SELECT organization, held FROM invitations UNION ALL "
        "SELECT organization, held FROM departures) h "
        "ON h.organization = p.organization AND h.held = p.tier "
        "GROUP BY p.organization, p.tier, p.held HAVING p.held <> COUNT(h.held)",
    ),
    (
        "the counter of people who wait for a tier is wrong",
        "SELECT p.organization, p.tier, p.waiting AS found, COUNT(q.id) AS expected FROM seat_pool p "
        "LEFT JOIN people q ON q.organization = p.organization AND q.wants = p.tier "
        "GROUP BY p.organization, p.tier, p.waiting HAVING p.waiting <> COUNT(q.id)",
    ),
    (
        "the counter of people who wait for any tier is wrong",
        "SELECT c.organization, 'any' AS tier, c.waiting_any AS found, COUNT(q.id) AS expected "
        "FROM organization_clock c LEFT JOIN people q ON q.organization = c.organization AND q.wants = 'any' "
        "GROUP BY c.organization, c.waiting_any HAVING c.waiting_any <> COUNT(q.id)",
    ),
    (
        "a person waits although a seat of the wanted tier is free",
        "SELECT p.organization, p.tier, p.waiting + c.waiting_any AS found, 0 AS expected FROM seat_pool p "
        "JOIN organization_clock c ON c.organization = p.organization "
        "WHERE p.assigned + p.held < p.purchased AND p.waiting + c.waiting_any > 0 "
        # The queue does not move in a suspended organization and outside its contract. A due change may move
        # it.
        "AND c.suspended IS NULL AND (c.opens IS NULL OR c.opens <= :now) "
        "AND (c.closes IS NULL OR c.closes > :now) AND (c.due IS NULL OR c.due > :now)",
    ),
    (
        "the seats are not the sum of the events",
        "SELECT p.organization, p.tier, "
        "p.purchased || '/' || p.assigned || '/' || p.held AS found, "
        "COALESCE(d.purchased, 0) || '/' || COALESCE(d.assigned, 0) || '/' || COALESCE(d.held, 0) "
        "AS expected "
        "FROM seat_pool p LEFT JOIN ({deltas}) d ON d.organization = p.organization AND d.tier = p.tier "
        "WHERE p.purchased <> COALESCE(d.purchased, 0) OR p.assigned <> COALESCE(d.assigned, 0) "
        "OR p.held <> COALESCE(d.held, 0)",
    ),
    (
        "the history has gaps, or does not end at the last number of the organization",
        "SELECT c.organization, '' AS tier, COUNT(e.sequence) || ' events up to ' || "
        "COALESCE(MAX(e.sequence), 0) AS found, c.sequence AS expected FROM organization_clock c "
        "LEFT JOIN events e ON e.organization = c.organization GROUP BY c.organization, c.sequence "
        "HAVING c.sequence <> COUNT(e.sequence) OR c.sequence <> COALESCE(MAX(e.sequence), 0)",
    ),
    (
        "the feed of all organizations misses events, or has them twice",
        "SELECT organization, '' AS tier, SUM(last - first + 1) AS found, MAX(last) AS expected FROM feed "
        "GROUP BY organization HAVING SUM(last - first + 1) <> MAX(last) OR MIN(first) <> 1",
    ),
    (
        "the counter of people is wrong",
        "SELECT c.organization, '' AS tier, c.people AS found, COUNT(q.id) AS expected "
        "FROM organization_clock c LEFT JOIN people q ON q.organization = c.organization "
        "GROUP BY c.organization, c.people HAVING c.people <> COUNT(q.id)",
    ),
    (
        "the counter of groups is wrong",
        "SELECT c.organization, '' AS tier, c.groups AS found, COUNT(q.id) AS expected "
        "FROM organization_clock c LEFT JOIN groups q ON q.organization = c.organization "
        "GROUP BY c.organization, c.groups HAVING c.groups <> COUNT(q.id)",
    ),
    (
        "the counter of a group's members is wrong",
        "SELECT g.organization, g.id AS tier, g.members AS found, COUNT(m.member) AS expected FROM groups g "
        "LEFT JOIN (SELECT organization, group_id, person AS member FROM group_members UNION ALL "
        "SELECT organization, group_id, subgroup FROM group_subgroups) m "
        "ON m.organization = g.organization AND m.group_id = g.id "
        "GROUP BY g.organization, g.id, g.members HAVING g.members <> COUNT(m.member)",
    ),
    (
        "the invoices are not numbered without gaps",
        "SELECT organization, '' AS tier, COUNT(*) AS found, MAX(number) AS expected FROM invoices "
        "GROUP BY organization HAVING COUNT(*) <> MAX(number) OR MIN(number) <> 1",
    ),
    (
        "an invoice is not the sum of its lines",
        "SELECT i.organization, '' AS tier, 'invoice ' || i.number || ': ' || i.total AS found, "
        "COALESCE(SUM(l.net + l.tax), 0) AS expected FROM invoices i LEFT JOIN invoice_lines l "
        "ON l.organization = i.organization AND l.invoice = i.number "
        "GROUP BY i.organization, i.number, i.net, i.tax, i.total "
        "HAVING i.net <> COALESCE(SUM(l.net), 0) OR i.tax <> COALESCE(SUM(l.tax), 0)",
    ),
    (
        "a credit differs from the line that it credits",
        "SELECT c.organization, '' AS tier, c.net + c.tax AS found, -(l.net + l.tax) AS expected "
        "FROM invoice_lines c JOIN invoice_lines l ON l.organization = c.organization "
        "AND l.invoice = c.credits_invoice AND l.position = c.credits_position "
        "WHERE c.net <> -l.net OR c.tax <> -l.tax",
    ),
    (
        "a refusal is open although the person has a seat or waits",
        "SELECT r.organization, '' AS tier, r.sequence AS found, 0 AS expected FROM refusals r "
        "JOIN people q ON q.organization = r.organization AND q.user_name_key = r.user_name_key "
        "WHERE r.closed IS NULL AND (q.tier IS NOT NULL OR q.wants IS NOT NULL)",
    ),
    (
        "the counter of open requests for seats is wrong",
        "SELECT c.organization, '' AS tier, c.asking AS found, COUNT(r.number) AS expected "
        "FROM organization_clock c LEFT JOIN seat_requests r ON r.organization = c.organization "
        "AND r.state = 'open' GROUP BY c.organization, c.asking HAVING c.asking <> COUNT(r.number)",
    ),
    (
        "a request for a seat is open although the person has the tier or a better one",
        "SELECT r.organization, r.wants AS tier, r.number AS found, 0 AS expected FROM seat_requests r "
        "JOIN people q ON q.organization = r.organization AND q.id = r.person "
        "JOIN seat_pool h ON h.organization = q.organization AND h.tier = q.tier "
        "LEFT JOIN seat_pool w ON w.organization = r.organization AND w.tier = r.wants "
        "WHERE r.state = 'open' AND (r.wants = 'any' OR h.rank >= w.rank)",
    ),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault that a check found.

    Attributes:
        organization: its slug.
        where: the tier or group, or "".
        found, expected: the numbers that differ.
    """

    what: str
    organization: str
    where: str
    found: str
    expected: str


def problems(connection: Connection, now: str) -> list[Problem]:
    """All faults; empty for a correct database.

    Args:
        now: the present time, in the form of stored timestamps.
    """
    deltas = _DELTAS[connection.dialect.name]
    # The word "groups" is a keyword of window frames in both databases, but a valid name of a table.
    return [
        Problem(what, row.slug, str(row.tier), str(row.found), str(row.expected))
        for what, query in _CHECKS
        for row in connection.execute(
            text(
                f"SELECT o.slug, x.* FROM ({query.format(deltas=deltas)}) x "  # noqa: S608 - no outside text
                "JOIN organizations o ON o.id = x.organization ORDER BY o.slug"
            ),
            {"now": now} if ":now" in query else {},
        )
    ]
