"""Swaps and promotions, mappings and creates, invitations and creates of the invitees, sign-ins: all at once.

Providers send requests to a started server; processes next to them act as an operator's commands do, by the
services, and send what apps and invitees send. Every few seconds other organizations take their places.
"""

import random
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import ExitStack, closing
from http import HTTPStatus
from typing import Final

from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.invitations import commands as invitations
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.organizations.create import NewOrganization
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.overflow import Overflow
from tests.campaigns import books, checks, ledger, load, members_checks, roster
from tests.campaigns.acts import GROUPS, Act, House
from tests.campaigns.load import LAST, NO_ANSWER, Crew, Record, Request, create
from tests.campaigns.operators import PATIENCE, PROCESSES, Done, Hands, Shift, hands
from tests.campaigns.queue_replay import replayed
from tests.campaigns.roster import Roster
from tests.campaigns.stage import Result, Stage, log, rounds
from tests.support.servers.running import Organization

ROUND_SECONDS: Final = 5.0
KINDS: Final = ("seats", "groups", "invited", "signed")
REJECTING: Final = ("seats",)
"""In every other round; refused are also people of the other kinds, except reasons that no log has."""
OWNER: Final = "owner@example.com"
SEATS: Final = {
    "seats": {"standard": 6, "premium": 3},
    "groups": {"standard": 12, "premium": 5},
    "invited": {"standard": 4, "premium": 2},
    "signed": {"standard": 4, "premium": 3},
}
CLIENTS: Final = 2
REQUESTS: Final = 2_000
"""Requests of each client: more than are answered in a round."""
LONGEST_SECONDS: Final = 15.0
"""Nobody waits longer for an answer."""


def run(
    stage: Stage,
    size: float,
    seed: int,
    seconds: float = ROUND_SECONDS,
    *,
    longest: float = LONGEST_SECONDS,
    until: Collection[str] = (),
) -> Result:
    """Race for `size` seconds, four organizations at a time, each for some seconds; then recount each.

    Args:
        seconds: the length of a round.
        longest: seconds that anybody may wait for an answer.
        until: figures that are to be there; as long as one is missing, rounds follow.
    """
    result, figures, waits = Result(), Counter[str](), {"requests": 0.0, "acts": 0.0}
    key = stage.server.json("api-key", "create", "--name", f"app-{time.monotonic_ns()}")["key"]
    with ExitStack() as stack:
        database = stack.enter_context(closing(due.opened(stage.database_url)))
        crews = [stack.enter_context(load.crew(1)) for _ in range(2)]
        hired = stack.enter_context(hands(stage.database_url))
        for number in rounds(size, seconds, figures, until):
            houses = [founded(stage, database, kind, number) for kind in KINDS]
            done = race(stage, crews, hired, houses, min(size, seconds), key, f"{seed}/{number}")
            for house in houses:
                result.faults += [
                    f"{house.slug} ({house.kind}, {house.overflow}): {fault}"
                    for fault in recount(stage, house, done, figures, longest)
                ]
            count(figures, waits, done)
            sent = sum(map(len, done.records.values()))
            log(f"round {number + 1}: {sent} requests, {len(done.acts)} acts, {len(result.faults)} faults")
    if (locked := ledger.deadlocks(stage.database_url)) > 0:
        result.faults.append(f"{locked} transactions held one another")
    result.faults += stage.db_check()
    result.figures = dict(sorted(figures.items())) | {"longest_seconds": waits}
    return result


def founded(stage: Stage, database: Database, kind: str, number: int) -> House:
    """A new organization with a Primary Owner, a domain and groups."""
    overflow = "reject" if kind in REJECTING and number % 2 else "queue"
    slug = f"m{random.getrandbits(64):016x}"
    made = organizations.create(
        database, OPERATOR, NewOrganization(slug, SEATS[kind], overflow=Overflow(overflow), owner=OWNER)
    )
    id_ = made.organization.id
    organizations.configure(Context(database, id_, OPERATOR), Changes({"allow_invitations": True}))
    invitations.add_domain(Context(database, id_, OPERATOR), f"{slug}.example", verified=True)
    place = Organization(slug, f"{stage.server.url}/orgs/{slug}/scim/v2", made.token.secret)
    groups: dict[str, str] = {}
    with place.client() as client:
        for group in GROUPS:
            inside = [{"value": groups["Engineering"]}] if group == "Company" else []
            answer = client.post("/Groups", json={"displayName": group, "members": inside})
            groups[group] = answer.json()["id"]
    return House(kind, overflow, place, id_, groups)


