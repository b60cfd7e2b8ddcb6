"""The transition table of a person, row by row, each on both databases.

Everyone is put into the state that a row begins with by the ways that lead there; then the row's event
happens. A state is written as `seated on standard`, perhaps with the awaited tier, `waiting for any`,
`none (unassigned)`, `inactive` or `absent`; a refusal is written next to it.
"""

from collections.abc import Callable
from datetime import date

import pytest

from scim_server.services.billing import commands
from scim_server.services.billing.contracts import Terms
from scim_server.services.context import Context
from scim_server.services.mappings import commands as mappings
from scim_server.services.organizations import commands as organizations
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows import people as people_store
from seat_policy.contract import Per
from seat_policy.mapping import GroupMapping, Unmapped
from tests.support.builders.organization import Organization, described

ADA = "ada@example.com"
Step = Callable[[Organization], object]


def create(name: str = ADA, *, active: bool = True, wants: str | None = None) -> Step:
    user = described(name, "Engineer", active=active)
    return lambda org: org.create(user) if wants is None else org.create_wanting(user, wants)


def activate(org: Organization) -> object:
    return org.replace(ADA, described(ADA, "Engineer", active=True))


def deactivate(org: Organization) -> object:
    return org.replace(ADA, described(ADA, "Engineer", active=False))


def delete(org: Organization) -> object:
    return org.delete(ADA)


def add(**seats: int) -> Step:
    return lambda org: org.add(seats)


def overflow(policy: str) -> Step:
    return lambda org: org.set_overflow(policy)


def fill(tier: str) -> Step:
    """Another person takes a seat of a tier."""
    return create(f"{tier}@example.com", wants=tier)


def leave(tier: str) -> Step:
    """The other person gives the seat back."""
    return lambda org: org.delete(f"{tier}@example.com")


def assign(org: Organization) -> object:
    return org.assign(ADA)


def unassign(org: Organization) -> object:
    return org.unassign(ADA)


def join(group: str) -> Step:
    return lambda org: org.create_group(group, [ADA])


def give(group: str, tier: str) -> Step:
    return lambda org: mappings.save(Context(org.database, org.id, OPERATOR), group, GroupMapping(tier))


def unmapped(choice: Unmapped) -> Step:
    return lambda org: mappings.choose_unmapped(Context(org.database, org.id, OPERATOR), choice)


def suspend(org: Organization) -> object:
    return organizations.suspend(Context(org.database, org.id, OPERATOR))


FULL = [fill("standard")]
SEATED = [create(wants="standard")]
WAITING = [*FULL, overflow("queue"), create()]
INACTIVE = [create(active=False)]
UNASSIGNED = [*SEATED, unassign]
AWAITING_GROUP = [give("Engineering", "standard"), unmapped(Unmapped.NONE), create()]
SEATED_WAITING = [add(premium=1), fill("premium"), overflow("fallback"), create(wants="premium")]

