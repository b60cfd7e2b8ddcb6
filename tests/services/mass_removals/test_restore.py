"""People of a mass removal get back their earlier state: deleted or not, seated, waiting or neither."""

from scim_server.services.context import Context
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.send import Invitees
from scim_server.services.mass_removals.queries import MassRemoval
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as members
from scim_server.services.people import queries
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.mapping import Unmapped
from seat_policy.roles import Role
from tests.support.builders.customer import at
from tests.support.builders.removing import LeftInGroups, RemovalCustomer, names

# Deleted


def test_restored_people_are_not_left_out_and_are_unconfirmed_until_the_provider_sends_them(
    held: RemovalCustomer,
) -> None:
    organizations.configure(Context(held.database, held.id, OPERATOR), Changes({"overflow": "reject"}))
    held.provision_values("p11", active=True)  # refused: nothing is held for them
    left_out = [
        row.user_name for row in held.rows("SELECT user_name, closed FROM refusals") if not row.closed
    ]

    held.restore()

    assert left_out == ["p11@example.com"]
    assert all(row.closed for row in held.rows("SELECT closed FROM refusals"))
    unconfirmed = queries.page(Context(held.database, held.id, OPERATOR), unconfirmed=True).data
    assert [one.user_name for one in unconfirmed] == [f"{name}@example.com" for name in names(1, 25)]
    held.provision_values("p01", active=True)
    assert len(queries.page(Context(held.database, held.id, OPERATOR), unconfirmed=True).data) == 24
    held.recount()


def test_a_deleted_person_is_restored_with_all_values(database: Database) -> None:
    acme = LeftInGroups(database, {"standard": 40}, overflow="queue")
    acme.provision(*names(1, 41))
    acme.provision_values("p03", displayName="Pat", title="Engineer", emails=[{"value": "pat@home.example"}])
    members.set_role(Context(database, acme.id, OPERATOR), "p03@example.com", Role.OWNER)
    members.set_role(Context(database, acme.id, OPERATOR), "p02@example.com", Role.OWNER)
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


def test_a_person_created_again_after_a_removal_gets_the_held_seat(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 30}, overflow="queue")
    acme.provision(*names(1, 30))
    former = acme.person("p30").id
    acme.delete(names(1, 30))
    acme.provision("q1")  # nineteen seats were free before it was a removal, and are held too

    again = acme.provision("p30")

    assert (acme.sitting(["q1"]), again) == ({"waiting"}, ["standard"])
    assert acme.person("p30").id != former
    assert acme.pool() == (30, 1, 29, 0)
    acme.recount()


def test_a_person_deleted_twice_is_restored_once(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 30}, overflow="queue")
    acme.provision(*names(1, 30))
    acme.delete(names(1, 25))
    acme.provision("p07")
    acme.delete(["p07"])

    done = acme.restore()

    assert [one.user_name for one in done.people].count("p07@example.com") == 1
    assert acme.pool() == (30, 30, 0, 0)
    acme.recount()


def test_a_person_whose_name_is_taken_meanwhile_is_not_restored(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 30}, overflow="queue")
    acme.provision(*names(1, 30))
    acme.delete(names(1, 30))
    acme.provision("p07")

    done = acme.restore()

    assert "p07@example.com" not in {one.user_name for one in done.people}
    assert (len(done.people), acme.pool()) == (29, (30, 30, 0, 0))
    acme.recount()


def test_a_person_deactivated_and_then_deleted_is_restored_too(held: RemovalCustomer) -> None:
    held.delete(names(20, 25))

    held.restore()

    assert held.sitting(names(1, 25)) == {"standard"}
    held.recount()


def test_values_of_deleted_people_are_kept_only_while_they_can_be_restored(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 40})
    acme.provision(*names(1, 40))
    acme.delete(["p01"])
    acme.today = "2026-03-01T09:11"
    acme.delete(["p02"])  # a later removal deletes the values of a person who left alone
    alone = [row.user_name for row in acme.rows("SELECT user_name FROM departures")]
    acme.delete(names(3, 32))
    acme.do_daily_work()
    while_open = acme.kept()
    acme.today = "2026-06-01T09:00"
    acme.do_daily_work()

    assert alone == ["p02@example.com"]
    assert (while_open, acme.kept()) == (31, 0)


