"""E-mail addresses and domains as people write them, in one form each."""

import re
from typing import Final

import idna

from scim_server.protocol.normalise import user_name_key
from scim_server.services.errors import OperatorError

_LOCAL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LONGEST: Final = 254
_SEPARATORS: Final = re.compile(r"[,;\s]+")


def domain_of(text: str) -> str:
    """A domain in lower case, as the DNS writes it: `Bücher.example` is `xn--bcher-kva.example`.

    Raises:
        OperatorError: it is none.
    """
    try:
        name = idna.encode(text.strip().rstrip("."), uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        name = ""
    if "." not in name:
        raise OperatorError(f"'{text[:80]}' is no domain; name one such as example.com")
    return name


def address_of(text: str) -> str:
    """An address whose domain is as the DNS writes it.

    Raises:
        OperatorError: it is none.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or _LOCAL.fullmatch(local) is None:
        raise OperatorError(f"'{text[:80]}' is no e-mail address")
    address = f"{local}@{domain_of(domain)}"
    if len(address) > _LONGEST:
        raise OperatorError(f"'{text[:80]}' is no e-mail address: it is too long")
    return address


def key_of(text: str) -> str:
    """What makes two addresses the same here; for text that is none, what makes two userNames the same."""
    try:
        return user_name_key(address_of(text))
    except OperatorError:
        return user_name_key(text)


def split(texts: tuple[str, ...]) -> list[str]:
    """The addresses in some texts, apart by commas, semicolons or white space; each once, in order.

    Raises:
        OperatorError: one of them is no address.
    """
    words = (word for text in texts for word in _SEPARATORS.split(text) if word)
    found: dict[str, str] = {}
    for word in words:
        address = address_of(word)
        found.setdefault(user_name_key(address), address)
    return list(found.values())
