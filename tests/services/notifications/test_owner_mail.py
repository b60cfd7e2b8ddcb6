"""Mail to Owners about alerts: one to each, in their language, queued in the same transaction."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from scim_server.history import SeatsRefusalsBegan
from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.mappings import commands as mappings
from scim_server.services.notifications import commands as notifications
from scim_server.services.notifications import outbox as mails
from scim_server.services.notifications import owner_mail as owners
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR, Database, Write
from scim_server.store.rows.mails import Mail
from seat_policy.mapping import GroupMapping
from seat_policy.roles import Role
from tests.support.builders.customer import OKTA, USERS, Customer, moved
from tests.support.builders.organization import a_group

START = "2026-03-02T12:00:00"


@pytest.fixture(autouse=True)
def real_time_afterwards(database: Database) -> Iterator[None]:
    with moved(database):
        yield


class Owned(Customer):
    """A customer with Ada as an Owner."""

    def __init__(self, database: Database, overflow: str = "queue", **purchased: int) -> None:
        super().__init__(database, START, None, purchased, overflow=overflow)
        self.join("ada@example.com", Role.OWNER)

    def join(self, name: str, role: Role, **values: Any) -> None:  # noqa: ANN401 - SCIM values
        people.create(Context(self.database, self.id, OKTA), parse_user({"userName": name, **values}, USERS))
        people.set_role(Context(self.database, self.id, OPERATOR), name, role)

    def notify(self) -> None:
        event = SeatsRefusalsBegan(reason="no_free_seat", wants="any")
        self.database.write(self.id, OKTA, lambda write: owners.notify(write, event))

    def stored(self) -> list[Any]:
        """Rows of mail, the oldest first."""
        rows = self.rows("SELECT * FROM mails")
        return sorted(rows, key=lambda row: (row.id, row.recipient))

    def mails_written(self) -> list[tuple[str, str, str]]:
        """The recipients of the mails, with the content and the language of each."""
        return [(row.recipient, facts(row)["type"], row.language) for row in self.stored()]


def facts(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    found: dict[str, Any] = row.facts if isinstance(row.facts, dict) else json.loads(row.facts)
    return found


def test_a_threshold_is_reported_by_mail_and_event(database: Database) -> None:
    acme = Owned(database, standard=5)

    acme.provision("b", "c", "d")

    (row,) = acme.stored()
    (event,) = (one for one in acme.rows("SELECT * FROM events") if one.type == "seats.threshold")
    assert (row.id, row.recipient, row.language, row.sent) == (event.sequence, "ada@example.com", "en", None)
    assert row.expires == "2026-03-05T12:00:00.000000Z"
    assert (facts(row)["organization"], facts(row)["payload"]["percent"]) == (acme.slug, 80)
    standard = {"tier": "standard", "purchased": 5, "in_use": 4, "waiting": 0}
    assert facts(row)["tiers"] == [standard | {"overflow": "queue", "buyable": 0}]
    acme.recount()


def test_only_active_owners_with_an_address_are_notified(database: Database) -> None:
    acme = Owned(database, standard=50)
    acme.join("admin@example.com", Role.ADMIN)
    acme.join("no-address", Role.OWNER)
    acme.join("gone@example.com", Role.OWNER)
    acme.join("primary@example.com", Role.OWNER)
    people.transfer(Context(database, acme.id, OPERATOR), "primary@example.com")
    gone = parse_user({"userName": "gone@example.com", "active": False}, USERS)
    people.replace(Context(database, acme.id, OKTA), acme.person("gone").id, gone)

    acme.notify()

    assert [one[0] for one in acme.mails_written()] == ["ada@example.com", "primary@example.com"]


@pytest.mark.parametrize(
    ("values", "address", "language"),
    [
        ({}, "bob@example.com", "en"),
        ({"emails": [{"value": "home@x.example"}]}, "home@x.example", "en"),
        (
            {"emails": [{"value": "h@x.example"}, {"value": "w@x.example", "type": "work"}]},
            "w@x.example",
            "en",
        ),
        (
            {"emails": [{"value": "w@x.example", "type": "work"}, {"value": "p@x.example", "primary": True}]},
            "p@x.example",
            "en",
        ),
        ({"emails": [{"value": "not an address"}]}, "bob@example.com", "en"),
        ({"emails": [{"value": "a@x.example\r\nBcc: eve@x.example"}]}, "bob@example.com", "en"),
        ({"preferredLanguage": "es-MX"}, "bob@example.com", "es"),
        ({"locale": "es_ES"}, "bob@example.com", "es"),
        ({"preferredLanguage": "en", "locale": "es-ES"}, "bob@example.com", "en"),
        ({"preferredLanguage": "est"}, "bob@example.com", "en"),
    ],
)
def test_an_owner_is_notified_at_their_address_and_in_their_language(
    database: Database, values: dict[str, Any], address: str, language: str
) -> None:
    acme = Owned(database, standard=50)
    acme.join("bob@example.com", Role.OWNER, **values)

    acme.notify()

    assert (address, "seats.refusals_began", language) in acme.mails_written()
    assert len(acme.mails_written()) == 2


def test_owners_who_share_an_address_get_one_mail(database: Database) -> None:
    acme = Owned(database, standard=50)
    acme.join("bob@example.com", Role.OWNER, emails=[{"value": "ADA@example.com", "primary": True}])

    acme.notify()

    assert len(acme.mails_written()) == 1


def test_mail_to_owners_contains_no_names_of_people(database: Database) -> None:
    acme = Owned(database, "reject", standard=1)

    acme.provision("left-out")

    assert [one[1] for one in acme.mails_written()] == ["seats.refusals_began"]
    assert "left-out" not in str(acme.stored())


def test_a_deleted_mapped_group_is_reported_to_owners(database: Database) -> None:
    acme = Owned(database, standard=50)
    mappings.save(Context(database, acme.id, OPERATOR), "Engineering", GroupMapping("standard"))
    made = groups.create(Context(database, acme.id, OKTA), a_group("Engineering"), [acme.person("ada").id])

    groups.delete(Context(database, acme.id, OKTA), made.group.id)

    (row,) = acme.stored()
    assert facts(row)["payload"] == {"group": "Engineering", "why": "deleted"}
    acme.recount()


def test_a_short_forecast_is_reported_to_owners(database: Database) -> None:
    acme = Owned(database, standard=50)
    for day in range(2, 23):
        acme.today = f"2026-03-{day:02}"
        acme.provision(f"day-{day}")

    notifications.do_daily_work_of(database, acme.id)

    (row,) = acme.stored()
    assert (facts(row)["type"], facts(row)["payload"]["tier"]) == ("seats.forecast_short", "standard")


def test_a_write_that_is_undone_queues_no_mail(database: Database) -> None:
    acme = Owned(database, standard=5)

    def work(write: Write) -> None:
        owners.notify(write, SeatsRefusalsBegan(reason="no_free_seat", wants="any"))
        raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        database.write(acme.id, OKTA, work)

    assert acme.stored() == []


def taken(acme: Owned) -> list[Mail]:
    """All mails that are due now: other tests share the database, and a worker takes a few at a time."""
    found: list[Mail] = []
    while some := list(mails.take_due(acme.database)):
        found += some
    return [one for one in found if one.organization == acme.id]


def due(acme: Owned) -> list[str]:
    return [one.recipient for one in taken(acme)]


def test_a_mail_that_failed_for_three_days_is_not_sent_any_more(database: Database) -> None:
    early = Owned(database, standard=5)
    early.notify()
    early.today = "2026-03-05T11:59:59"
    in_time = due(early)
    late = Owned(database, standard=5)
    late.notify()

    late.today = "2026-03-05T12:00:00"

    assert (in_time, due(late)) == (["ada@example.com"], [])


def test_outdated_mail_is_deleted_whether_sent_or_not(database: Database) -> None:
    acme = Owned(database, standard=5)
    acme.notify()
    (mail,) = taken(acme)
    mails.note_sent(database, mail)
    acme.notify()

    acme.today = "2026-03-05T12:00:00"
    notifications.do_daily_work_of(database, acme.id)

    assert acme.stored() == []


def test_mail_does_not_accumulate_without_a_worker(database: Database) -> None:
    acme = Owned(database, standard=5)

    for day in range(2, 12):
        acme.today = f"2026-03-{day:02}"
        acme.notify()

    assert len(acme.stored()) == 3


def test_a_refused_mail_to_one_owner_does_not_delay_the_others(database: Database) -> None:
    acme = Owned(database, standard=50)
    acme.join("bob@example.com", Role.OWNER)
    acme.notify()
    one, other = (mail for mail in mails.take_due(database) if mail.organization == acme.id)

    mails.note_failed(database, one, "550 no such person", for_good=True)
    mails.note_sent(database, other)

    first, second = acme.stored()
    assert (first.recipient, first.next_attempt, first.last_error) == (
        "ada@example.com",
        None,
        "550 no such person",
    )
    assert (second.recipient, second.next_attempt, second.last_error) == ("bob@example.com", None, None)
    assert second.sent is not None


def test_an_organization_without_owners_queues_no_mail(database: Database) -> None:
    acme = Customer(database, START, None, {"standard": 1})

    acme.provision("ann")

    assert acme.rows("SELECT * FROM mails") == []
    assert "seats.threshold" in acme.events()
