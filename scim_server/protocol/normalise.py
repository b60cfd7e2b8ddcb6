"""Values in the form for comparison. Stored values and operands of filters use the same function.

Databases fold case in different ways, so this module folds case, and the databases compare bytes.
"""

import unicodedata
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from precis_i18n import get_profile

from scim_server.protocol.attributes import JSON, Attribute, Mutability, ResourceType, Schema, Type
from scim_server.protocol.errors import InvalidValue

_USER_NAME: Final = get_profile("UsernameCaseMapped")


def fold(text: str) -> str:
    """Text with case folded, and with accents in one composition."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


@lru_cache(maxsize=10_000)
def user_name_key(user_name: str) -> str:
    """The key by which userNames are compared: PRECIS (RFC 8265), or else NFKC and casefold.

    The function is applied to its own result, so that a name and its key have the same key. White space
    around a name comes from spreadsheets, so it is ignored.
    """
    return part_of_user_name(user_name.strip()).strip()


def part_of_user_name(user_name: str) -> str:
    """A part of a userName in the form for comparison. White space around the part is kept."""
    if user_name.isascii():
        return user_name.lower()  # For this text, PRECIS and the fallback have the same result.
    with suppress(UnicodeError):
        user_name = _USER_NAME.enforce(user_name)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", user_name).casefold())


def moment(text: str) -> str:
    """A dateTime in UTC with fixed width, so that the order of the texts is the order in time.

    Raises:
        InvalidValue: the text is not an xsd:dateTime (RFC 7643 section 2.3.5).
    """
    try:
        parsed = datetime.fromisoformat(text)
        if "T" not in text.upper():
            raise ValueError(text)
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError) as error:
        raise InvalidValue(f"'{text}' is not a dateTime such as 2026-03-01T08:30:00Z") from error


def normalise(attribute: Attribute, value: JSON) -> JSON:
    """One simple value of an attribute in the form for comparison.

    Booleans become text, because the two databases read JSON booleans differently. A stored value may have
    the wrong type, because values are stored as they were sent. Such a value is compared as plain text.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    if attribute.type is Type.DATE_TIME:
        try:
            return moment(value)
        except InvalidValue:
            # Filters may compare with a part of a dateTime.
            return value if attribute.mutability is Mutability.READ_ONLY else value.upper()
    if attribute.name == "userName":
        return user_name_key(value)
    return value if attribute.case_exact else fold(value)


def search_document(resource_type: ResourceType, document: dict[str, JSON]) -> dict[str, JSON]:
    """The document with every name in lower case and every value normalised."""
    search: dict[str, JSON] = {}
    for name, value in document.items():
        extension, attribute = _named(resource_type, name)
        if extension is not None and isinstance(value, dict):
            search[extension.id.lower()] = {
                sub.lower(): _search_value(row, content)
                for sub, content in value.items()
                if (row := extension.attribute(sub)) is not None
            }
        elif attribute is not None:
            search[attribute.name.lower()] = _search_value(attribute, value)
    return search


@lru_cache(maxsize=10_000)
def _named(resource_type: ResourceType, name: str) -> tuple[Schema | None, Attribute | None]:
    """The schema or attribute to which a name in a document refers. Documents have canonical names."""
    extension, found = resource_type.schema_of(name), resource_type.resolve(None, name)
    return extension, None if found is None else found[1]


def _search_value(attribute: Attribute, value: JSON) -> JSON:
    if isinstance(value, str):
        return normalise(attribute, value)
    if isinstance(value, list):
        return [_search_value(attribute, element) for element in value]
    if isinstance(value, dict):
        return {
            name.lower(): _search_value(sub, content)
            for name, content in value.items()
            if (sub := attribute.sub(name)) is not None
        }
    return normalise(attribute, value)
