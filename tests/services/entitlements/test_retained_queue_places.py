"""A provider moves people between groups by two requests: in between people keep their place (SEATS 25)."""

import pytest

from scim_server.store.database.session import Database
from seat_policy.mapping import Unmapped
from tests.support.builders.customer import terms
from tests.support.builders.mapped import Mapped


class Moving(Mapped):
    """A customer whose people change their groups."""

    pushed: dict[str, str]

    def enter(self, group: str, *names: str) -> None:
        self.change_group(self.pushed[group], add=names)

    def leave(self, group: str, *names: str) -> None:
        self.change_group(self.pushed[group], remove=names)


@pytest.fixture
def acme(database: Database) -> Moving:
    """Ann has the one premium seat; bob, then cy, then dee wait for it by their group."""
    customer = Moving(database, "2026-03-01", terms(), {"premium": 1}, overflow="queue")
    for group in ("Engineering", "Ops"):
        customer.map(group, tier="premium")
    customer.unmapped(Unmapped.NONE)
    customer.provision("ann", "bob", "cy", "dee")
    customer.pushed = {name: customer.group(name) for name in ("Engineering", "Ops")}
    for name in ("ann", "bob", "cy", "dee"):
        customer.enter("Engineering", name)
    return customer


def in_turn(acme: Moving) -> list[str]:
    """The order in which people get a seat that is freed again and again."""
    served = []
    while seated := [row.user_name for row in acme.rows("SELECT user_name, tier FROM people") if row.tier]:
        (name,) = [one.partition("@")[0] for one in seated]
        served.append(name)
        acme.remove(name)
    return served


def test_a_person_moved_to_another_group_keeps_the_queue_place(acme: Moving) -> None:
    acme.leave("Engineering", "bob")
    acme.enter("Ops", "bob")

    assert in_turn(acme) == ["ann", "bob", "cy", "dee"]


def test_between_two_groups_a_person_is_not_in_the_queue_and_the_next_is_served(acme: Moving) -> None:
    acme.leave("Engineering", "bob")
    waited = acme.seats_of("bob"), acme.person("bob").unseated
    acme.remove("ann")
    acme.enter("Ops", "bob")

    assert waited == ([(None, None)], "awaiting_group")
    assert in_turn(acme) == ["cy", "bob", "dee"]


@pytest.mark.parametrize(("today", "served"), [("2026-03-02", "bob cy dee"), ("2026-03-03", "cy dee bob")])
def test_a_queue_place_is_retained_for_a_day(acme: Moving, today: str, served: str) -> None:
    acme.leave("Engineering", "bob")
    acme.today = today
    acme.enter("Ops", "bob")

    assert in_turn(acme) == ["ann", *served.split()]


def test_a_person_inactive_between_two_groups_goes_to_the_end_of_the_queue(acme: Moving) -> None:
    acme.leave("Engineering", "bob")
    acme.set_active("bob", active=False)
    acme.set_active("bob", active=True)
    acme.enter("Ops", "bob")

    assert in_turn(acme) == ["ann", "cy", "dee", "bob"]


def test_two_people_moved_at_once_keep_their_order(acme: Moving) -> None:
    acme.leave("Engineering", "cy", "bob")
    acme.enter("Ops", "cy", "bob")

    assert in_turn(acme) == ["ann", "bob", "cy", "dee"]
