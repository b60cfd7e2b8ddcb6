"""A provider removes many people at once: it is noticed, their seats are held, and it can be undone."""

import json

import pytest

from scim_server.protocol.user import parse_user
from scim_server.services import domains, groups, invitations, jit, members, organizations, people, removals
from scim_server.services.errors import OperatorError
from scim_server.services.jit import Entry
from scim_server.services.purchases import Changed
from scim_server.services.removals import Told
from scim_server.store.session import OPERATOR, Database
from seat_policy.mapping import Unmapped
from seat_policy.roles import Role
from tests.customer import OKTA, USERS, at
from tests.leaving import Left, names
from tests.mapped import Mapped


class LeftInGroups(Left, Mapped):
    def delete_group(self, name: str) -> None:
        groups.delete(self.database, self.id, OKTA, self.group_id(name))

    def group_id(self, name: str) -> str:
        rows = self.rows('SELECT id, display_name FROM "groups"')
        return next(str(row.id) for row in rows if row.display_name == name)

    def members_of(self, group: str) -> set[str]:
        rows = self.rows("SELECT group_id, person FROM group_members")
        return {row.person for row in rows if row.group_id == group}


def noticed(acme: Left) -> list[tuple[int, int]]:
    """How many had left, of how many, of each removal."""
    return [(len(one.people), one.removal.members) for one in acme.removals()]


# Noticed


@pytest.mark.parametrize(
    ("there", "leave", "expected"),
    [
        (90, 19, []),  # 21.1 %, and too few
        (100, 20, []),  # 20 % exactly
        (99, 20, [(20, 99)]),  # 20.2 %
        (101, 20, []),
        (101, 21, [(21, 101)]),
        (20, 20, [(20, 20)]),
    ],
)
def test_more_than_a_fifth_and_at_least_twenty_are_a_removal(
    database: Database, there: int, leave: int, expected: list[tuple[int, int]]
) -> None:
    acme = Left(database, {"standard": 101})
    everybody = [f"n{number}" for number in range(there)]
    acme.provision(*everybody)

    acme.deactivate(everybody[:leave])

    assert noticed(acme) == expected
    acme.recount()


def test_who_left_more_than_ten_minutes_before_does_not_count(database: Database) -> None:
    acme = Left(database, {"standard": 50})
    acme.provision(*names(1, 50))
    acme.deactivate(names(1, 10))
    acme.today = "2026-03-01T09:09:59"
    acme.deactivate(names(11, 19))
    acme.today = "2026-03-01T09:10:01"

    acme.deactivate(names(20, 28))  # 18 within ten minutes
    few = noticed(acme)
    acme.deactivate(names(29, 30))

    assert (few, noticed(acme)) == ([], [(20, 40)])
    acme.recount()


def test_ten_minutes_reach_back_to_their_first_second(database: Database) -> None:
    acme = Left(database, {"standard": 50})
    acme.provision(*names(1, 50))
    acme.deactivate(names(1, 10))
    acme.today = "2026-03-01T09:10:00"

    acme.deactivate(names(11, 20))

    assert noticed(acme) == [(20, 50)]


def test_who_is_back_does_not_count_and_nobody_counts_twice(database: Database) -> None:
    acme = Left(database, {"standard": 60})
    acme.provision(*names(1, 60))
    for _ in range(5):
        acme.deactivate(names(1, 8))
        acme.activate(names(1, 8))
    acme.deactivate(names(9, 20))  # with the eight who are back, twenty have left
    acme.delete(names(9, 20))

    assert noticed(acme) == []
    acme.recount()


def test_nobody_is_held_two_seats(database: Database) -> None:
    acme = Left(database, {"standard": 60})
    acme.provision(*names(1, 40))
    acme.deactivate(["p01"])
    acme.activate(["p01"])

    acme.deactivate(names(1, 20))

    assert (noticed(acme), acme.pool()) == ([(20, 40)], (60, 20, 20, 0))
    acme.recount()


def test_what_is_done_by_hand_is_meant(database: Database) -> None:
    acme = Left(database, {"standard": 30})
    acme.provision(*names(1, 30))

    for name in names(1, 30):
        gone = parse_user({"userName": f"{name}@example.com", "active": False}, USERS)
        people.replace_person(database, acme.id, OPERATOR, acme.person(name).id, gone)

    assert (noticed(acme), acme.pool()) == ([], (30, 0, 0, 0))
    acme.recount()


