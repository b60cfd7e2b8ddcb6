"""The mail to Owners about an event, with the event in numbers and the possible actions."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from scim_server.documents import formats
from scim_server.documents.alert_words import DECIDED_BY, FRAMES, POLICIES, WORDS, Words
from scim_server.documents.mail import TEMPLATES, Letter
from scim_server.history import (
    MappingGroupGone,
    RemovalDetected,
    SeatRequestOpened,
    SeatRequestsOverdue,
    SeatsForecastShort,
    SeatsRefusalsBegan,
    SeatsThreshold,
)
from scim_server.services import links
from scim_server.services.notifications import owner_mail
from scim_server.store.rows.mails import Mail
from seat_policy.contract import ANY
from seat_policy.overflow import Overflow

KIND: Final = owner_mail.KIND
_LONGEST_NAME: Final = 60
_DAYS: Final = frozenset({"earliest", "expected", "latest"})
_NUMBERS: Final = frozenset({"days", "in_use", "of", "people", "per_day", "purchased", "requests"})


def letter(mail: Mail, public_url: str) -> Letter:
    """The mail about one event, with a link to the page of the console that it is about."""
    facts, frame = mail.facts, FRAMES[mail.language]
    contact = bool(facts.get("contact"))  # Contacts of the vendor cannot open the console.
    words = _words(mail.language, facts)
    values = {
        name: _shown(name, value, mail.language) for name, value in {**facts["payload"], **facts}.items()
    }
    values["policy"] = _policy(mail.language, facts)
    waiting = [(one["tier"], one["waiting"]) for one in facts["tiers"] if one["waiting"]]
    if facts["waiting_any"]:
        waiting.append((frame.any_tier, facts["waiting_any"]))
    subject = words.subject.format_map(values)
    filled = {
        "language": mail.language,
        "subject": subject,
        "happened": [words.happened.format_map(values), *(one.format_map(values) for one in words.means)],
        "open": frame.open,
        "link": None if contact else links.console(public_url, facts["organization"], _page(facts)),
        "advice": words.advice.format_map(values),
        "commands": [one.format_map(values) for one in words.commands],
        "tiers": [
            (one["tier"], frame.in_use.format_map(_numbers(one, mail.language))) for one in facts["tiers"]
        ],
        "waiting": [
            (tier, frame.waiting.format(waiting=formats.number(number, mail.language)))
            for tier, number in waiting
        ],
        "seats": frame.seats.format(at=formats.moment(facts["at"], mail.language)),
        "why": (frame.why_contact if contact else frame.why).format_map(values),
    }
    text = TEMPLATES.get_template("alert.txt").render(filled)
    return Letter(subject, text, TEMPLATES.get_template("alert.html").render(filled))


def _page(facts: Mapping[str, Any]) -> str:
    """The page of the console about an event."""
    match facts["type"]:
        case SeatsRefusalsBegan.type:
            return links.LEFT_OUT
        case SeatRequestOpened.type | SeatRequestsOverdue.type:
            return links.REQUESTS
        case MappingGroupGone.type:
            return links.MAPPINGS
        case RemovalDetected.type:
            return links.of_removal(f"{facts['organization']}-{facts['number']}")
        case SeatsThreshold.type | SeatsForecastShort.type:
            return links.BILLING
        case _:
            return links.OVERVIEW


def _words(language: str, facts: Mapping[str, Any]) -> Words:
    kind = facts["type"]
    decides = DECIDED_BY.get(kind)
    value = None if decides is None else {**facts["payload"], "reason": facts["reason"]}[decides]
    return WORDS[language].get(f"{kind}:{value}") or WORDS[language][kind]


def _policy(language: str, facts: Mapping[str, Any]) -> str:
    """What happens to people who need a seat of the tier that the mail is about."""
    tier = facts["payload"].get("tier")
    found: Mapping[str, Any] = next((one for one in facts["tiers"] if one["tier"] == tier), {})
    policy, buyable = found.get("overflow", "unknown"), found.get("buyable", 0)
    key = "buy_spent" if policy == Overflow.BUY and not buyable else policy
    return POLICIES[language][key].format(tier=tier, buyable=buyable)


def _shown(name: str, value: object, language: str) -> object:
    """A field of an event as the mail shows it."""
    if name == "wants" and value == ANY:
        return FRAMES[language].any_tier
    if name in _DAYS and value is not None:
        return formats.day(date.fromisoformat(str(value)), language)
    if name in _NUMBERS and isinstance(value, int | float):
        return formats.number(value, language)
    return _line(value) if isinstance(value, str) else value


def _numbers(tier: Mapping[str, Any], language: str) -> dict[str, object]:
    return {name: _shown(name, value, language) for name, value in tier.items()}


def _line(text: str) -> str:
    """A text from outside as one short line, for subjects and texts."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"
