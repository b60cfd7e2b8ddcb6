"""An admin changes the priority of a waiting person, for the present wait; the review says who is passed."""

import pytest

from scim_server.services.confirmations import Done, Stale
from scim_server.services.errors import GivenByGroup, InvalidPriority, NotWaiting, RoleTooLow
from scim_server.services.left_out import commands
from scim_server.services.left_out.commands import Prioritised
from scim_server.services.left_out.queries import queue
from scim_server.services.people import commands as people
from scim_server.store.database.session import Actor, Database
from seat_policy.ways_in import WayIn
from tests.support.builders.customer import done, terms
from tests.support.builders.mapped import Mapped

WAITING = ("bob", "cy", "dee", "eve")


@pytest.fixture
def acme(database: Database) -> Mapped:
    """One seat, which ann has; bob, cy, dee and eve wait in this order."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 1})
    customer.provision("ann", *WAITING)
    return customer


def prioritise(acme: Mapped, name: str, priority: int, *, preview: bool = False) -> Prioritised:
    outcome = commands.prioritise(acme.context(), f"{name}@example.com", priority, preview=preview)
    return done(outcome).result


def order(acme: Mapped) -> list[str]:
    return [one.person.user_name.partition("@")[0] for one in queue(acme.context()).data]


def names(found: Prioritised) -> list[str]:
    return [one.user_name.partition("@")[0] for one in found.passed]


def test_a_raised_person_passes_exactly_the_people_of_the_review(acme: Mapped) -> None:
    seen = prioritise(acme, "dee", 50, preview=True)
    assert order(acme) == ["bob", "cy", "dee", "eve"]

    changed = prioritise(acme, "dee", 50)

    assert (seen.place_before, seen.place_after, names(seen), seen.raised) == (3, 1, ["bob", "cy"], True)
    assert (changed.place_after, names(changed), changed.count) == (1, ["bob", "cy"], 2)
    assert order(acme) == ["dee", "bob", "cy", "eve"]
    (event,) = [
        row
        for row in acme.rows("SELECT type, reason, payload FROM events")
        if row.type == "person.prioritised"
    ]
    assert event.reason == "by_hand"
    acme.remove("ann")
    assert acme.whereabouts("dee", "bob") == ["standard", "waiting"]
    acme.recount()


def test_a_lowered_person_is_passed_by_the_people_behind(acme: Mapped) -> None:
    changed = prioritise(acme, "cy", 200)

    assert (changed.place_before, changed.place_after, names(changed)) == (2, 4, ["dee", "eve"])
    assert order(acme) == ["bob", "dee", "eve", "cy"]


def test_the_former_priority_restores_the_queue_exactly(acme: Mapped) -> None:
    before = [acme.person(name) for name in WAITING]
    prioritise(acme, "dee", 50)

    prioritise(acme, "dee", before[2].priority)

    after = [acme.person(name) for name in WAITING]
    assert [(one.priority, one.prioritised, one.seat) for one in after] == [
        (one.priority, one.prioritised, one.seat) for one in before
    ]
    assert order(acme) == list(WAITING)


def test_people_who_wait_for_other_seats_are_not_passed(acme: Mapped) -> None:
    acme.group("Artists", "bob")
    acme.map("Artists", tier="premium")
    acme.group("Staff", "dee")
    acme.map("Staff", tier="standard")

    changed = prioritise(acme, "dee", 50)

    # bob waits for premium only. cy and eve take any seat.
    assert (names(changed), changed.place_before, changed.place_after) == (["cy"], 2, 1)


def test_the_same_priority_changes_nothing(acme: Mapped) -> None:
    before = acme.events()

    changed = prioritise(acme, "dee", 100)

    assert (acme.events(), changed.count, changed.passed) == (before, 0, ())


def test_a_review_that_no_longer_fits_changes_nothing(acme: Mapped) -> None:
    shown = done(commands.prioritise(acme.context(), "dee@example.com", 50, preview=True))
    prioritise(acme, "cy", 10)

    outcome = commands.prioritise(acme.context(), "dee@example.com", 50, confirmation=shown.confirmation)

    assert isinstance(outcome, Stale)
    assert order(acme) == ["cy", "bob", "dee", "eve"]
    assert isinstance(
        commands.prioritise(acme.context(), "dee@example.com", 50, confirmation=shown.confirmation), Stale
    )


@pytest.mark.parametrize(
    ("name", "priority", "error"),
    [("bob", 0, InvalidPriority), ("bob", 1001, InvalidPriority), ("ann", 50, NotWaiting)],
)
def test_a_wrong_number_or_person_is_refused(
    acme: Mapped, name: str, priority: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        prioritise(acme, name, priority)

    assert order(acme) == list(WAITING)


def test_only_admins_change_priorities(acme: Mapped) -> None:
    user = Actor("ann", WayIn.CONSOLE, "request-1", acme.person("ann").id)

    with pytest.raises(RoleTooLow):
        commands.prioritise(acme.context(user), "dee@example.com", 50)


def test_a_priority_from_a_group_is_not_overridden(acme: Mapped) -> None:
    acme.group("Artists", "eve")
    acme.map("Artists", priority=10)

    with pytest.raises(GivenByGroup, match="priority 10"):
        prioritise(acme, "eve", 200)

    assert order(acme) == ["eve", "bob", "cy", "dee"]


def test_a_group_that_gives_no_priority_leaves_what_an_admin_set(acme: Mapped) -> None:
    prioritise(acme, "dee", 50)
    acme.group("Staff", "dee", "eve")
    acme.map("Staff", role=None, tier="standard")

    assert (acme.person("dee").priority, acme.person("dee").prioritised) == (50, True)

    acme.map("Staff", tier="standard", priority=90)

    assert (acme.person("dee").priority, acme.person("dee").prioritised) == (90, False)
    assert order(acme) == ["dee", "eve", "bob", "cy"]


@pytest.mark.parametrize("ended", ["unassigned", "seated", "inactive"])
def test_the_priority_is_for_the_present_wait_only(acme: Mapped, ended: str) -> None:
    prioritise(acme, "dee", 50)
    match ended:
        case "unassigned":
            people.unassign(acme.context(), "dee@example.com")
            acme.set_active("dee", active=False)
        case "seated":
            acme.remove("ann")
            assert acme.whereabouts("dee") == ["standard"]
            acme.set_active("dee", active=False)
        case _:
            acme.set_active("dee", active=False)

    acme.set_active("dee", active=True)

    assert (acme.person("dee").priority, acme.person("dee").prioritised) == (100, False)
    assert order(acme)[-1] == "dee"
    acme.recount()


def test_a_confirmed_review_is_carried_out(acme: Mapped) -> None:
    shown = done(commands.prioritise(acme.context(), "eve@example.com", 1, preview=True))

    outcome = commands.prioritise(acme.context(), "eve@example.com", 1, confirmation=shown.confirmation)

    assert isinstance(outcome, Done)
    assert order(acme) == ["eve", "bob", "cy", "dee"]