# Earlier state


def test_a_person_who_waited_gets_the_queue_place_back(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 10}, overflow="queue")
    acme.provision(*names(1, 40))
    queue = acme.queue()
    acme.deactivate(names(11, 30))
    acme.provision("q1")

    acme.restore()

    assert acme.queue() == [*queue, "q1@example.com"]
    acme.recount()


def test_a_seated_person_who_waited_for_a_better_seat_is_restored_to_both(
    database: Database,
) -> None:
    acme = LeftInGroups(database, {"premium": 1, "standard": 30}, overflow="fallback", holds=False)
    acme.map("All", tier="premium")
    acme.provision(*names(1, 31))
    acme.group("All", *names(1, 31))
    standing, queue = acme.seats_of(*names(2, 31)), acme.queue()
    acme.deactivate(names(2, 25))
    acme.provision(*[f"q{number}" for number in range(24)])  # they take the seats of the others

    acme.restore()

    assert set(standing) == {("standard", "premium")}
    assert (acme.seats_of(*names(2, 31)), acme.queue()) == (standing, queue)
    acme.recount()


def test_a_person_without_a_seat_is_restored_without_one(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 30})
    acme.provision(*names(1, 30))
    members.unassign(Context(database, acme.id, OPERATOR), "p05@example.com")
    acme.deactivate(names(1, 25))

    done = acme.restore()

    (one,) = [one for one in done.people if one.user_name == "p05@example.com"]
    assert (one.outcome, one.source.value) == ("none", "not_needed")
    assert (done.purchase, acme.pool()) == (None, (30, 29, 0, 0))
    acme.recount()


def test_the_present_groups_determine_the_tier_of_restored_people(database: Database) -> None:
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


def test_a_person_with_a_held_seat_and_an_invitation_gives_back_the_invited_seat(
    database: Database,
) -> None:
    acme = RemovalCustomer(database, {"standard": 40})
    acme.provision(*names(1, 30))
    acme.deactivate(names(1, 25))
    organizations.configure(Context(database, acme.id, OPERATOR), Changes({"allow_invitations": True}))
    invitations.add_domain(Context(database, acme.id, OPERATOR), "example.com", verified=True)
    invitations.invite(Context(database, acme.id, OPERATOR), Invitees(["p01@example.com"]))
    invitations.remove_domain(
        Context(database, acme.id, OPERATOR), "example.com"
    )  # one organization has it, and others follow
    assert acme.pool() == (40, 5, 26, 0)

    acme.activate(["p01"])

    assert (acme.sitting(["p01"]), acme.pool()) == ({"standard"}, (40, 6, 24, 0))
    acme.recount()


def test_a_person_removed_before_tiers_were_mapped_returns_to_the_held_seat(database: Database) -> None:
    acme = LeftInGroups(database, {"standard": 30})
    acme.provision(*names(1, 30))
    acme.deactivate(names(1, 25))
    acme.map("Sales", tier="standard")
    acme.unmapped(Unmapped.NONE)

    acme.activate(["p25"])

    assert acme.sitting(["p25"]) == {"standard"}, "the seat is held for them, whatever groups say"
    acme.recount()


def test_a_removal_shows_which_people_are_back(held: RemovalCustomer) -> None:
    held.activate(["p01", "p11"])

    (removal,) = held.removals()

    assert isinstance(removal, MassRemoval)
    assert [one.user_name.partition("@")[0] for one in removal.people] == names(1, 25)
    assert removal.back == {held.person("p01").id, held.person("p11").id}
    assert removal.removal.at == at("2026-03-01T09:00").isoformat(timespec="microseconds").replace(
        "+00:00", "Z"
    )
