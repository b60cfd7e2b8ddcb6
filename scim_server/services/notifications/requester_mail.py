"""Notifies people of what became of their requests for seats."""

from datetime import timedelta
from typing import Final

import orjson

from scim_server.protocol.attributes import JSON
from scim_server.services.notifications.addressee import address_in, language_in
from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import invitations, mails, organizations, people, refusals
from scim_server.store.rows.mails import Mail
from scim_server.store.rows.seat_requests import SeatRequest
from seat_policy.requests import RequestState

KIND: Final = "seat_request"
GOOD_FOR: Final = timedelta(days=3)
"""How long a mail is useful. After this time it is not sent any more."""


def notify(write: Write, request: SeatRequest, number: int, *, tier: str | None = None) -> None:
    """Queue the mail to the person who asked. Without an e-mail address, nothing is queued.

    Args:
        request: the request after the decision.
        number: the number of the event about the decision.
        tier: the tier of the seat that the person got.
    """
    values = _values(write, request)
    address = address_in(request.user_name, values)
    if address is None:
        return
    facts = {
        "organization": organizations.get(write).slug,
        "granted": request.state is not RequestState.DECLINED,
        "wants": request.wants,
        "tier": tier,
        "why": request.why,
    }
    language, expires = _language(write, request, values), timestamp(write.moment + GOOD_FOR)
    mails.add(write, [Mail(write.organization, number, address, KIND, language, facts, 0, write.at, expires)])


def _values(write: Write, request: SeatRequest) -> dict[str, JSON]:
    person = None if request.person is None else people.get(write, request.person)
    if person is not None:
        document: str | None = person.document
    else:
        refusal = refusals.open_entry(write, request.user_name_key)
        document = None if refusal is None else refusal.document
    found: dict[str, JSON] = orjson.loads(document or "{}")
    return found


def _language(write: Write, request: SeatRequest, values: dict[str, JSON]) -> str:
    """The language of the person's values; if there is none, the language of the person's invitation."""
    if values.get("preferredLanguage") or values.get("locale"):
        return language_in(values)
    invitation = invitations.newest(write, request.user_name_key)
    return language_in(values) if invitation is None else invitation.language
