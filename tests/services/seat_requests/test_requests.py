"""A person asks for a seat once; an Owner approves it with a free or bought seat, or declines it."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.errors import (
    AlreadyAsked,
    AlreadySeated,
    GivenByGroup,
    InvalidSeatRequest,
    NoSeatGiven,
    PeopleWait,
    PersonInactive,
    ReasonMissing,
    RoleTooLow,
    SeatRequestClosed,
    UnknownPerson,
    UnknownSeatRequest,
    UnknownTier,
)
from scim_server.services.left_out import commands as left_out
from scim_server.services.organizations import commands as organizations
from scim_server.services.people import commands as people
from scim_server.services.seat_requests import commands, queries
from scim_server.services.seat_requests.commands import Done, NoneFree, Stale
from scim_server.store.database import check
from scim_server.store.database.session import timestamp
from seat_policy.requests import RequestState
from seat_policy.roles import Role
from tests.services.seat_requests.conftest import Asking
from tests.support.builders.customer import OKTA, USERS

New = Callable[..., Asking]
OPEN, APPROVED, LAPSED = RequestState.OPEN, RequestState.APPROVED, RequestState.LAPSED


def consistent(acme: Asking) -> None:
    """The independent count of the rows, and the server's own check."""
    acme.recount()
    with acme.database.snapshot() as connection:
        found = check.problems(connection, timestamp(acme.database.now()))
    assert [one for one in found if one.organization == acme.slug] == []


