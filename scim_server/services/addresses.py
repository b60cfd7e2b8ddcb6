"""E-mail addresses and domains in one normal form."""

import re
from typing import Final

import idna

from scim_server.protocol.normalise import user_name_key
from scim_server.services.errors import InvalidAddress, InvalidDomain

_LOCAL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LONGEST: Final = 254
_SEPARATORS: Final = re.compile(r"[,;\s]+")


def domain_of(text: str) -> str:
    """A domain in lower case, in the form of the DNS, such as `xn--bcher-kva.example` for `Bücher.example`.

    Raises:
        InvalidDomain: the text is not a domain.
    """
    try:
        name = idna.encode(text.strip().rstrip("."), uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        name = ""
    if "." not in name:
        raise InvalidDomain(f"'{text[:80]}' is not a domain such as example.com")
    return name


def address_of(text: str) -> str:
    """An address with its domain in the form of the DNS.

    Raises:
        InvalidAddress: the text is not an address.
        InvalidDomain: the part after the @ is not a domain.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or _LOCAL.fullmatch(local) is None:
        raise InvalidAddress(f"'{text[:80]}' is not an e-mail address")
    address = f"{local}@{domain_of(domain)}"
    if len(address) > _LONGEST:
        raise InvalidAddress(f"'{text[:80]}' is too long for an e-mail address")
    return address


def key_of(text: str) -> str:
    """The key of an address. For other text, the key of a userName."""
    try:
        return user_name_key(address_of(text))
    except (InvalidAddress, InvalidDomain):
        return user_name_key(text)


def split(texts: tuple[str, ...]) -> list[str]:
    """The addresses in texts, separated by commas, semicolons or white space; in order, without duplicates.

    Raises:
        InvalidAddress, InvalidDomain: a part of the text is not an address.
    """
    words = (word for text in texts for word in _SEPARATORS.split(text) if word)
    found: dict[str, str] = {}
    for word in words:
        address = address_of(word)
        found.setdefault(user_name_key(address), address)
    return list(found.values())