def race(
    stage: Stage,
    crews: Sequence[Crew],
    hired: Hands,
    houses: Sequence[House],
    seconds: float,
    key: str,
    seed: str,
) -> Done:
    """Start all participants at the same moment."""
    begin = time.monotonic() + 0.5
    end, done = begin + seconds, Done()
    shifts = [
        Shift(number, tuple(houses), stage.server.url, key, begin, end, seed) for number in range(PROCESSES)
    ]
    acting = hired.begin(shifts)
    time.sleep(max(begin - time.monotonic(), 0))
    for crew, house in zip(crews, houses, strict=False):
        crew.begin(house.organization, requests(f"{seed}/{house.kind}"))
    time.sleep(max(end - time.monotonic(), 0))
    for crew, house in zip(crews, houses, strict=False):
        done.records[house.slug] = crew.finish(stop=True)
    for each in acting.get(PATIENCE):
        done.add(each)
    return done


def requests(seed: str) -> list[list[Request]]:
    """Create people; deactivate or delete some of them again."""
    chance = random.Random(seed)
    work = []
    for client in range(CLIENTS):
        mine: list[Request] = []
        while len(mine) < REQUESTS:
            mine.append(create(f"c{client}n{len(mine)}@example.com"))
            if chance.random() < 0.3:
                mine.append(load.activate(LAST, active=False))
                if chance.random() < 0.6:
                    mine.append(load.activate(LAST, active=True))
            if chance.random() < 0.3:
                mine.append(Request("DELETE", f"/Users/{LAST}"))
        work.append(mine)
    return work


def recount(stage: Stage, house: House, done: Done, figures: Counter[str], longest: float) -> list[str]:
    """The books, the history and the members of an organization against everything that was answered."""
    records = done.records.get(house.slug, [])
    acts = [act for act in done.acts if act.slug == house.slug]
    found, there = books.read(stage.database_url, house.slug), roster.read(stage.database_url, house.slug)
    entries = ledger.read(stage.database_url, house.slug).entries
    figures.update(f"{house.kind}: {entry.type} {entry.reason or ''}".strip() for entry in entries)
    return [
        *checks.recount(found),
        *checks.kept([*named(house, records, logged(entries, there)), *others(acts)], found),
        *replayed(entries, there.members),
        *members_checks.answers(records, acts, longest),
        *members_checks.held(found.pools, there),
        *members_checks.manually(entries, acts, there),
        *members_checks.released(entries, records, house.kind),
        *members_checks.letters(entries, acts, there),
        *members_checks.let_in(entries, acts, there),
        # Where nothing is mapped, roles are given by invitations.
        *(members_checks.mapped(entries, there) if house.kind == "groups" else ()),
    ]


def logged(entries: Sequence[ledger.Entry], there: Roster) -> set[str]:
    """People with a refusal in the history: they may have been admitted since, and then removed."""
    return {there.personal[entry.sequence] for entry in entries if entry.type == "person.rejected"}


def named(house: House, records: Sequence[Record], acknowledged: set[str]) -> list[Record]:
    """Leave out refusals without an entry: by an answer, by the mode, or without a name."""
    looked_for = house.kind != "signed"
    return [
        record
        for record in records
        if record.status != HTTPStatus.FORBIDDEN
        or (record.method == "POST" and looked_for and record.name not in acknowledged)
    ]


def others(acts: Sequence[Act]) -> list[Record]:
    """People who may exist although their provider got no answer that it created them."""
    made = [act for act in acts if act.kind in ("accept", "retry") and act.outcome == "done"]
    names = [OWNER, *(name for act in made for name in act.names)]
    return [Record(-1, "POST", "/", name, 0.0, 0.0, NO_ANSWER) for name in names]


def count(figures: Counter[str], waits: dict[str, float], done: Done) -> None:
    """Counts for the report."""
    for records in done.records.values():
        for record in records:
            where = record.path.split("/")[1]
            figures[f"{record.method} {where} {int(record.status) or 'no answer'}"] += 1
            waits["requests"] = max(waits["requests"], round(record.answered - record.sent, 2))
    for act in done.acts:
        figures[f"act {act.kind} {act.outcome if act.names or act.outcome != 'done' else 'idle'}"] += 1
        waits["acts"] = max(waits["acts"], round(act.answered - act.sent, 2))