def test_a_waiting_person_has_one_open_request_for_the_tier_waited_for(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    assert acme.provision("ann", "bob") == ["standard", "waiting"]

    asked = acme.ask("bob", reason="  the  launch ")
    with pytest.raises(AlreadyAsked, match=str(asked.reference)):
        acme.ask("bob")

    request = asked.request
    assert (request.wants, request.reason, request.state) == ("any", "the launch", OPEN)
    assert (request.actor, request.way_in, request.opened) == ("app", "jit", "2026-03-01T12:00:00.000000Z")
    assert (asked.tier, asked.waits_for) == (None, "any")
    assert acme.asking() == ["bob"]
    assert acme.events()[-1] == "seat_request.opened"
    consistent(acme)


def test_a_person_with_a_seat_asks_for_the_next_better_tier(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    acme.provision("ann")

    asked = acme.ask("ann")

    assert (asked.request.wants, asked.tier) == ("premium", "standard")


@pytest.mark.parametrize(
    ("name", "tier", "reason", "error"),
    [
        ("nobody", None, "why", UnknownPerson),
        ("off", None, "why", PersonInactive),
        ("ann", None, " \t ", ReasonMissing),
        ("ann", None, "x" * 501, InvalidSeatRequest),
        ("ann", None, "a\x00b", InvalidSeatRequest),
        ("ann", "standard", "why", AlreadySeated),
        ("ann", "any", "why", AlreadySeated),
        ("ann", "gold", "why", UnknownTier),
        ("top", None, "why", AlreadySeated),
    ],
)
def test_what_nobody_can_ask_for_is_refused_and_writes_nothing(
    new_customer: New, name: str, tier: str | None, reason: str, error: type[Exception]
) -> None:
    acme = new_customer({"standard": 2, "premium": 1})
    assert acme.provision("top", "ann", "off") == ["premium", "standard", "standard"]
    people.deactivate(acme.context(), "off@example.com")
    before = acme.events()

    with pytest.raises(error):
        acme.ask(name, tier, reason)

    assert (acme.events(), acme.asking()) == (before, [])


def test_a_tier_that_another_group_decides_cannot_be_asked_for(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    acme.provision("ann")
    acme.group("Staff", "ann")
    acme.map("Staff", tier="standard")

    with pytest.raises(GivenByGroup):
        acme.ask("ann", "premium")


def test_a_free_seat_is_given_by_an_approval_and_the_requester_is_mailed(new_customer: New) -> None:
    acme = new_customer({"standard": 1, "premium": 1})
    acme.provision("top", "ann")
    asked = acme.ask("ann")
    people.deactivate(acme.context(), "top@example.com")

    approved = acme.approve(asked)

    assert acme.whereabouts("ann") == ["premium"]
    assert (approved.purchase, approved.listed.tier) == (None, "premium")
    assert acme.state(asked) == (APPROVED, "approved")
    assert acme.events()[-3:] == ["person.moved", "seat_request.approved", "seats.threshold"]
    (recipient, language, facts) = acme.mails("seat_request")[0]
    assert (recipient, language, facts["granted"], facts["tier"]) == (
        "ann@example.com",
        "en",
        True,
        "premium",
    )
    assert acme.invoices() == []
    consistent(acme)


def test_the_missing_seat_of_a_waiting_person_is_bought_as_the_preview_showed(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    acme.provision("ann", "bob", "cy")
    asked = acme.ask("cy")

    shown = acme.approving(asked, preview=True)
    assert isinstance(shown, Done)
    before = (acme.seats(), acme.asking())
    bought = acme.approving(asked, confirmation=shown.confirmation)

    # 20.00 x 10 months
    assert isinstance(bought, Done)
    assert shown.result.purchase is not None
    assert str(shown.result.purchase.bill and shown.result.purchase.bill.total) == "200.00"
    assert before == ({"standard": (1, 1), "premium": (0, 0)}, ["cy"])
    assert acme.invoices() == [(1, "purchase", 200_00)]
    # The seat was bought for cy, so bob, who waits longer, loses nothing by it.
    assert acme.whereabouts("bob", "cy") == ["waiting", "standard"]
    assert acme.state(asked) == (APPROVED, "approved")
    consistent(acme)


def test_the_better_tier_of_a_person_with_a_seat_is_bought_as_an_upgrade(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    acme.provision("ann")
    asked = acme.ask("ann")

    approved = acme.approve(asked)

    # (100.00 - 20.00) x 10 months
    assert acme.invoices() == [(1, "purchase", 800_00)]
    assert acme.seats() == {"standard": (0, 0), "premium": (1, 1)}
    assert (approved.listed.tier, acme.state(asked)) == ("premium", (APPROVED, "approved"))
    consistent(acme)


def test_a_request_is_not_approved_over_people_who_wait_for_the_free_seat(new_customer: New) -> None:
    acme = new_customer({"standard": 1, "premium": 1})
    acme.provision("top", "ann")
    asked = acme.ask("ann")
    acme.provision("cy")
    with acme.database.writer.begin() as connection:
        # A free seat that a waiting person has not got yet.
        more = "UPDATE seat_pool SET purchased = 2 WHERE organization = :org AND tier = 'premium'"
        connection.execute(text(more), {"org": acme.id})

    none = acme.approving(asked, buys=False, preview=True)

    assert isinstance(none, NoneFree)
    assert (none.wants, [tier.free for tier in none.tried]) == ("premium", [1])


def test_no_seat_is_given_while_the_organization_is_suspended(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    acme.provision("ann", "bob")
    asked = acme.ask("bob")
    organizations.suspend(acme.context())

    with pytest.raises(NoSeatGiven):
        acme.approve(asked)

    assert acme.state(asked) == (OPEN, None)


def test_a_refused_person_asks_by_the_refused_name_and_gets_in_by_the_approval(new_customer: New) -> None:
    acme = new_customer({"standard": 1}, overflow="reject")
    acme.provision("ann", "bob")
    asked = acme.ask("bob")
    assert (asked.request.person, asked.request.wants, asked.active) == (None, "any", False)

    approved = acme.approve(asked)

    assert acme.whereabouts("bob") == ["standard"]
    assert approved.listed.request.person == acme.person("bob").id
    assert acme.invoices() == [(1, "purchase", 200_00)]
    assert acme.state(asked) == (APPROVED, "approved")
    assert acme.mails("seat_request")[0][0] == "bob@example.com"
    consistent(acme)


def test_a_member_whose_activation_was_refused_is_active_after_the_approval(new_customer: New) -> None:
    acme = new_customer({"standard": 2}, overflow="reject")
    acme.provision("ann", "bob")
    acme.set_active("bob", active=False)
    acme.provision("cy")
    acme.set_active("bob", active=True)
    asked = acme.ask("bob")
    assert (asked.request.person, asked.active) == (acme.person("bob").id, False)

    acme.approve(asked)

    assert (acme.whereabouts("bob"), acme.person("bob").active) == (["standard"], True)
    assert acme.state(asked) == (APPROVED, "approved")
    assert acme.invoices() == [(1, "purchase", 200_00)]
    consistent(acme)


def test_a_refused_person_does_not_pass_people_who_wait(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    acme.provision("ann", "bob")
    acme.configure(overflow="reject")
    acme.provision("cy")
    asked = acme.ask("cy")

    with pytest.raises(PeopleWait, match="1 person waits for a standard seat"):
        acme.approve(asked)

    assert (acme.invoices(), acme.asking()) == ([], ["cy"])
    consistent(acme)


def test_without_an_owner_an_approval_buys_nothing(new_customer: New) -> None:
    acme = new_customer({"standard": 3})
    acme.provision("olga", "adam", "ann", "bob")
    acme.give_role("olga", Role.OWNER)
    acme.give_role("adam", Role.ADMIN)
    asked = acme.ask("bob")

    with pytest.raises(RoleTooLow, match="only an Owner can buy seats"):
        acme.approve(asked, by="adam")
    with pytest.raises(RoleTooLow):
        commands.decline(acme.as_person("ann"), str(asked.reference), "no")
    people.deactivate(acme.context(), "ann@example.com")

    assert acme.state(asked) == (LAPSED, "seated")
    second = acme.ask("bob")
    acme.approve(second, by="olga")
    assert acme.invoices() == [(1, "purchase", 800_00)]


def test_a_stale_confirmation_changes_nothing(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    acme.provision("ann", "bob")
    asked = acme.ask("bob")
    shown = acme.approving(asked, preview=True)
    assert isinstance(shown, Done)
    acme.today = "2026-04-01"

    outcome = commands.approve(acme.context(), str(asked.reference), confirmation=shown.confirmation)

    assert isinstance(outcome, Stale)
    assert [part.words for part in outcome.changed] == ["180.00 USD"]
    assert (acme.invoices(), acme.asking()) == ([], ["bob"])


def test_a_declined_request_is_closed_with_the_reason_in_the_mail(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    acme.provision("ann", "bob")
    asked = acme.ask("bob")

    declined = commands.decline(acme.context(), str(asked.reference), "no budget")

    assert (declined.request.state, declined.request.why) == (RequestState.DECLINED, "no budget")
    assert acme.events()[-1] == "seat_request.declined"
    _, _, facts = acme.mails("seat_request")[0]
    assert (facts["granted"], facts["why"]) == (False, "no budget")
    for act in (
        lambda: commands.decline(acme.context(), str(asked.reference), "again"),
        lambda: commands.withdraw(acme.context(), str(asked.reference)),
        lambda: acme.approve(asked),
    ):
        with pytest.raises(SeatRequestClosed, match="declined"):
            act()
    assert acme.ask("bob").request.state is OPEN


def test_a_withdrawn_request_is_closed_without_a_mail(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    acme.provision("ann", "bob")
    asked = acme.ask("bob")

    withdrawn = commands.withdraw(acme.context(), str(asked.reference))

    assert withdrawn.request.state is RequestState.WITHDRAWN
    assert (acme.asking(), acme.mails("seat_request")) == ([], [])
    with pytest.raises(UnknownSeatRequest):
        commands.withdraw(acme.context(), "999")
    consistent(acme)


def test_requests_end_by_themselves_when_the_person_gets_the_seat_in_any_way(new_customer: New) -> None:
    acme = new_customer({"standard": 2})
    acme.provision("ann", "dan", "bob", "cy", "eve", "fay")
    by_queue, by_reassignment, by_admin, better = map(acme.ask, ("bob", "cy", "eve", "ann"))

    acme.remove("dan")
    people.reassign(acme.context(), "bob@example.com", "cy@example.com")
    acme.buy(standard=1)

    assert acme.state(by_queue) == (LAPSED, "seated")
    assert acme.state(by_reassignment) == (LAPSED, "seated")
    assert acme.state(by_admin) == (LAPSED, "seated")
    assert acme.whereabouts("ann", "bob", "cy", "eve") == ["standard", "none", "standard", "standard"]
    assert acme.state(better) == (OPEN, None)
    consistent(acme)


def test_a_request_ends_when_the_person_is_removed_or_the_refusal_is_dismissed(new_customer: New) -> None:
    acme = new_customer({"standard": 1}, overflow="queue")
    acme.provision("ann", "bob", "cy")
    acme.configure(overflow="reject")
    acme.provision("dee", "eve")
    deleted, inactive, dismissed, later = map(acme.ask, ("bob", "cy", "dee", "eve"))
    refused = {row.user_name_key: row.sequence for row in acme.rows("SELECT * FROM refusals")}

    acme.remove("bob")
    acme.set_active("cy", active=False)
    left_out.dismiss(acme.context(), str(refused["dee@example.com"]), "left")
    acme.configure(overflow="queue")
    acme.provision("eve")

    for one in (deleted, inactive, dismissed):
        assert acme.state(one) == (LAPSED, "removed")
    # eve is a member now who waits, and the request is hers.
    (mine,) = queries.sheet(acme.context()).data
    assert (mine.request.person, mine.waits_for) == (acme.person("eve").id, "any")
    assert mine.request.number == later.request.number
    assert acme.mails("seat_request") == []
    consistent(acme)


def test_a_person_with_a_new_name_keeps_the_request(new_customer: New) -> None:
    acme = new_customer({"standard": 1}, overflow="queue")
    acme.provision("ann", "bob")
    asked = acme.ask("bob")
    user = parse_user({"userName": "robert@example.com"}, USERS)
    people.replace(Context(acme.database, acme.id, OKTA), acme.person("bob").id, user)

    assert acme.asking() == ["robert"]
    assert acme.provision("bob") == ["waiting"]
    assert acme.ask("bob").request.number != asked.request.number
    consistent(acme)


@pytest.mark.parametrize(
    ("policy", "free", "ceiling", "state", "reason"),
    [
        ("ask", True, 1, OPEN, None),
        ("if_free", True, 0, APPROVED, "if_free"),
        ("if_free", False, 1, OPEN, None),
        ("up_to_ceiling", True, 0, APPROVED, "up_to_ceiling"),
        ("up_to_ceiling", False, 1, APPROVED, "up_to_ceiling"),
        ("up_to_ceiling", False, 0, OPEN, None),
    ],
)
def test_the_policy_decides_what_is_given_without_an_owner(
    new_customer: New, *, policy: str, free: bool, ceiling: int, state: RequestState, reason: str | None
) -> None:
    acme = new_customer({"standard": 1, "premium": 1}, ceilings={"premium": ceiling} if ceiling else {})
    acme.provision("top", "ann")
    acme.set_policy(policy)
    if free:
        people.deactivate(acme.context(), "top@example.com")

    asked = acme.ask("ann")

    assert acme.state(asked) == (state, reason)
    assert acme.whereabouts("ann") == ["standard" if state is OPEN else "premium"]
    bought = state is APPROVED and not free
    assert acme.seats()["premium"][0] == 1 + bought
    consistent(acme)


def test_no_policy_gives_a_seat_to_a_person_from_whom_an_admin_took_it(new_customer: New) -> None:
    acme = new_customer({"standard": 2})
    acme.provision("ann")
    acme.set_policy("if_free")
    people.unassign(acme.context(), "ann@example.com")

    asked = acme.ask("ann")

    assert acme.state(asked) == (OPEN, None)
    assert acme.approve(asked).listed.tier == "standard"


def test_a_request_under_a_policy_lets_in_a_refused_person_by_a_free_seat(new_customer: New) -> None:
    acme = new_customer({"standard": 1}, overflow="reject")
    acme.provision("ann", "bob")
    acme.set_policy("if_free")
    acme.remove("ann")

    asked = acme.ask("bob")

    assert acme.state(asked) == (APPROVED, "if_free")
    assert acme.whereabouts("bob") == ["standard"]
    consistent(acme)
