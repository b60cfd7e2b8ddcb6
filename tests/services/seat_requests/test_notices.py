"""Mails about requests: to Owners when people begin to ask and when requests stay open, and to the people."""

from collections.abc import Callable

import pytest

from scim_server.documents import alert, seat_request
from scim_server.documents.mail import Letter
from scim_server.services.notifications import commands as notifications
from scim_server.services.seat_requests import commands
from scim_server.store.rows.mails import Mail
from seat_policy.roles import Role
from tests.services.seat_requests.conftest import Asking

New = Callable[..., Asking]


@pytest.fixture
def acme(new_customer: New) -> Asking:
    """Olga is an Owner; ann has a seat; bob and cy wait."""
    customer = new_customer({"standard": 2})
    customer.provision("olga", "ann", "bob", "cy")
    customer.give_role("olga", Role.OWNER)
    return customer


def alerts(acme: Asking, type_: str) -> list[dict[str, object]]:
    return [facts for _, _, facts in acme.mails("alert") if facts["type"] == type_]


def letter(kind: str, facts: dict[str, object], language: str) -> Letter:
    writer = {"alert": alert.letter, "seat_request": seat_request.letter}[kind]
    return writer(Mail("acme", 1, "olga@example.com", kind, language, facts, 0, "", None), "")


def test_owners_are_notified_of_the_first_request_after_a_day_without_one(acme: Asking) -> None:
    first = acme.ask("bob")
    acme.ask("cy")
    commands.withdraw(acme.context(), str(first.reference))
    acme.ask("bob")
    assert len(alerts(acme, "seat_request.opened")) == 1

    acme.today = "2026-03-02T12:00:01"
    acme.ask("ann")

    found = alerts(acme, "seat_request.opened")
    assert len(found) == 2
    english, spanish = (letter("alert", found[1], language) for language in ("en", "es"))
    assert english.subject == f"{acme.slug}: a person asks for a seat"
    assert "The wanted tier is: premium." in english.text
    assert "Una persona pide un asiento" in spanish.text
    assert "a new project" not in english.text


def test_owners_are_reminded_once_of_requests_that_stay_open(acme: Asking) -> None:
    acme.ask("bob")
    acme.today = "2026-03-02"
    closed = acme.ask("cy")
    commands.decline(acme.context(), str(closed.reference), "no")
    acme.today = "2026-03-04T11:59"
    notifications.do_daily_work_of(acme.database, acme.id)
    assert alerts(acme, "seat_request.overdue") == []
    acme.today = "2026-03-04T12:00"
    acme.ask("ann")

    for _ in range(2):
        notifications.do_daily_work_of(acme.database, acme.id)

    (facts,) = alerts(acme, "seat_request.overdue")
    assert facts["payload"] == {"requests": 1, "days": 3}
    assert "Requests that have been open for 3 days or more: 1." in letter("alert", facts, "en").text
    assert "desde hace 3 días o más: 1." in letter("alert", facts, "es").text
    acme.today = "2026-03-08"
    notifications.do_daily_work_of(acme.database, acme.id)
    assert acme.events().count("seat_request.overdue") == 2
    acme.recount()


def test_a_person_who_gets_the_seat_in_another_way_is_mailed_too(acme: Asking) -> None:
    acme.ask("bob")

    acme.buy(standard=1)

    ((recipient, language, facts),) = acme.mails("seat_request")
    assert (recipient, language, facts["tier"]) == ("bob@example.com", "en", "standard")


@pytest.mark.parametrize(
    ("language", "granted", "subject", "line"),
    [
        ("en", True, "You have a premium seat at acme", "You can sign in as usual."),
        ("en", False, "Your request for a seat at acme was declined", "no <budget>"),
        ("es", True, "Ya tiene un asiento premium en acme", "Puede iniciar sesión como siempre."),
        ("es", False, "Se ha rechazado su petición de un asiento en acme", "no <budget>"),
    ],
)
def test_the_mail_says_what_became_of_the_request(
    language: str, *, granted: bool, subject: str, line: str
) -> None:
    facts = {
        "organization": "acme",
        "granted": granted,
        "wants": "premium",
        "tier": "premium" if granted else None,
        "why": None if granted else "no <budget>",
    }

    made = letter("seat_request", facts, language)

    assert made.subject == subject
    assert line in made.text
    assert line.replace("<", "&lt;").replace(">", "&gt;") in made.html
    assert "None" not in made.text