def test_one_removal_goes_on_until_ten_minutes_pass_without_anybody(database: Database) -> None:
    acme = Left(database, {"standard": 90})
    acme.provision(*names(1, 90))
    acme.deactivate(names(1, 20))
    for minute, first in ((8, 21), (17, 31), (26, 41)):
        acme.today = f"2026-03-01T09:{minute:02}"
        acme.deactivate(names(first, first + 9))
    acme.today = "2026-03-01T09:37"

    acme.deactivate(names(51, 60))

    assert noticed(acme) == [(50, 90)]
    assert acme.events().count("removal.detected") == 1
    assert acme.pool() == (90, 30, 50, 0)
    acme.recount()


def test_a_removal_by_one_bulk_request_is_noticed_within_it(database: Database) -> None:
    acme = Left(database, {"standard": 30}, overflow="queue")
    acme.provision(*names(1, 31))
    operations = [{"method": "DELETE", "path": f"/Users/{acme.person(name).id}"} for name in names(1, 30)]

    acme.bulk(operations)

    # The first nineteen were not many yet: one of their seats went to p31, who waited.
    assert (noticed(acme), acme.pool()) == ([(30, 31)], (30, 1, 29, 0))
    acme.recount()


# Not held


def test_without_a_hold_the_queue_moves_and_the_owners_are_told_all_the_same(database: Database) -> None:
    acme = Left(database, {"standard": 30}, holds=False)
    acme.provision(*names(1, 50))

    acme.deactivate(names(1, 20))

    assert acme.sitting(names(31, 50)) == {"standard"}
    (payload,) = [
        json.loads(row.payload) if isinstance(row.payload, str) else row.payload
        for row in acme.rows("SELECT type, payload FROM events")
        if row.type == "removal.detected"
    ]
    assert payload == {"people": 20, "of": 50, "minutes": 10, "holds": False}
    assert acme.pool() == (30, 30, 0, 0)


def test_who_left_without_a_hold_comes_back_on_seats_bought_at_the_exact_price(database: Database) -> None:
    acme = Left(database, {"standard": 30}, holds=False)
    acme.provision(*names(1, 50))
    acme.deactivate(names(1, 20))
    seen = acme.restore(preview=True)
    assert seen.purchase is not None

    done = acme.restore(confirmation=seen.purchase.confirmation)

    # 20 seats x 20.00 x 10 months
    assert acme.invoices() == [(1, "purchase", 4_000_00)]
    assert {(one.outcome, one.tier, one.source.value) for one in done.people} == {
        ("seated", "standard", "missing")
    }
    assert acme.sitting(names(1, 50)) == {"standard"}
    assert acme.pool() == (50, 50, 0, 0)
    acme.recount()


# Held


@pytest.fixture
def held(database: Database) -> Left:
    """Sixty seats, p01 to p60 on them, p61 to p70 waiting; p01 to p25 were deactivated.

    The twentieth made it a removal. Ten seats had gone to those who waited by then; the other ten are held
    for who left first, p01 to p10, and those of p21 to p25 as they left. Nothing is held for p11 to p20.
    """
    acme = Left(database, {"standard": 60}, overflow="queue")
    acme.provision(*names(1, 70))
    acme.deactivate(names(1, 25))
    return acme


def test_held_seats_go_neither_to_the_queue_nor_to_newcomers(held: Left) -> None:
    before = held.pool()

    assert held.provision("q1", "q2") == ["waiting", "waiting"]

    # 45 = p26 to p70, and ten of the twenty-five seats are theirs.
    assert (before, held.pool()) == ((60, 45, 15, 0), (60, 45, 15, 0))
    assert held.sitting(names(1, 25)) == {"inactive"}
    held.recount()


def test_who_is_held_a_seat_has_no_access(held: Left) -> None:
    answer = jit.entitlement(held.database, held.id, held.person("p25").id)

    assert answer is not None
    assert (answer.decision, answer.reason) == (Entry.REFUSED, "inactive")


def test_a_provider_that_takes_it_back_gives_everybody_the_seat_they_had(held: Left) -> None:
    held.provision("q1", "q2")

    held.activate([*names(1, 10), *names(21, 25)])

    assert held.sitting([*names(1, 10), *names(21, 25)]) == {"standard"}
    assert held.sitting(["q1", "q2"]) == {"waiting"}
    assert held.pool() == (60, 60, 0, 0)
    held.activate(["p11"])
    assert held.sitting(["p11"]) == {"waiting"}, "no more than fifteen seats were held"
    held.recount()


