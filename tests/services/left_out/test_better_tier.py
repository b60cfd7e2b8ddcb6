"""People who have a seat and were refused the tier that their groups give are left out too (SEATS 20, 32)."""

from collections.abc import Callable
from functools import partial

import pytest

from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.left_out import commands, let_in, open_refusals, queries
from scim_server.services.left_out.commands import Attempts
from scim_server.services.left_out.let_in import Attempt
from scim_server.services.left_out.queries import LeftOut
from scim_server.services.mappings import commands as mappings
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.services.people.sign_in import SignIn
from scim_server.store.database.session import Actor, Database
from seat_policy.mapping import Unmapped
from seat_policy.ways_in import WayIn
from tests.support.builders.customer import done as settled
from tests.support.builders.customer import terms
from tests.support.builders.mapped import Mapped

APP = Actor("app", WayIn.JIT, "request-1")


class SigningIn(Mapped):
    def sign_in(self, name: str, *groups: str) -> None:
        address = f"{name}@example.com"
        people.answer_sign_in(
            Context(self.database, self.id, APP), SignIn(address, {"userName": address}, groups)
        )


@pytest.fixture
def acme(database: Database) -> Mapped:
    """Ann and bob have standard seats; bob's group gives premium, which has no seats."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 2}, overflow="reject")
    customer.provision("ann", "bob")
    customer.map("Gold", tier="premium")
    customer.group("Gold", "bob")
    return customer


def left_out(acme: Mapped) -> LeftOut:
    return queries.left_out(acme.context())


def test_people_refused_a_better_tier_are_listed_separately_with_the_reason(acme: Mapped) -> None:
    found = left_out(acme)

    (one,) = found.wants_better_tier
    assert (found.waiting, found.rejected) == ((), ())
    assert (one.person.user_name, one.tier, one.wants) == ("bob@example.com", "standard", "premium")
    assert (one.reason, one.detail) == (
        "no_free_seat",
        "no premium seat was free, so this person keeps the standard seat",
    )
    assert one.provider_answer == "the change of the group was accepted"


def test_buying_for_all_buys_the_refused_tier_and_moves_these_people(acme: Mapped) -> None:
    preview = settled(commands.buy(acme.context(), preview=True)).result
    done = settled(commands.buy(acme.context())).result

    for cleared in (preview, done):
        assert (cleared.order.adds, cleared.promoted) == ({"premium": 1}, 1)
        assert [one.user_name for one in cleared.let_in] == ["bob@example.com"]
    assert acme.seats_of("bob") == [("premium", None)]
    assert left_out(acme).wants_better_tier == ()
    acme.recount()


def test_a_seat_left_for_a_better_tier_is_not_bought_for_a_refused_newcomer(acme: Mapped) -> None:
    acme.provision("cy")

    done = settled(commands.buy(acme.context())).result

    assert done.order.adds == {"premium": 1}
    assert acme.seats_of("bob", "cy") == [("premium", None), ("standard", None)]
    acme.recount()


@pytest.mark.parametrize("end", ["mapping removed", "left the group", "deactivated", "seat added"])
def test_a_person_without_a_claim_to_another_tier_is_not_listed(acme: Mapped, end: str) -> None:
    if end == "mapping removed":
        mappings.remove(acme.context(), "Gold")
    elif end == "left the group":
        (group,) = acme.rows('SELECT id FROM "groups"')
        acme.change_group(group.id, remove=["bob"])
    elif end == "deactivated":
        acme.remove("bob")
    else:
        commands.buy(acme.context())

    assert left_out(acme).wants_better_tier == ()


def test_in_a_suspended_organization_the_reason_is_the_suspension(acme: Mapped) -> None:
    organizations.suspend(acme.context())

    (one,) = left_out(acme).wants_better_tier

    assert one.reason == "organization_suspended"


def better_id(acme: Mapped) -> str:
    (one,) = left_out(acme).wants_better_tier
    return str(one.reference)


def outcomes(done: Attempts) -> list[tuple[str | None, str]]:
    return [(one.user_name, one.outcome) for one in done.tried]


def test_a_retry_without_a_free_seat_is_refused_again_and_writes_nothing(acme: Mapped) -> None:
    listed, before = left_out(acme), acme.events()

    (one,) = commands.retry(acme.context(), better_id(acme)).tried

    assert (one.user_name, one.outcome) == ("bob@example.com", Attempt.REJECTED)
    assert str(one.detail).startswith("No free seat: 0 of 0 premium seats are in use.")
    assert (left_out(acme), acme.events()) == (listed, before)


def test_a_retry_with_a_free_seat_gives_the_better_tier_and_frees_the_present_seat(acme: Mapped) -> None:
    acme.buy(premium=1)

    done = commands.retry(acme.context(), better_id(acme))

    assert outcomes(done) == [("bob@example.com", Attempt.SEATED)]
    assert acme.seats() == {"standard": (2, 1), "premium": (1, 1)}
    assert acme.events().count("person.moved") == 1
    assert left_out(acme).wants_better_tier == ()
    acme.recount()


def test_the_seat_that_is_left_for_a_better_tier_goes_to_the_first_waiting_person(acme: Mapped) -> None:
    acme.unmapped(Unmapped.LOWEST)
    organizations.configure(acme.context(), Changes({"overflow": "queue"}))
    acme.provision("cy")
    acme.buy(premium=1)

    commands.retry(acme.context(), better_id(acme))

    assert acme.seats_of("bob", "cy") == [("premium", None), ("standard", None)]
    acme.recount()


def test_a_retry_under_the_policy_queue_keeps_the_seat_and_waits_for_the_better_tier(acme: Mapped) -> None:
    organizations.configure(acme.context(), Changes({"overflow": "queue"}))

    (one,) = commands.retry(acme.context(), better_id(acme)).tried

    assert (one.outcome, one.detail) == (
        Attempt.WAITING,
        "waits for a premium seat and keeps the standard seat",
    )
    assert acme.seats_of("bob") == [("standard", "premium")]
    assert left_out(acme).wants_better_tier == ()
    acme.recount()


def test_retrying_all_includes_better_tiers_in_the_order_of_the_refusals(acme: Mapped) -> None:
    acme.provision("cy")
    acme.buy(premium=1)

    done = commands.retry(acme.context(), None)

    assert outcomes(done) == [("bob@example.com", "seated"), ("cy@example.com", "seated")]
    assert acme.seats_of("bob", "cy") == [("premium", None), ("standard", None)]
    acme.recount()


def test_retrying_all_does_not_try_other_people_for_a_tier_that_was_refused_again(acme: Mapped) -> None:
    acme.group("Gold 2", "ann")
    acme.map("Gold 2", tier="premium")

    done = commands.retry(acme.context(), None)

    assert outcomes(done) == [("bob@example.com", "rejected")]
    assert [(one.user_name, one.detail) for one in done.not_tried] == [
        ("ann@example.com", "no premium seat was left for a person who was refused earlier")
    ]


def test_in_a_suspended_organization_a_retry_says_that_it_is_suspended(acme: Mapped) -> None:
    organizations.suspend(acme.context())

    (one,) = commands.retry(acme.context(), better_id(acme)).tried

    assert one.outcome is Attempt.REJECTED
    assert "this organization is suspended" in str(one.detail)


@pytest.mark.parametrize("act", [commands.retry, lambda where, id_: commands.dismiss(where, id_, "why")])
def test_a_better_tier_that_no_group_gives_any_more_is_neither_retried_nor_dismissed(
    acme: Mapped, act: Callable[[Context, str], object]
) -> None:
    reference = better_id(acme)
    mappings.remove(acme.context(), "Gold")

    with pytest.raises(ServiceError, match="no open refusal has the id"):
        act(acme.context(), reference)


def test_a_person_who_got_the_tier_before_the_retry_is_gone(acme: Mapped) -> None:
    with acme.database.read(acme.id) as read:
        (entry,) = open_refusals.every(read, acme.database.now())
    commands.buy(acme.context())

    one = acme.context().write(partial(let_in.retry, entry=entry))

    assert one.outcome is Attempt.GONE
    assert acme.seats_of("bob") == [("premium", None)]


def test_a_dismissal_ends_the_wish_and_keeps_the_seat_with_its_reason_in_the_log(acme: Mapped) -> None:
    reference = better_id(acme)

    shown = commands.dismiss(acme.context(), reference, "standard is enough", preview=True)
    listed = left_out(acme).wants_better_tier
    done = commands.dismiss(acme.context(), reference, "standard is enough")

    assert (shown.preview, shown.tier, len(listed)) == (True, "standard", 1)
    assert (str(done.reference), done.user_name, done.tier) == (reference, "bob@example.com", "standard")
    assert left_out(acme).wants_better_tier == ()
    assert acme.seats_of("bob") == [("standard", None)]
    (logged,) = queries.log(acme.context(), outcome="dismissed").data
    assert (logged.entry.details["why"], logged.entry.person) == ("standard is enough", acme.person("bob").id)
    with pytest.raises(ServiceError, match="nobody is left out"):
        commands.buy(acme.context())
    with pytest.raises(ServiceError, match="no open refusal has the id"):
        commands.dismiss(acme.context(), reference, "again")
    acme.recount()


def test_a_later_change_of_the_groups_refuses_a_dismissed_better_tier_again(acme: Mapped) -> None:
    reference = better_id(acme)
    commands.dismiss(acme.context(), reference, "standard is enough")

    acme.map("Gold", tier="premium", priority=5)

    assert better_id(acme) != reference


def test_a_later_sign_in_refuses_a_dismissed_better_tier_again(database: Database) -> None:
    acme = SigningIn(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    acme.set_mode("jit")
    acme.map("Gold", tier="premium")
    acme.sign_in("ann")
    acme.sign_in("ann", "Gold")
    reference = better_id(acme)
    commands.dismiss(acme.context(), reference, "standard is enough")

    dismissed = left_out(acme).wants_better_tier
    acme.sign_in("ann", "Gold")
    again = better_id(acme)
    acme.sign_in("ann", "Gold")

    assert (dismissed, again != reference, better_id(acme) == again) == ((), True, True)


def test_a_better_tier_of_a_sign_in_is_retried_although_its_groups_are_not_stored(database: Database) -> None:
    acme = SigningIn(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    acme.set_mode("jit")
    acme.map("Gold", tier="premium")
    acme.sign_in("ann")
    acme.sign_in("ann", "Gold")
    acme.buy(premium=1)

    done = commands.retry(acme.context(), None)

    assert outcomes(done) == [("ann@example.com", "seated")]
    assert acme.seats_of("ann") == [("premium", None)]
    acme.recount()
