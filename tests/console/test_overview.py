"""The overview: use with its forecast, the connections to directories, and idle seats."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import httpx
import pytest
from sqlalchemy import event

from scim_server.services.access import commands as access
from scim_server.services.access import queries
from scim_server.services.left_out import commands as left_out
from scim_server.services.notifications import commands as notifications
from scim_server.services.notifications import idle_seats
from scim_server.services.notifications import queries as forecasts
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.services.people import queries as members
from scim_server.services.people.queries import IdleCount
from scim_server.services.seats import commands as seats
from scim_server.store.database.session import Database
from seat_policy.roles import Role
from tests.console.conftest import Found
from tests.console.visiting import Place

FIRST = date(2026, 2, 1)


def on(clock: Callable[[str], None], day: date, time: str = "09:00:00") -> None:
    """Set the time to a day."""
    clock(f"{day}T{time}Z")


def grown(new_place: Found, clock: Callable[[str], None]) -> Place:
    """A tier of 20 seats, in use since 1 February: one by the Owner, then one more on each Sunday."""
    on(clock, FIRST)
    place = new_place({"standard": 20})
    for week in range(1, 5):
        on(clock, FIRST + timedelta(weeks=week))
        place.create(f"person{week}@example.com")
    return place


def daily(place: Place) -> dict[date, int]:
    """The seats in use at the end of each day."""
    [tier] = forecasts.forecasts(place.context).tiers
    return dict(tier.daily)


def test_the_use_of_each_day_is_drawn_with_the_forecast(
    new_place: Found, clock: Callable[[str], None]
) -> None:
    place = grown(new_place, clock)
    on(clock, date(2026, 3, 1), "10:00:00")

    owner = place.enter()

    # Each of the last four weeks took one seat, and 15 are free: 105 days after 1 March.
    assert "At this pace: no seat is free from 2026-06-14." in owner.words
    assert all(shape in owner.page for shape in ('class="use"', 'class="band"', 'class="plan"'))
    assert "2026-03-01 5 20" in owner.words
    assert "2026-02-22 4" in owner.words
    assert "style=" not in owner.page


def test_without_two_weeks_of_history_the_page_says_why_there_is_no_forecast(
    new_place: Found, clock: Callable[[str], None]
) -> None:
    place = new_place({"standard": 20})
    clock("2026-03-18T09:00:00Z")

    owner = place.enter()

    assert "No forecast yet: it needs 14 days of history, and there are 3." in owner.words
    assert 'class="band"' not in owner.page


def test_use_is_the_same_whether_its_days_were_counted_or_not(
    new_place: Found, clock: Callable[[str], None], database: Database
) -> None:
    place = grown(new_place, clock)
    before = daily(place)

    notifications.do_daily_work(database)
    counted = daily(place)
    place.create("same.day@example.com")
    people.deactivate(place.context, "person1@example.com")
    place.create("later@example.com", "later.too@example.com")
    after = daily(place)
    notifications.do_daily_work(database)
    notifications.do_daily_work(database)

    # One by the Owner, one more each week.
    assert before == {FIRST + timedelta(days=day): 1 + day // 7 for day in range(29)}
    assert counted == before
    # On the last day three more came and one left.
    assert after == {**before, date(2026, 3, 1): 7}
    assert daily(place) == after


def provider(place: Place, name: str, user_agent: str = "") -> httpx.Client:
    """A client with a new token."""
    client = place.provider()
    secret = access.create_token(place.context, name).secret
    client.headers.update({"Authorization": f"Bearer {secret}", "User-Agent": user_agent})
    return client


def create(client: httpx.Client, *names: str) -> list[int]:
    """The answers to a provider that creates people."""
    return [client.post("/Users", json={"userName": name}).status_code for name in names]


def test_a_connection_shows_its_provider_its_last_call_and_the_people_of_a_day(
    new_place: Found, clock: Callable[[str], None]
) -> None:
    place = new_place({"standard": 9})
    okta, old = provider(place, "directory", "Okta SCIM Client 1.0.0"), provider(place, "old")
    clock("2026-03-14T08:59:59Z")
    create(old, "before@example.com")
    clock("2026-03-15T09:00:00Z")
    create(okta, "ada@example.com", "grace@example.com")

    owner = place.enter()

    found = {
        (one.token.name, one.provider, one.token.last_used, one.came)
        for one in queries.every_connection(place.context)
    }
    assert found == {
        ("first", None, None, 0),
        ("directory", "Okta", "2026-03-15T09:00:00.000000Z", 2),
        ("old", None, "2026-03-14T08:59:59.000000Z", 0),
    }
    assert "It has never called. Enter the token at your provider." in owner.words
    assert "Okta directory just now 2 0 It works." in owner.words
    assert "Your provider old 1 day ago 0 0 It works. Nothing was sent in the last 24 hours." in owner.words


def test_the_people_a_provider_retries_are_counted_once_with_its_pace(
    new_place: Found, clock: Callable[[str], None]
) -> None:
    place = new_place({"standard": 1})
    entra = provider(place, "entra")
    for time in ("01", "05", "09"):
        clock(f"2026-03-15T{time}:00:00Z")
        assert create(entra, "a@example.com", "b@example.com") == [403, 403]

    said = place.enter().words

    # Three attempts from 1 to 9 o'clock are four hours apart.
    assert "Microsoft Entra ID is retrying 2 people every few hours." in said
    clock("2026-03-16T09:00:01Z")
    assert "is retrying" not in place.enter().words


def test_people_who_were_refused_today_and_are_in_by_now_are_counted(new_place: Found) -> None:
    place = new_place({"standard": 1})
    okta = provider(place, "okta")
    assert create(okta, "a@example.com", "b@example.com") == [403, 403]
    seats.grant(place.context, {"standard": 3})
    left_out.retry(place.context, None)

    owner = place.enter()

    (one,) = [one for one in queries.every_connection(place.context) if one.token.name == "okta"]
    assert (one.turned_away, one.refused) == (2, None)
    assert "okta just now 0 2 It works." in owner.words


def test_the_menu_and_the_banner_count_the_same_people(
    new_place: Found, clock: Callable[[str], None]
) -> None:
    """People who wait, and people who were refused, lately or long ago."""
    place = new_place({"standard": 1})
    clock("2026-03-01T09:00:00Z")
    place.create("old@example.com")
    clock("2026-03-15T09:00:00Z")
    place.create("new@example.com")
    organizations.configure(place.context, Changes({"overflow": "queue"}))
    place.create("waits@example.com")

    owner = place.enter()

    assert "Left out ( 3 )" in owner.words
    assert "3 people were left out" in owner.words
    assert "1 was refused more than 7 days ago and is let in only one by one" in owner.words


def test_in_a_large_organization_the_daily_work_counts_idle_seats(
    new_place: Found, clock: Callable[[str], None], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_seats, "MOST_COUNTED", 1)
    clock("2026-01-01T09:00:00Z")
    place = new_place({"standard": 2})
    place.create("idle@example.com")
    clock("2026-03-15T09:00:00Z")
    assert members.idle_count(place.context) == IdleCount(None)
    assert "They are counted once a day." in place.enter().words

    notifications.do_daily_work(database)
    clock("2026-03-15T12:00:00Z")

    assert members.idle_count(place.context) == IdleCount(2, "2026-03-15T09:00:00.000000Z")
    words = place.enter().words
    assert "2 people have a seat and have not signed in for 30 days. Counted 3 hours ago" in words


def test_an_expired_or_revoked_token_is_told_apart(new_place: Found, clock: Callable[[str], None]) -> None:
    place = new_place({"standard": 9})
    access.create_token(place.context, "short", lifetime=timedelta(hours=1))
    access.create_token(place.context, "gone")
    access.revoke_token(place.context, "gone")

    clock("2026-03-15T10:00:00Z")
    words = place.enter().words

    assert "The token has expired, so every call is refused." in words
    assert "gone" not in words


def test_the_name_of_a_provider_is_text_and_has_an_end(new_place: Found) -> None:
    place = new_place({"standard": 9})
    create(provider(place, "<b>x</b>", "<script>" + "x" * 900), "ada@example.com")

    [token] = [one for one in queries.every_token(place.context) if one.name == "<b>x</b>"]

    assert len(token.user_agent or "") == 200
    assert "<b>x</b>" not in place.enter().page


def test_idle_seats_are_as_many_as_the_list_has(
    new_place: Found, clock: Callable[[str], None], database: Database
) -> None:
    clock("2026-01-01T09:00:00Z")
    place = new_place({"standard": 3}, overflow="queue")
    place.create("idle@example.com", "awake@example.com", "waits@example.com")
    notifications.do_daily_work(database)
    clock("2026-03-10T09:00:00Z")
    assert place.enter().status == 200
    # The person who waited gets the seat of the one who leaves, so this seat is not idle yet.
    people.deactivate(place.context, "awake@example.com")
    clock("2026-03-15T09:00:00Z")

    listed = [one.person.user_name for one in members.idle(place.context).data]

    assert listed == ["owner@example.com", "idle@example.com"]
    assert members.idle_count(place.context) == IdleCount(2)
    assert "2 people have a seat and have not signed in for 30 days." in place.enter().words


def test_an_admin_sees_the_overview_without_prices_and_cannot_buy(new_place: Found) -> None:
    place = new_place({"standard": 2}, prices={"standard": "240.00", "premium": "1200.00"})
    admin = place.member("ada@example.com", Role.ADMIN)
    place.create("grace@example.com")

    shown = place.enter(admin)

    assert "/left-out/buy" not in shown.page
    assert "/billing" not in shown.page
    assert "1 person was left out" in shown.words
    assert "Letting everyone in takes 1 standard seat. An Owner can buy them." in shown.words
    assert "USD" not in shown.words


def test_the_overview_sends_as_many_statements_for_many_people_as_for_one(
    new_place: Found, database: Database
) -> None:
    small, large = new_place({"standard": 40}), new_place({"standard": 40})
    large.create(*(f"person{number}@example.com" for number in range(30)))
    counts = []
    for owner in (small.enter(), large.enter()):
        with counted_statements(database) as sent:
            assert owner.get("").status == 200
        counts.append(len(sent))

    assert counts[0] == counts[1]


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """The statements that the readers of a database send."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    engines = {database.reader, database.writer}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