def test_confirming_gives_the_held_seats_to_the_queue_in_its_order(held: Left) -> None:
    held.provision(*[f"q{number}" for number in range(20)])

    done = held.confirm()

    assert (done.freed, done.promoted) == ({"standard": 15}, 15)
    assert held.sitting(f"q{number}" for number in range(15)) == {"standard"}
    assert held.sitting(f"q{number}" for number in range(15, 20)) == {"waiting"}
    assert held.pool() == (60, 60, 0, 0)
    held.recount()


def test_restoring_gives_back_what_was_held_and_buys_what_was_not(held: Left) -> None:
    done = held.restore()

    # Ten seats are missing: 10 x 20.00 x 10 months.
    assert held.invoices() == [(1, "purchase", 2_000_00)]
    assert [one.source.value for one in done.people] == ["held"] * 10 + ["missing"] * 10 + ["held"] * 5
    assert held.sitting(names(1, 70)) == {"standard"}
    assert held.pool() == (70, 70, 0, 0)
    held.recount()


def test_a_preview_changes_nothing(held: Left) -> None:
    before = (held.pool(), held.events(), held.invoices(), held.sitting(names(1, 25)))

    held.restore(preview=True)
    held.restore(preview=True, buys=False)

    assert (held.pool(), held.events(), held.invoices(), held.sitting(names(1, 25))) == before


def test_restoring_without_buying_lets_who_finds_no_seat_wait(held: Left) -> None:
    done = held.restore(buys=False)

    assert [one.outcome for one in done.people] == ["seated"] * 10 + ["waiting"] * 10 + ["seated"] * 5
    assert (held.invoices(), held.pool()[:3]) == ([], (60, 60, 0))
    held.recount()


def test_restoring_without_buying_refuses_them_where_the_policy_does(held: Left) -> None:
    organizations.change(held.database, held.id, OPERATOR, {"overflow": "reject"})

    done = held.restore(buys=False)

    assert [one.outcome for one in done.people] == ["seated"] * 10 + ["refused"] * 10 + ["seated"] * 5
    assert held.sitting(names(11, 20)) == {"inactive"}
    held.recount()


def test_another_bill_than_the_one_confirmed_is_not_billed(held: Left) -> None:
    seen = held.restore(preview=True)
    assert seen.purchase is not None
    held.activate(names(11, 12))  # two of those for whom nothing is held: they wait now

    with pytest.raises(Changed):
        held.restore(confirmation=seen.purchase.confirmation)

    assert (held.invoices(), held.pool()[2]) == ([], 15)
    held.recount()


def test_a_key_restores_and_buys_once(held: Left) -> None:
    held.restore(key="monday")
    again = held.restore(key="monday")

    assert again.purchase is not None
    assert again.purchase.repeated
    assert len(held.invoices()) == 1
    assert held.pool() == (70, 70, 0, 0)


def test_a_removal_is_closed_once(held: Left) -> None:
    held.confirm()

    for again in (held.confirm, held.restore):
        with pytest.raises(OperatorError, match="was confirmed before"):
            again()

    held.recount()


def test_an_unknown_removal_is_told(held: Left) -> None:
    with pytest.raises(OperatorError, match=f"there is no removal {held.slug}-999999"):
        removals.confirm(held.database, held.id, OPERATOR, 999_999)


def test_a_suspended_organization_gives_nobody_back_and_keeps_the_seats(held: Left) -> None:
    organizations.suspend(held.database, held.id, OPERATOR)

    with pytest.raises(OperatorError, match="suspended"):
        held.restore()
    held.say("p01", active=True)  # refused, as every grant is

    assert held.sitting(["p01"]) == {"inactive"}
    assert held.pool()[2] == 15
    held.recount()


def test_nothing_is_restored_while_no_seat_is_given_though_all_are_held(database: Database) -> None:
    acme = Left(database, {"standard": 30})
    acme.provision(*names(1, 30))
    acme.deactivate(names(1, 25))
    organizations.suspend(database, acme.id, OPERATOR)

    with pytest.raises(OperatorError, match="suspended"):
        acme.restore()

    assert acme.sitting(names(1, 25)) == {"inactive"}


