"""Mail to Owners: every alert in every language, with numbers and remedies, without people's names."""

import re
from typing import Any

import click
import pytest

from scim_server.cli import main
from scim_server.documents import alert
from scim_server.documents.alert_words import DECIDED_BY, FRAMES, POLICIES, WORDS
from scim_server.documents.mail import as_mail
from scim_server.services.invitations.send import LANGUAGES
from scim_server.store.rows.mails import Mail
from scim_server.worker.loop import WRITERS
from seat_policy.admission import Reason

PAYLOADS: dict[str, dict[str, Any]] = {
    "seats.threshold": {"tier": "standard", "percent": 90, "in_use": 45, "purchased": 50},
    "seats.threshold:100": {"tier": "standard", "percent": 100, "in_use": 50, "purchased": 50},
    "seats.refusals_began": {"wants": "any"},
    "seats.refusals_began:organization_suspended": {"wants": "any"},
    "seats.refusals_began:contract_inactive": {"wants": "any"},
    "seats.forecast_short": {
        "tier": "standard",
        "in_use": 45,
        "purchased": 50,
        "per_day": 1.25,
        "earliest": "2026-03-04",
        "expected": "2026-03-06",
        "latest": None,
    },
    "seat_request.opened": {"wants": "premium"},
    "seat_request.overdue": {"days": 3, "requests": 2},
    "mapping.group_gone": {"group": "Engineering", "why": "deleted"},
    "mapping.group_gone:renamed": {"group": "Engineering", "why": "renamed"},
    "removal.detected": {"people": 21, "of": 60, "minutes": 10, "holds": False},
    "removal.detected:True": {"people": 21, "of": 60, "minutes": 10, "holds": True},
    "webhook.disabled": {"endpoint": "0b9c5a10", "host": "hooks.example.com", "why": "failed"},
    "webhook.disabled:gone": {"endpoint": "0b9c5a10", "host": "hooks.example.com", "why": "gone"},
}
PAGES = {
    "seats.threshold": "/billing",
    "seats.refusals_began": "/left-out",
    "seats.forecast_short": "/billing",
    "seat_request.opened": "/left-out?kind=asked",
    "seat_request.overdue": "/left-out?kind=asked",
    "mapping.group_gone": "/provisioning/mappings",
    "removal.detected": "/people/removals/acme-120",
    "webhook.disabled": "",
}
"""The page of the console that each alert to Owners is about."""
NUMBERS = {
    "seats.threshold": ("90 %", "45", "50"),
    "seats.threshold:100": ("50",),
    "seats.forecast_short": ("45", "50"),
    "removal.detected": ("21", "60", "10"),
    "removal.detected:True": ("21", "60", "10"),
}


def stored(kind: str, language: str = "en", **payload: object) -> Mail:
    type_, _, value = kind.partition(":")
    facts = {
        "organization": "acme",
        "number": 120,
        "type": type_,
        "at": "2026-03-01T12:00:00.000000Z",
        "payload": PAYLOADS[kind] | payload,
        "reason": value or "no_free_seat",
        "tiers": [
            {"tier": "premium", "purchased": 10, "in_use": 10, "waiting": 2},
            {"tier": "standard", "purchased": 50, "in_use": 45, "waiting": 0},
        ],
        "waiting_any": 3,
    }
    return Mail("o", 120, "ada@example.com", "alert", language, facts, 0, "2026-03-01", "2026-03-04")


def test_every_alert_has_a_text_in_every_language() -> None:
    assert set(WORDS) == set(FRAMES) == set(LANGUAGES)
    assert all(set(words) == set(PAYLOADS) for words in WORDS.values())
    assert set(DECIDED_BY) <= set(PAYLOADS)
    refused = [f"seats.refusals_began:{reason}" for reason in Reason if reason != Reason.NO_FREE_SEAT]
    assert set(refused) <= set(PAYLOADS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAYLOADS)
