"""Named tolerances: how providers deviate from RFC 7643 and 7644, one rule each.

Every rule is on for every client, because nothing tells providers apart reliably. `strict` turns off
those that bend an RFC. Answers never bend: these rules only read.
"""

import re
from contextlib import suppress
from enum import Enum
from typing import Final

from scim_server.protocol.attributes import JSON, Attribute, Type
from scim_server.protocol.errors import NotJson
from scim_server.protocol.messages import parse_text


class Tolerance(Enum):
    """A deviation that is understood. The docstring of each says who sends it."""

    BOOLEAN_AS_TEXT = "boolean_as_text"
    """Entra sends "True" and "False" for booleans, also in filters."""
    LIST_OF_ONE = "list_of_one"
    """A single value where the attribute is multi-valued stands for a list of one (several plugins)."""
    ONE_OF_LIST = "one_of_list"
    """Entra sends `manager` as an array with one object."""
    BARE_VALUE = "bare_value"
    """Entra sends `manager` as a plain string; others send e-mail addresses as strings: the `value`."""
    JSON_AS_TEXT = "json_as_text"
    """Entra sends elements of `roles`, and one Keycloak plugin the value of a PATCH, as JSON in a string."""
    OPERATION_CASE = "operation_case"
    """Entra sends Add, Replace and Remove with a capital."""
    KEYS_AS_PATHS = "keys_as_paths"
    """Entra's path-less PATCH has keys that are paths: `name.givenName`, `emails[type eq "work"].value`."""
    VALUES_TO_REMOVE = "values_to_remove"
    """Entra, JumpCloud and authentik remove members by a path and a list of values."""
    UNKNOWN_IGNORED = "unknown_ignored"
    """Attributes that no schema has are left out instead of refused."""
    SEVERAL_PRIMARIES = "several_primaries"
    """Directories mark several values of one person as primary, and send them as they have them."""
    TARGET_CREATED = "target_created"
    """Entra replaces `emails[type eq "work"].value` where there is none, and wants it created."""
    MALFORMED_URN = "malformed_urn"
    """Entra has sent the enterprise URN without the colon before `User`, or with a dot for a colon."""
    UNNAMED_SCHEMAS = "unnamed_schemas"
    """Several clients leave `schemas` out of messages and resources, or name others than they use."""
    LOOSE_VALUES = "loose_values"
    """Directories send dates and binary values in forms of their own."""
    PLUS_BESIDE_PERCENT_20 = "plus_beside_percent_20"
    """Clients that write a space as %20 leave the + of an address as it is, and mean a plus."""


Tolerances = frozenset[Tolerance]
TOLERANT: Final[Tolerances] = frozenset(Tolerance)
STRICT: Final[Tolerances] = frozenset()

_ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_MALFORMED: Final = re.compile(
    r"urn:(?:ietf:params:)?scim:schemas:extension:enterprise(?::2\.0)?[:.]?User(?=[:.]|\Z)[:.]?",
    re.IGNORECASE,
)


def tolerances(*, strict: bool) -> Tolerances:
    """The rules in force for an organization."""
    return STRICT if strict else TOLERANT


def well_formed_path(text: str, allowed: Tolerances) -> str:
    """A path, or a key of a body, with a malformed enterprise URN mended at its beginning."""
    found = _MALFORMED.match(text) if Tolerance.MALFORMED_URN in allowed else None
    if found is None:
        return text
    rest = text[found.end() :]
    return f"{_ENTERPRISE}:{rest}" if rest else _ENTERPRISE


_QUOTED: Final = re.compile(r'(?:%22|").*?(?:%22|")')


def plus_is_literal(query: str, allowed: Tolerances) -> bool:
    """Whether a + in the query of a URL is a plus: its client writes spaces as %20.

    A + outside of quoted values can only be a space, so its client writes them so.
    """
    if Tolerance.PLUS_BESIDE_PERCENT_20 not in allowed or "%20" not in query:
        return False
    return "+" not in _QUOTED.sub("", query)


def as_written(attribute: Attribute, value: JSON, allowed: Tolerances) -> JSON:
    """A value in the form that its attribute's row prescribes, where a rule knows how."""
    if attribute.multi_valued and not isinstance(value, list):
        value = [value] if Tolerance.LIST_OF_ONE in allowed else value
    elif not attribute.multi_valued and isinstance(value, list):
        value = value[0] if len(value) == 1 and Tolerance.ONE_OF_LIST in allowed else value
    if attribute.multi_valued and isinstance(value, list):
        return [_element(attribute, element, allowed) for element in value]
    return _element(attribute, value, allowed)


def _element(attribute: Attribute, value: JSON, allowed: Tolerances) -> JSON:
    if not isinstance(value, str):
        return value
    if attribute.type is Type.BOOLEAN and Tolerance.BOOLEAN_AS_TEXT in allowed:
        return {"true": True, "false": False}.get(value.lower(), value)
    if attribute.type is Type.COMPLEX:
        # A name or an address has no `value` that a text could stand for.
        bare = allowed if attribute.sub("value") is not None else allowed - {Tolerance.BARE_VALUE}
        return complex_from_text(value, bare)
    return value


def complex_from_text(value: str, allowed: Tolerances) -> JSON:
    """What a string stands for where an object belongs."""
    if Tolerance.JSON_AS_TEXT in allowed and value.lstrip().startswith("{"):
        with suppress(NotJson):
            return parse_text(value)
    return {"value": value} if Tolerance.BARE_VALUE in allowed and value else value