def test_who_lacks_a_seat_gets_the_tier_they_had_where_several_are_bought(database: Database) -> None:
    acme = Left(database, {"premium": 10, "standard": 20}, holds=False)
    acme.provision(*names(1, 60))
    acme.deactivate([*names(11, 30), *names(1, 10)])  # first who sat on standard, then who sat on premium

    acme.restore()

    # 20 x 200.00 and 10 x 1,000.00
    assert acme.invoices() == [(1, "purchase", 14_000_00)]
    assert (acme.sitting(names(1, 10)), acme.sitting(names(11, 30))) == ({"premium"}, {"standard"})
    acme.recount()


def test_held_seats_are_in_use_when_the_contract_is_renewed(held: Left) -> None:
    held.today = "2027-01-01T00:00"

    held.pass_the_time()

    assert held.pool()[:3] == (60, 45, 15)
    held.recount()


# Deleted


def test_who_comes_back_is_left_out_no_more_and_unconfirmed_until_their_provider_names_them(
    held: Left,
) -> None:
    organizations.change(held.database, held.id, OPERATOR, {"overflow": "reject"})
    held.say("p11", active=True)  # refused: nothing is held for them
    left_out = [
        row.user_name for row in held.rows("SELECT user_name, closed FROM refusals") if not row.closed
    ]

    held.restore()

    assert left_out == ["p11@example.com"]
    assert all(row.closed for row in held.rows("SELECT closed FROM refusals"))
    unconfirmed = members.every(held.database, held.id, unconfirmed=True)
    assert [one.user_name for one in unconfirmed] == [f"{name}@example.com" for name in names(1, 25)]
    held.say("p01", active=True)
    assert len(members.every(held.database, held.id, unconfirmed=True)) == 24
    held.recount()


def test_who_was_deleted_comes_back_as_they_were(database: Database) -> None:
    acme = LeftInGroups(database, {"standard": 40}, overflow="queue")
    acme.provision(*names(1, 41))
    acme.say("p03", displayName="Pat", title="Engineer", emails=[{"value": "pat@home.example"}])
    members.set_role(database, acme.id, OPERATOR, "p03@example.com", Role.OWNER)
    members.set_role(database, acme.id, OPERATOR, "p02@example.com", Role.OWNER)
    kept = acme.group("Kept", "p03", "p04")
    acme.group("Gone", "p03")
    before = acme.person("p03")
    acme.delete(names(3, 32))
    acme.delete_group("Gone")

    acme.restore()

    after = acme.person("p03")
    assert (after.id, after.document, after.role, after.created, after.tier) == (
        before.id,
        before.document,
        "owner",
        before.created,
        "standard",
    )
    assert after.active
    assert acme.members_of(kept) == {before.id, acme.person("p04").id}
    assert acme.rows("SELECT person FROM former_people") == []
    acme.recount()


def test_who_is_created_again_after_a_removal_gets_the_seat_that_is_held(database: Database) -> None:
    acme = Left(database, {"standard": 30}, overflow="queue")
    acme.provision(*names(1, 30))
    former = acme.person("p30").id
    acme.delete(names(1, 30))
    acme.provision("q1")  # nineteen seats were free before it was a removal, and are held too

    again = acme.provision("p30")

    assert (acme.sitting(["q1"]), again) == ({"waiting"}, ["standard"])
    assert acme.person("p30").id != former
    assert acme.pool() == (30, 1, 29, 0)
    acme.recount()


def test_whose_name_is_taken_by_then_is_not_brought_back(database: Database) -> None:
    acme = Left(database, {"standard": 30}, overflow="queue")
    acme.provision(*names(1, 30))
    acme.delete(names(1, 30))
    acme.provision("p07")

    done = acme.restore()

    assert "p07@example.com" not in {one.user_name for one in done.people}
    assert (len(done.people), acme.pool()) == (29, (30, 30, 0, 0))
    acme.recount()


def test_who_is_deleted_after_being_deactivated_comes_back_too(held: Left) -> None:
    held.delete(names(20, 25))

    held.restore()

    assert held.sitting(names(1, 25)) == {"standard"}
    held.recount()


def test_values_of_deleted_people_are_kept_no_longer_than_they_are_of_use(database: Database) -> None:
    acme = Left(database, {"standard": 40})
    acme.provision(*names(1, 40))
    acme.delete(["p01"])
    acme.today = "2026-03-01T09:11"
    acme.delete(["p02"])  # one who comes later forgets who left alone
    alone = [row.user_name for row in acme.rows("SELECT user_name FROM departures")]
    acme.delete(names(3, 32))
    acme.keep_house()
    while_open = acme.kept()
    acme.today = "2026-06-01T09:00"
    acme.keep_house()

    assert alone == ["p02@example.com"]
    assert (while_open, acme.kept()) == (31, 0)


