"""What must hold of members, groups and invitations; each function returns the faults that it finds.

`tests/campaigns/test_members_checks.py` shows each to fail on corrupted records.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Final

from tests.campaigns.acts import Act
from tests.campaigns.books import Pool
from tests.campaigns.checks import UNCERTAIN
from tests.campaigns.ledger import Entry
from tests.campaigns.load import Record
from tests.campaigns.roster import Member, Roster

ALLOWED: Final = {
    "POST": {HTTPStatus.CREATED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT},
    "PATCH": {HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND},
    "DELETE": {HTTPStatus.NO_CONTENT, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND},
}
IN_GROUPS: Final = HTTPStatus.BAD_REQUEST
"""A PATCH of a group may also name a person who has just been deleted."""
MANUALLY: Final = {
    "assign": ("assigned",),
    "unassign": ("by_hand",),
    "reassign": ("reassigned", "reassigned"),
    "swap": ("swapped", "swapped"),
}
"""The reasons of the events of an act, one for each person it names, in their order."""
LETTERS: Final = {"invite": "invitation.sent", "resend": "invitation.resent", "revoke": "invitation.revoked"}
RANK: Final = {"standard": 1, "premium": 2}
PRIVILEGE: Final = ("user", "admin", "owner")


def answers(records: Iterable[Record], acts: Iterable[Act], longest: float) -> list[str]:
    """Every request was answered in time with a possible answer."""
    wrong, slow = [], 0.0
    for record in records:
        allowed = ALLOWED[record.method] | ({IN_GROUPS} if record.path.startswith("/Groups") else set())
        if record.status not in allowed:
            wrong.append(f"{record.method} {record.path} was answered {record.status or 'nothing'}")
        slow = max(slow, record.answered - record.sent)
    for act in acts:
        if act.outcome == "failed":
            wrong.append(f"{act.kind} of {act.names} failed: {act.said}")
        slow = max(slow, act.answered - act.sent)
    return wrong if slow <= longest else [*wrong, f"a request waited {slow:.1f} s for an answer"]


def held(pools: Iterable[Pool], roster: Roster) -> list[str]:
    """Each pending invitation holds a seat, except those whose invitee has one; no invitee has two."""
    pending = [one for one in roster.invitations if one.state == "pending"]
    holding = Counter(one.held for one in roster.invitations if one.held is not None)
    wrong = [
        f"{pool.tier}: {pool.held} seats are counted as held, {holding[pool.tier]} invitations hold one"
        for pool in pools
        if pool.held != holding[pool.tier]
    ]
    wrong += [
        f"the invitation of {one.email} is {one.state} and holds {one.held}"
        for one in roster.invitations
        if (one.held is not None) != (one.state == "pending" and one.person is None)
    ]
    twice = [email for email, times in Counter(one.email for one in pending).items() if times > 1]
    return wrong + [f"{email} is invited twice" for email in twice]


def manually(entries: Sequence[Entry], acts: Iterable[Act], roster: Roster) -> list[str]:
    """Each act by an admin has its events, one after the other, and there are no other such events."""
    asked = Counter(
        (reasons, act.names)
        for act in acts
        if act.outcome == "done" and act.names and (reasons := MANUALLY.get(act.kind))
    )
    acknowledged: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
    mine = [entry for entry in entries if entry.payload.get("override")]
    while mine:
        entry = mine.pop(0)
        together = [entry]
        if entry.reason in ("reassigned", "swapped") and mine:
            together.append(mine.pop(0))
        names = tuple(roster.personal[one.sequence].lower() for one in together)
        acknowledged[tuple(str(one.reason) for one in together), names] += 1
    return [
        *(f"{reasons} of {names} was acknowledged and is lost" for reasons, names in asked - acknowledged),
        *(f"{reasons} of {names} was done, and nobody asked" for reasons, names in acknowledged - asked),
        *exchanged(entries),
    ]


def exchanged(entries: Sequence[Entry]) -> Iterator[str]:
    """A swap is two events of one transaction, each the other's mirror; a reassignment passes one seat on."""
    last: Entry | None = None
    for entry in entries:
        if entry.reason in ("swapped", "reassigned"):
            if last is None:
                last = entry
                continue
            together = {tier: change[1] for tier, change in last.seats.items()}
            back = {tier: -change[1] for tier, change in entry.seats.items()}
            if (last.sequence + 1, last.at, last.reason) != (entry.sequence, entry.at, entry.reason):
                yield f"event {entry.sequence} is {entry.reason} alone"
            elif together != back or last.person == entry.person:
                yield f"event {entry.sequence} gives {back} for {together}"
        last = None