ROWS: list[tuple[str, list[Step], Step, str]] = [
    ("create with a seat", [], create(), "seated on standard"),
    ("create without one, queue", [*FULL, overflow("queue")], create(), "waiting for any"),
    ("create without one, reject", FULL, create(), "absent, refused"),
    ("create awaiting a group", AWAITING_GROUP[:2], create(), "none (awaiting_group)"),
    ("create inactive takes nothing", [], create(active=False), "inactive"),
    ("activate with a seat", INACTIVE, activate, "seated on standard"),
    ("activate without one, queue", [*INACTIVE, *FULL, overflow("queue")], activate, "waiting for any"),
    ("activate without one, reject", [*INACTIVE, *FULL], activate, "inactive, refused"),
    ("activate the seated", SEATED, activate, "seated on standard, unchanged"),
    ("activate the waiting", WAITING, activate, "waiting for any, unchanged"),
    ("activate the unassigned", UNASSIGNED, activate, "none (unassigned), unchanged"),
    ("deactivate the seated", SEATED, deactivate, "inactive"),
    ("deactivate the waiting", WAITING, deactivate, "inactive"),
    ("deactivate the seated who wait", SEATED_WAITING, deactivate, "inactive"),
    ("deactivate the unassigned", UNASSIGNED, deactivate, "inactive"),
    ("delete the seated", SEATED, delete, "absent"),
    ("delete the waiting", WAITING, delete, "absent"),
    ("delete the seated who wait", SEATED_WAITING, delete, "absent"),
    ("delete the unassigned", UNASSIGNED, delete, "absent"),
    ("delete the inactive", INACTIVE, delete, "absent"),
    ("a seat is free", WAITING, leave("standard"), "seated on standard"),
    ("a seat is bought", WAITING, add(standard=1), "seated on standard"),
    ("a higher tier is free", SEATED_WAITING, leave("premium"), "seated on premium"),
    (
        "a group gives another tier with a seat",
        [*SEATED, add(premium=1), give("Engineering", "premium")],
        join("Engineering"),
        "seated on premium",
    ),
    (
        "a group gives a full tier, queue",
        [*SEATED, overflow("queue"), give("Engineering", "premium")],
        join("Engineering"),
        "seated on standard, waiting for premium",
    ),
    (
        "a group gives a full tier, reject",
        [*SEATED, give("Engineering", "premium")],
        join("Engineering"),
        "seated on standard, tier refused",
    ),
    ("a group comes at last", AWAITING_GROUP, join("Engineering"), "seated on standard"),
    ("unassigned by hand", SEATED, unassign, "none (unassigned)"),
    ("taken from the queue by hand", WAITING, unassign, "none (unassigned)"),
    ("assigned by hand after unassigning", UNASSIGNED, assign, "seated on standard"),
    ("assigned by hand while awaiting a group", AWAITING_GROUP, assign, "seated on standard"),
    ("suspended while seated", SEATED, suspend, "seated on standard, unchanged"),
    ("suspended while waiting", WAITING, suspend, "waiting for any, unchanged"),
]


def describe(org: Organization, before: object, answer: object) -> str:
    """The state that the event led to."""
    with org.database.read(org.id) as read:
        ada = people_store.by_key(read, ADA)
    events = org.state()["events"]
    assert isinstance(events, list)
    refused = ", refused" if answer == "refused" else ""
    if events and events[-1][0] == "person.tier_refused":
        refused = ", tier refused"
    if ada is None:
        return f"absent{refused}"
    unchanged = ", unchanged" if (ada.version, ada.status) == before else ""
    if not ada.active:
        return f"inactive{refused}"
    if ada.tier is not None:
        waits = f", waiting for {ada.wants}" if ada.wants else ""
        return f"seated on {ada.tier}{waits}{refused}{unchanged}"
    where = f"waiting for {ada.wants}" if ada.wants else f"none ({ada.unseated})"
    return f"{where}{refused}{unchanged}"


@pytest.mark.parametrize(("row", "state", "event", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_each_event_leads_to_the_state_in_the_transition_table(
    database: Database, row: str, state: list[Step], event: Step, expected: str
) -> None:
    del row
    org = Organization(database, {"standard": 1, "premium": 0}, "reject")
    for step in state:
        step(org)
    with org.database.read(org.id) as read:
        ada = people_store.by_key(read, ADA)
    before = None if ada is None else (ada.version, ada.status)

    answer = event(org)

    assert describe(org, before, answer) == expected
    org.recount()


def test_the_end_of_a_contract_changes_the_state_of_no_person(database: Database) -> None:
    org = Organization(database, {"standard": 1, "premium": 0}, "reject")
    for step in SEATED:
        step(org)

    over = Terms(start=date(2020, 1, 1), auto_renew=False, prices={"standard": ("1", Per.MONTH)})
    commands.set_contract(Context(database, org.id, OPERATOR), over)

    answer = org.create(described("bob@example.com", "Artist"))

    assert answer == "refused"
    assert org.seated() == {ADA: "seated on standard"}
    org.recount()
