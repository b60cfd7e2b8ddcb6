"""Who was left out and why, and how they get in: by a retry, by a purchase, or not at all."""

import html
from collections.abc import Callable

import pytest

from scim_server.services.invoicing import queries as invoices
from scim_server.services.mappings import commands as mappings
from scim_server.services.people import commands as people
from scim_server.services.people import queries as members
from seat_policy.mapping import GroupMapping
from seat_policy.roles import Role
from tests.console.conftest import Found
from tests.console.visiting import Place, Visit

TEN = tuple(f"person{number:02}@example.com" for number in range(10))
PRICES = {"standard": "240.00", "premium": "1200.00"}


@pytest.fixture
def full(new_place: Found) -> Place:
    """One seat, which the Owner has, and ten people who were refused."""
    place = new_place({"standard": 1}, prices=PRICES)
    assert place.create(*TEN) == [403] * 10
    return place


def seated(place: Place) -> list[str]:
    """The userNames of people with a seat."""
    found = members.page(place.context, limit=100).data
    return sorted(one.user_name for one in found if one.tier is not None)


def test_the_overview_says_who_is_left_out_and_what_letting_everyone_in_costs(full: Place) -> None:
    owner = full.enter()

    # From 15 March, nine months and 17 of March's 31 days are left: 240 x 10 x (9 + 17/31) / 12
    # = 200 x (296/31) = 1,909.677...
    assert owner.shows(
        [
            "10 people were left out",
            "10 were refused (any tier). "
            "Letting everyone in takes 10 standard seats and costs 1,909.68 USD, from today to 2026-12-31.",
            "1 assigned · 0 invited · 0 free of 1",
        ]
    ) == [
        "10 people were left out",
        "10 were refused (any tier). "
        "Letting everyone in takes 10 standard seats and costs 1,909.68 USD, from today to 2026-12-31.",
        "1 assigned · 0 invited · 0 free of 1",
    ], owner.words


def test_the_owner_buys_what_the_review_showed_and_all_get_in(full: Place) -> None:
    owner = full.enter().get("/left-out/buy")
    assert (owner.status, seated(full)) == (200, ["owner@example.com"])

    owner.post("/left-out/buy", {name: owner.hidden(name) for name in ("confirmation", "key")})

    [invoice] = [one.invoice for one in invoices.every(full.context).data]
    assert (owner.status, "10 people are in" in owner.words) == (200, True)
    assert (invoice.total, invoice.reason) == (190_968, "purchase")
    assert seated(full) == sorted(["owner@example.com", *TEN])
    assert full.create(*TEN) == [409] * 10


def test_the_same_confirmation_sent_again_buys_nothing_more(full: Place) -> None:
    owner = full.enter().get("/left-out/buy")
    form = {name: owner.hidden(name) for name in ("confirmation", "key")}

    owner.post("/left-out/buy", form)
    owner.get("").post("/left-out/buy", form)

    assert owner.status == 200
    assert len(invoices.every(full.context).data) == 1


def test_a_review_that_no_longer_fits_buys_nothing_and_shows_the_new_numbers(full: Place) -> None:
    owner = full.enter().get("/left-out/buy")
    form = {name: owner.hidden(name) for name in ("confirmation", "key")}
    assert full.create("late@example.com") == [403]

    owner.post("/left-out/buy", form)

    assert (owner.status, invoices.every(full.context).data) == (409, ())
    assert owner.shows(["so nothing was bought", "11 people get in"]) == [
        "so nothing was bought",
        "11 people get in",
    ]
    owner.post("/left-out/buy", {name: owner.hidden(name) for name in ("confirmation", "key")})
    assert "11 people are in" in owner.words


def test_a_purchase_needs_a_sign_in_of_the_last_half_hour(full: Place, clock: Callable[[str], None]) -> None:
    owner = full.enter().get("/left-out/buy")
    form = {name: owner.hidden(name) for name in ("confirmation", "key")}
    clock("2026-03-15T09:30:00Z")

    owner.post("/left-out/buy", form)

    assert (owner.status, "Sign in again" in owner.words) == (403, True)
    assert invoices.every(full.context).data == ()


def test_without_a_contract_an_owner_sees_who_is_left_out_and_cannot_grant_seats(new_place: Found) -> None:
    place = new_place({"standard": 1})
    assert place.create(*TEN[:2]) == [403, 403]
    owner = place.enter()

    shown = owner.words
    owner.get("/left-out/buy")

    assert "2 standard seats are missing. Your vendor grants them." in shown
    assert (owner.status, "the vendor grants the seats" in owner.words) == (409, True)
    assert seated(place) == ["owner@example.com"]


def test_an_admin_sees_the_people_and_neither_prices_nor_the_purchase(full: Place) -> None:
    place_admin = _admin(full)

    page = place_admin.get("/left-out")

    assert "Review and buy" not in page.words
    assert page.get("/left-out/buy").status == 403
    assert page.post("/left-out/buy").status == 403