def released(entries: Iterable[Entry], records: Iterable[Record], kind: str) -> list[str]:
    """Seats were lost only by requests, and moved only by an admin or by groups that give tiers."""
    asked = {
        record.path.rpartition("/")[2]
        for record in records
        if record.method in ("PATCH", "DELETE") and record.status in (*UNCERTAIN, 200, 204)
    }
    wrong = []
    for entry in entries:
        taken = [change[1] for change in entry.seats.values() if change[1]]
        by_provider = entry.type in ("person.deprovisioned", "person.deleted") and entry.person in asked
        if sum(taken) < 0 and not by_provider and entry.type != "person.unassigned":
            wrong.append(f"event {entry.sequence} {entry.type} took the seat of {entry.person}")
        by_groups = kind == "groups" and entry.type in ("person.moved", "person.promoted")
        if len(taken) > 1 and not by_groups and entry.reason not in ("swapped", "assigned"):
            wrong.append(f"event {entry.sequence} moved {entry.person} by {entry.reason}")
    return wrong


def letters(entries: Iterable[Entry], acts: Sequence[Act], roster: Roster) -> list[str]:
    """Every acknowledged act on invitations was done as often as acknowledged, and was requested."""
    acknowledged = Counter((entry.type, roster.personal.get(entry.sequence, "")) for entry in entries)
    asked = Counter(
        (LETTERS[act.kind], name)
        for act in acts
        if act.kind in LETTERS and act.outcome == "done"
        for name in act.names
    )
    wrong = [
        f"{type_} of {email}: {acknowledged[type_, email]} events, {asked[type_, email]} were acknowledged"
        for type_, email in sorted({*acknowledged, *asked}, key=str)
        if type_ in LETTERS.values() and acknowledged[type_, email] != asked[type_, email]
    ]
    pressed = {act.names[0] for act in acts if act.kind == "accept" and act.outcome == "done"}
    accepted = {email for type_, email in acknowledged if type_ == "invitation.accepted"}
    by_link = {
        roster.personal[entry.sequence]
        for entry in entries
        if entry.type == "invitation.accepted" and entry.reason == "invitation"
    }
    wrong += [f"{email} was told to have accepted, and has not" for email in pressed - accepted]
    return wrong + [f"{email} has accepted, and was told nothing" for email in by_link - pressed]


def let_in(entries: Iterable[Entry], acts: Iterable[Act], roster: Roster) -> list[str]:
    """People admitted from the log exist, or were deleted."""
    there = {member.name for member in roster.members}
    there |= {roster.personal[entry.sequence] for entry in entries if entry.type == "person.deleted"}
    names = {name for act in acts if act.kind == "retry" and act.outcome == "done" for name in act.names}
    return [f"{name} was let in from the log and is lost" for name in sorted(names - there)]


def mapped(entries: Iterable[Entry], roster: Roster) -> list[str]:
    """The mappings are those that the history reports, and the roles those that they give."""
    acknowledged: dict[str, tuple[object, ...]] = {}
    for entry in entries:
        if entry.type == "mapping.saved":
            gives = tuple(entry.payload[name] for name in ("tier", "role", "priority"))
            acknowledged[entry.payload["group"].lower()] = gives
        elif entry.type == "mapping.removed":
            acknowledged.pop(entry.payload["group"].lower(), None)
    found = {key: (gives.tier, gives.role, gives.priority) for key, gives in roster.mappings.items()}
    wrong = [] if found == acknowledged else [f"the mappings are {found}, and by the events {acknowledged}"]
    bound = [one for one in roster.members if one.active and one.role != "primary_owner"]
    return [*wrong, *(fault for one in bound for fault in _as_groups_say(one, roster))]


def _as_groups_say(one: Member, roster: Roster) -> Iterator[str]:
    """Every person has, or waits for, the entitlement of their present groups."""
    given = [roster.mappings[key] for key in roster.within.get(one.id, ()) if key in roster.mappings]
    tiers = [gives.tier for gives in given if gives.tier is not None]
    roles = [gives.role for gives in given if gives.role is not None]
    priority = min((gives.priority for gives in given if gives.priority is not None), default=100)
    role = max(roles, key=PRIVILEGE.index) if roles else "user"
    if (one.role, one.priority) != (role, priority):
        yield f"{one.name} is {one.role} with {one.priority}, and their groups give {role} and {priority}"
    wanted = max(tiers, key=lambda tier: RANK[tier], default=None)
    if wanted is not None and one.unseated != "unassigned" and wanted not in (one.tier, one.wants):
        yield f"{one.name} sits on {one.tier}, waits for {one.wants}, and should have {wanted}"
    if one.unseated == "awaiting_group" and not _awaits_groups(roster):
        yield f"{one.name} awaits a group, and nobody has to"


def _awaits_groups(roster: Roster) -> bool:
    """Whether people have no seat until a group gives them one."""
    return roster.unmapped == "none" and any(gives.tier for gives in roster.mappings.values())
