"""Checks the settings of a webhook endpoint."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Final

from scim_server.egress.targets import Refused
from scim_server.history import CATALOGUE
from scim_server.services.addresses import address_of
from scim_server.services.errors import InvalidEndpoint, InvalidUrl, UnknownEventType

PUBLIC: Final = tuple(event.type for event in CATALOGUE.values() if event.public)
"""The types of events that can be delivered."""
LARGEST_BATCH: Final = 100
PAYLOADS: Final = ("full", "thin")
_ALL: Final = ".*"
_MOST_RETRIES: Final = 20
_LONGEST_RETRY: Final = 7 * 24 * 3_600

Check = Callable[[str], str]
"""Checks a URL, also by the addresses of its host, and returns its canonical form."""


def url_of(url: str, check: Check) -> str:
    """Check a URL.

    Raises:
        InvalidUrl: requests cannot be sent to the URL. The message does not describe any network.
    """
    try:
        return check(url)
    except Refused as refused:
        raise InvalidUrl(str(refused)) from refused


def types_of(types: Sequence[str]) -> tuple[str, ...]:
    """Check types of events, and families such as `person.*`.

    Raises:
        UnknownEventType: no public event has this type.
    """
    for one in types:
        if not expanded((one,)):
            families = sorted({f"{type_.partition('.')[0]}{_ALL}" for type_ in PUBLIC})
            near = get_close_matches(one, [*PUBLIC, *families], n=1, cutoff=0.6)
            hint = f"; did you mean '{near[0]}'?" if near else f". The families are: {', '.join(families)}"
            raise UnknownEventType(f"there is no public event type '{one}'{hint}")
    return tuple(dict.fromkeys(types))


def single(type_: str) -> None:
    """Check one type of events, which is not a family.

    Raises:
        UnknownEventType: no public event has this type.
    """
    if type_ not in PUBLIC:
        types_of([type_])
        raise UnknownEventType(f"'{type_}' is a family; give one type of events")


def expanded(types: Sequence[str]) -> tuple[str, ...]:
    """The public types that these types and families mean; all public types if there are none."""
    if not types:
        return PUBLIC
    families = tuple(one.removesuffix("*") for one in types if one.endswith(_ALL))
    return tuple(one for one in PUBLIC if one in types or (families and one.startswith(families)))


def batch_of(number: int) -> int:
    """Check the largest number of events of a message.

    Raises:
        InvalidEndpoint: the number is not between 1 and 100.
    """
    if not 1 <= number <= LARGEST_BATCH:
        raise InvalidEndpoint(f"a message can have 1 to {LARGEST_BATCH} events, not {number}")
    return number


def payload_of(payload: str) -> str:
    """Check the kind of payload.

    Raises:
        InvalidEndpoint: the payload is neither full nor thin.
    """
    if payload not in PAYLOADS:
        raise InvalidEndpoint(f"the payload is either full or thin, not '{payload}'")
    return payload


def retries_of(seconds: Sequence[int]) -> tuple[int, ...]:
    """Check a schedule of retries.

    Raises:
        InvalidEndpoint: there are no retries, too many, or one is not between a second and seven days.
    """
    if not 1 <= len(seconds) <= _MOST_RETRIES:
        raise InvalidEndpoint(f"a schedule has 1 to {_MOST_RETRIES} retries, not {len(seconds)}")
    if not all(1 <= one <= _LONGEST_RETRY for one in seconds):
        raise InvalidEndpoint("the time before a retry is between one second and seven days")
    return tuple(seconds)


def contact_of(address: str | None) -> str | None:
    """Check the address of the contact.

    Raises:
        InvalidAddress, InvalidDomain: the text is not an e-mail address.
    """
    return None if address is None else address_of(address)