def _admin(place: Place) -> Visit:
    owner = place.enter().get("/left-out/buy")
    owner.post("/left-out/buy", {name: owner.hidden(name) for name in ("confirmation", "key")})
    people.set_role(place.context, TEN[0], Role.ADMIN)
    assert place.create("late@example.com") == [403]
    return place.enter(TEN[0])


def test_a_retry_tells_the_result_for_each_person(full: Place) -> None:
    owner = full.enter().get("/left-out?kind=refused")

    owner.post("/left-out/retry")

    assert owner.shows([f"Not possible yet for {TEN[0]}:", f"Not possible yet for {TEN[9]}:"]) == [
        f"Not possible yet for {TEN[0]}:",
        f"Not possible yet for {TEN[9]}:",
    ]


def test_a_dismissed_person_leaves_the_list_and_the_reason_is_needed(full: Place) -> None:
    owner = full.enter().get(f"/left-out?kind=refused&q={TEN[3]}")
    reference = owner.page.partition('name="id" value="')[2].partition('"')[0]

    asked = owner.get(f"/left-out/dismiss?id={reference}").words
    without = owner.post("/left-out/dismiss", {"id": reference, "reason": " "}).status
    owner.post("/left-out/dismiss", {"id": reference, "reason": "left the company"})

    assert f"Dismiss {TEN[3]}" in asked
    assert (without, owner.status) == (400, 200)
    assert f"{TEN[3]} was dismissed." in owner.words
    assert owner.get("/left-out?kind=refused").shows(["Refused (9)", TEN[3]]) == ["Refused (9)"]


def test_the_search_finds_people_by_a_part_of_their_name(full: Place) -> None:
    owner = full.enter().get("/left-out?kind=refused&q=PERSON07")

    assert owner.shows(list(TEN)) == [TEN[7]]
    assert "Nobody matches the search." in owner.get("/left-out?kind=refused&q=zzz").words


def test_waiting_people_are_listed_in_the_order_of_the_queue(new_place: Found) -> None:
    place = new_place({"standard": 1}, overflow="queue", prices=PRICES)
    place.create(*TEN)

    owner = place.enter().get("/left-out")

    assert [owner.words.index(name) for name in TEN] == sorted(owner.words.index(name) for name in TEN)
    assert owner.shows(["Waiting (10)", "10 wait (any tier)"]) == ["Waiting (10)", "10 wait (any tier)"]


@pytest.mark.parametrize("query", ["page=99999999", "kind=x&page=-1", "wants=gold", "q=%25_%5C"])
def test_a_query_that_makes_no_sense_is_ignored_or_finds_nobody(full: Place, query: str) -> None:
    assert full.enter().get(f"/left-out?{query}").status == 200


def test_markup_in_names_is_text(new_place: Found) -> None:
    place = new_place({"standard": 1}, overflow="queue")
    name = '<script>alert("x")</script>{{7*7}}'
    with place.provider() as provider:
        made = provider.post("/Users", json={"userName": "eve@example.com", "displayName": name})
    assert made.status_code == 201

    owner = place.enter().get("/left-out")

    assert "<script>alert" not in owner.page
    assert name in html.unescape(owner.page)


def test_a_character_that_is_not_text_is_refused(full: Place) -> None:
    owner = full.enter()

    assert owner.get("/left-out?q=%00").status == 400
    assert owner.get("/left-out").post("/left-out/retry", {"id": "a\0b"}).status == 400


def test_a_person_who_wants_a_better_tier_is_tried_again_or_dismissed_and_keeps_the_seat(
    new_place: Found,
) -> None:
    place = new_place({"standard": 2}, prices=PRICES)
    mappings.save(place.context, "Gold", GroupMapping("premium", None, None))
    ann = f"ann@{place.domain}"
    place.create(ann)
    with place.provider() as provider:
        [id_] = [one["id"] for one in provider.get("/Users").json()["Resources"] if one["userName"] == ann]
        gold = provider.post("/Groups", json={"displayName": "Gold", "members": [{"value": id_}]})
    assert gold.status_code == 201
    owner = place.enter().get("/left-out?kind=better")
    reference = owner.page.partition('name="id" value="')[2].partition('"')[0]

    owner.post("/left-out/retry", {"id": reference, "kind": "better"})
    retried = owner.words, owner.path
    owner.get(f"/left-out/dismiss?id={reference}")
    asked = owner.words
    owner.post("/left-out/dismiss", {"id": reference, "reason": "standard is enough"})

    assert (f"Not possible yet for {ann}:" in retried[0], retried[1]) == (True, "/left-out?kind=better")
    assert "The person keeps the standard seat and leaves this list." in asked
    assert owner.shows([f"{ann} was dismissed.", "Want a better tier (0)"]) == [
        f"{ann} was dismissed.",
        "Want a better tier (0)",
    ]
    assert seated(place) == sorted([ann, "owner@example.com"])
