"""The address and the language of a person, from the values of the person."""

from collections.abc import Mapping
from typing import Final

from scim_server.protocol.attributes import JSON
from scim_server.services.addresses import address_of
from scim_server.services.errors import InvalidAddress, InvalidDomain

_SPANISH: Final = "es"


def address_in(user_name: str, values: Mapping[str, JSON]) -> str | None:
    """The primary e-mail address, or the work address, or any address, or a userName that is an address."""
    listed = values.get("emails")
    emails = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    emails.sort(key=lambda one: (one.get("primary") is not True, one.get("type") != "work"))
    for text in (*(one.get("value") for one in emails), user_name):
        try:
            return address_of(str(text))
        except (InvalidAddress, InvalidDomain):
            continue
    return None


def language_in(values: Mapping[str, JSON]) -> str:
    """Spanish for people whose language or locale is Spanish; English for all others."""
    language = values.get("preferredLanguage") or values.get("locale")
    return _SPANISH if str(language).lower().partition("-")[0].partition("_")[0] == _SPANISH else "en"