def test_an_alert_contains_its_numbers_and_the_possible_actions(kind: str, language: str) -> None:
    letter = alert.letter(stored(kind, language), "https://scim.example.com")

    words = WORDS[language][kind]
    links = [f"https://scim.example.com/console/acme{PAGES[kind.partition(':')[0]]}"]
    for part in (letter.text, letter.html):
        assert all(number in letter.subject + part for number in NUMBERS.get(kind, ()))
        assert all(command.partition(" {")[0] in part for command in words.commands)
        assert "45 of 50 in use" in part or "45 de 50 en uso" in part
        assert "None" not in part
        assert "{" not in re.sub(r"<style>.*</style>", "", part, flags=re.DOTALL)
        assert re.findall(r"https?://[^\s\"]+", part) == links
    assert letter.subject.startswith("acme: ")
    assert "\n" not in letter.subject
    assert f'<html lang="{language}">' in letter.html


@pytest.mark.parametrize("command", sorted({c for w in WORDS["en"].values() for c in w.commands}))
def test_the_commands_in_alerts_exist(command: str) -> None:
    name, *words = command.split()
    found: click.Command = main
    while isinstance(found, click.Group):
        found = found.commands[words.pop(0)]

    required = [one for one in found.params if isinstance(one, click.Argument) and one.required]

    assert name == "scim-seats"
    given = [one for one in words if one.startswith("{")]
    assert len(given) == len(required)
    assert {one for one in words if one.startswith("--")} <= {opt for one in found.params for opt in one.opts}


def test_the_name_of_a_group_cannot_inject_headers_or_html() -> None:
    name = "Eng\r\nBcc: eve@example.com <b>&{tier}" + "x" * 100

    letter = alert.letter(stored("mapping.group_gone", group=name), "")
    message = as_mail(stored("mapping.group_gone", group=name), WRITERS, "", "Acme <seats@example.com>")

    assert "Eng Bcc: eve@example.com <b>&{tier}x" in letter.subject
    assert "x" * 60 not in letter.subject + letter.text + letter.html
    assert "&lt;b&gt;&amp;{tier}" in letter.html
    assert message["Bcc"] is None
    assert message["To"] == "ada@example.com"


def test_each_owners_mail_has_its_own_message_id_that_a_second_attempt_repeats() -> None:
    one = stored("seats.threshold")
    other = Mail("o", 120, "bob@example.com", "alert", "es", one.facts, 0, "2026-03-01", "2026-03-04")

    ids = [as_mail(mail, WRITERS, "", "seats@example.com")["Message-ID"] for mail in (one, other, one)]

    assert ids[0] == ids[2] != ids[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("overflow", "buyable", "key"),
    [
        ("reject", 0, "reject"),
        ("queue", 0, "queue"),
        ("fallback", 0, "fallback"),
        ("buy", 3, "buy"),
        ("buy", 0, "buy_spent"),
    ],
)
def test_an_alert_describes_the_overflow_policy_of_the_tier(
    language: str, overflow: str, buyable: int, key: str
) -> None:
    mail = stored("seats.threshold", language)
    tier = mail.facts["payload"]["tier"]
    for one in mail.facts["tiers"]:
        if one["tier"] == tier:
            one |= {"overflow": overflow, "buyable": buyable}

    letter = alert.letter(mail, "")

    assert POLICIES[language][key].format(tier=tier, buyable=buyable) in letter.text


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        (
            "en",
            (
                "1.25 more are taken per day",
                "on 2026-03-06",
                "on 2026-03-04 at the earliest",
                "2026-03-01 12:00 UTC",
            ),
        ),
        (
            "es",
            ("se ocupan 1,25 más", "el 6 de marzo de 2026", "el 4 de marzo de 2026", "el 1 de marzo"),
        ),
    ],
)
def test_an_alert_formats_numbers_and_dates_by_its_language(language: str, shown: tuple[str, ...]) -> None:
    letter = alert.letter(stored("seats.forecast_short", language), "")

    assert all(words in letter.text for words in shown), letter.text
