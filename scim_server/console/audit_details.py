"""The details of an event in words: its type, its reason, and the names of its values."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from scim_server.console.audit_words import SENTENCES
from scim_server.console.visit import gettext


def _(message: str) -> str:
    """Mark a message that is translated when it is shown."""
    return message


_REASONS: Final[Mapping[str, str]] = {
    "assigned": _("an Admin gave the seat"),
    "automatic": _("bought automatically"),
    "awaiting_group": _("no group gives a tier yet"),
    "bought": _("bought by an Owner"),
    "contract_inactive": _("the contract has no current term"),
    "created": _("created by the provider or at the first sign-in"),
    "credit": _("correction of an invoice"),
    "deactivated": _("deactivated"),
    "deleted": _("deleted"),
    "dismissed": _("dismissed by an Admin"),
    "dns": _("proved by the DNS record"),
    "granted": _("granted by the operator"),
    "inactive": _("created as inactive"),
    "invited": _("the person was invited"),
    "mapping": _("a group of the person changed, or its mapping"),
    "no_free_seat": _("no seat was free"),
    "opening": _("first invoice of the contract"),
    "operator": _("confirmed by the operator"),
    "organization_suspended": _("the organization was suspended"),
    "places_changed": _("people exchanged their seats"),
    "purchase": _("purchase"),
    "reactivated": _("active again"),
    "reassigned": _("the seat was given to another person"),
    "renamed": _("renamed"),
    "renewal": _("renewal"),
    "restored": _("a mass removal was undone"),
    "seat_added_for": _("a seat was bought for this person"),
    "seat_free": _("a seat became free"),
    "seat_held": _("the seat was held for this person"),
    "seat_upgraded": _("the seat was turned into a better tier"),
    "swapped": _("two people swapped their tiers"),
    "transferred": _("the role of the Primary Owner was transferred"),
    "unassigned": _("an Admin took the seat"),
    "wants_better_tier": _("a better tier was bought"),
}
_FIELDS: Final[Mapping[str, str]] = {
    "added": _("Added"),
    "after": _("After"),
    "arrival": _("Place in the queue since event"),
    "before": _("Before"),
    "browser": _("Browser"),
    "changes": _("Changes"),
    "contract": _("Contract"),
    "credits": _("Corrects invoice"),
    "currency": _("Currency"),
    "day": _("Day"),
    "display_name": _("Name"),
    "domain": _("Domain"),
    "earliest": _("Earliest"),
    "endpoint": _("Address"),
    "entry": _("Refusal"),
    "expected": _("Expected"),
    "extends": _("Extends"),
    "holds": _("Holds seats"),
    "in_use": _("In use"),
    "invitation": _("Invitation"),
    "invoice": _("Invoice"),
    "latest": _("Latest"),
    "method": _("Method"),
    "minutes": _("Minutes"),
    "name": _("Name"),
    "of": _("Of"),
    "overflow": _("If no seat is free"),
    "override": _("Without regard to the queue"),
    "people": _("People"),
    "per_day": _("A day"),
    "percent": _("Percent"),
    "priority": _("Priority"),
    "purchased": _("Purchased"),
    "quantities": _("Seats"),
    "removal": _("Mass removal"),
    "removed": _("Removed"),
    "role": _("Role"),
    "since": _("Since"),
    "term": _("Term"),
    "tier": _("Tier"),
    "tiers": _("Tiers"),
    "token": _("Token"),
    "total": _("Total"),
    "upgraded": _("Upgraded"),
    "waited_for": _("Waited for"),
    "wanted": _("Wanted"),
    "wants": _("Wants"),
    "way": _("Way"),
    "why": _("Reason"),
}


def reason_name(code: str) -> str:
    """The reason of an event in words; a reason that has no words as it is stored."""
    return gettext(_REASONS[code]) if code in _REASONS else code


def field_name(name: str) -> str:
    """The name of a value of an event in words; a name that has no words as it is stored."""
    return gettext(_FIELDS[name]) if name in _FIELDS else name


def type_name(type_: str) -> str:
    """A type of events as the sentence about such an event without its values: `… waits for a seat`."""
    message = SENTENCES.get(type_)
    return type_ if message is None else gettext(message) % defaultdict(lambda: "…")


FILTERS: Final[Mapping[str, Callable[[str], str]]] = {
    "reason_name": reason_name,
    "field_name": field_name,
    "type_name": type_name,
}