# What they had


def test_who_waited_gets_their_place_back(database: Database) -> None:
    acme = Left(database, {"standard": 10}, overflow="queue")
    acme.provision(*names(1, 40))
    queue = acme.queue()
    acme.deactivate(names(11, 30))
    acme.provision("q1")

    acme.restore()

    assert acme.queue() == [*queue, "q1@example.com"]
    acme.recount()


def test_who_waited_for_a_better_seat_than_they_had_goes_on_waiting_for_it(database: Database) -> None:
    acme = LeftInGroups(database, {"premium": 1, "standard": 30}, overflow="fallback", holds=False)
    acme.map("All", tier="premium")
    acme.provision(*names(1, 31))
    acme.group("All", *names(1, 31))
    standing, queue = acme.seats_of(*names(2, 31)), acme.queue()
    acme.deactivate(names(2, 25))
    acme.provision(*[f"q{number}" for number in range(24)])  # they take what the others had

    acme.restore()

    assert set(standing) == {("standard", "premium")}
    assert (acme.seats_of(*names(2, 31)), acme.queue()) == (standing, queue)
    acme.recount()


def test_who_had_no_seat_needs_none(database: Database) -> None:
    acme = Left(database, {"standard": 30})
    acme.provision(*names(1, 30))
    members.unassign(database, acme.id, OPERATOR, "p05@example.com")
    acme.deactivate(names(1, 25))

    done = acme.restore()

    (one,) = [one for one in done.people if one.user_name == "p05@example.com"]
    assert (one.outcome, one.source.value) == ("none", "not_needed")
    assert (done.purchase, acme.pool()) == (None, (30, 29, 0, 0))
    acme.recount()


def test_the_groups_of_today_say_what_who_comes_back_gets(database: Database) -> None:
    acme = LeftInGroups(database, {"premium": 30, "standard": 30})
    acme.provision(*names(1, 30))
    group = acme.group("Sales", *names(1, 30))
    acme.deactivate(names(1, 25))
    acme.map("Sales", tier="standard")

    acme.activate(["p01"])  # by the provider
    acme.restore()

    assert acme.sitting(names(1, 25)) == {"standard"}
    assert acme.person("p01").tier == "standard"
    assert acme.pool("premium")[:3] == (30, 0, 0)
    assert group
    acme.recount()


def test_who_has_a_held_seat_and_an_invitation_gives_the_invited_seat_back(database: Database) -> None:
    acme = Left(database, {"standard": 40})
    acme.provision(*names(1, 30))
    acme.deactivate(names(1, 25))
    organizations.change(database, acme.id, OPERATOR, {"allow_invitations": True})
    domains.add(database, acme.id, OPERATOR, "example.com", verified=True)
    invitations.invite(database, acme.id, OPERATOR, ["p01@example.com"])
    domains.remove(database, acme.id, OPERATOR, "example.com")  # one organization has it, and others follow
    assert acme.pool() == (40, 5, 26, 0)

    acme.activate(["p01"])

    assert (acme.sitting(["p01"]), acme.pool()) == ({"standard"}, (40, 6, 24, 0))
    acme.recount()


def test_a_removal_without_mapped_tiers_awaits_no_group(database: Database) -> None:
    acme = LeftInGroups(database, {"standard": 30})
    acme.provision(*names(1, 30))
    acme.deactivate(names(1, 25))
    acme.map("Sales", tier="standard")
    acme.unmapped(Unmapped.NONE)

    acme.activate(["p25"])

    assert acme.sitting(["p25"]) == {"standard"}, "the seat is held for them, whatever groups say"
    acme.recount()


def test_a_removal_is_told_with_who_is_back(held: Left) -> None:
    held.activate(["p01", "p11"])

    (told,) = held.removals()

    assert isinstance(told, Told)
    assert [one.user_name.partition("@")[0] for one in told.people] == names(1, 25)
    assert told.back == {held.person("p01").id, held.person("p11").id}
    assert told.removal.at == at("2026-03-01T09:00").isoformat(timespec="microseconds").replace("+00:00", "Z")
