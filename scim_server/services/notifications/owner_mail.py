"""Notifies Owners: appends an event and queues a mail about it for each Owner, together (SEATS 33)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

import orjson

from scim_server.history import Event, WebhookEvent
from scim_server.protocol.normalise import user_name_key
from scim_server.services.notifications.addressee import address_in, language_in
from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import events, mails, members, organizations, seats
from scim_server.store.rows.mails import Mail

KIND: Final = "alert"
GOOD_FOR: Final = timedelta(days=3)
"""How long a mail is useful. After this time it is not sent any more."""


def notify(write: Write, event: Event, number: int | None = None, *, contacts: Sequence[str] = ()) -> int:
    """Append an event and queue a mail to each Owner; return the number of the event.

    Args:
        number: a number reserved for the event; None for the next number.
        contacts: addresses that get the mail in addition to the Owners.
    """
    number = events.append(write, event, number)
    mail_owners(write, number, event, contacts)
    return number


def notify_contacts(write: Write, event: Event, contacts: Sequence[str]) -> int:
    """Append an event and queue a mail to the vendor's contacts, but not to the Owners."""
    number = events.append(write, event)
    _mail(write, number, event, [], contacts)
    return number


def mail_owners(write: Write, number: int, event: Event, contacts: Sequence[str] = ()) -> None:
    """Queue the mails about an event. Only active Owners with an e-mail address are notified.

    The mails contain counts and never names, because mail must not contain personal data from a provider.
    """
    _mail(write, number, event, list(_reachable(write)), contacts)


def _mail(
    write: Write, number: int, event: Event, owners: Sequence[tuple[str, str]], contacts: Sequence[str]
) -> None:
    mails.drop_expired(write)
    known = {user_name_key(address) for address, _ in owners}
    others = [address for address in contacts if user_name_key(address) not in known]
    if not owners and not others:
        return
    facts = _facts(write, number, event)
    expires = timestamp(write.moment + GOOD_FOR)
    listed = [(address, language, facts) for address, language in owners]
    listed += [(address, "en", facts | {"contact": True}) for address in others]
    mails.add(
        write,
        [
            Mail(write.organization, number, address, KIND, language, said, 0, write.at, expires)
            for address, language, said in listed
        ],
    )


def _facts(write: Write, number: int, event: Event) -> dict[str, object]:
    available, organization = seats.availability(write), organizations.get(write)
    about_seats = not isinstance(event, WebhookEvent)
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
            if about_seats and (one.purchased or one.waiting)
        ],
        "waiting_any": available.waiting_any if about_seats else 0,
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
