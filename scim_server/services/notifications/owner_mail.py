"""Notifies Owners: appends an event and queues a mail about it for each Owner, together (SEATS 33)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import orjson

from scim_server.history import Event
from scim_server.protocol.normalise import user_name_key
from scim_server.services.notifications.addressee import address_in, language_in
from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import events, mails, members, organizations, seats
from scim_server.store.rows.mails import Mail

KIND: Final = "alert"
GOOD_FOR: Final = timedelta(days=3)
"""How long a mail is useful. After this time it is not sent any more."""


def notify(write: Write, event: Event, number: int | None = None) -> int:
    """Append an event and queue a mail to each Owner; return the number of the event.

    Args:
        number: a number reserved for the event; None for the next number.
    """
    number = events.append(write, event, number)
    mail_owners(write, number, event)
    return number


def mail_owners(write: Write, number: int, event: Event) -> None:
    """Queue the mails about an event. Only active Owners with an e-mail address are notified.

    The mails contain counts and never names, because mail must not contain personal data from a provider.
    """
    mails.drop_expired(write)
    found = list(_reachable(write))
    if not found:
        return
    facts = _facts(write, number, event)
    expires = timestamp(write.moment + GOOD_FOR)
    mails.add(
        write,
        [
            Mail(write.organization, number, address, KIND, language, facts, 0, write.at, expires)
            for address, language in found
        ],
    )


def _facts(write: Write, number: int, event: Event) -> dict[str, object]:
    available, organization = seats.availability(write), organizations.get(write)
    return {
        "organization": organization.slug,
        "number": number,
        "type": event.type,
        "at": write.at,
        "payload": event.payload,
        "reason": event.reason,
        "tiers": [
            {"tier": one.tier.name, "purchased": one.purchased, "in_use": one.purchased - one.free}
            | {
                "waiting": one.waiting,
                "overflow": one.overflow or organization.overflow,
                "buyable": one.buyable,
            }
            for one in available.tiers
            if one.purchased or one.waiting
        ],
        "waiting_any": available.waiting_any,
    }


def _reachable(write: Write) -> Iterator[tuple[str, str]]:
    """The address and language of each Owner.

    If several Owners have the same address, one mail is sent to it.
    """
    known = set()
    for person in members.owners(write):
        values = orjson.loads(person.document)
        address = address_in(person.user_name, values)
        if address is not None and user_name_key(address) not in known:
            known.add(user_name_key(address))
            yield address, language_in(values)
