"""Tolerances: deviations of providers from RFC 7643 and 7644. One named rule accepts each deviation.

Every rule applies to every client, because providers cannot be recognised reliably. `strict` turns off the
rules that accept requests against an RFC. Answers always follow the RFC, because the rules affect only
requests.
"""

import re
from contextlib import suppress
from enum import Enum
from typing import Final

from scim_server.protocol.attributes import JSON, Attribute, Type
from scim_server.protocol.errors import NotJson
from scim_server.protocol.messages import parse_text


class Tolerance(Enum):
    """A deviation that is accepted. The docstring of each tolerance mentions the providers that send it."""

    BOOLEAN_AS_TEXT = "boolean_as_text"
    """Entra sends "True" and "False" for booleans, also in filters."""
    LIST_OF_ONE = "list_of_one"
    """A single value for a multi-valued attribute means a list with one element.

    Several plugins send this.
    """
    ONE_OF_LIST = "one_of_list"
    """Entra sends `manager` as an array with one object."""
    BARE_VALUE = "bare_value"
    """Entra sends `manager` as a plain string, and others send e-mail addresses so.

    The string is the `value`.
    """
    JSON_AS_TEXT = "json_as_text"
    """Entra sends elements of `roles` as JSON in a string; a Keycloak plugin sends a PATCH value this way."""
    OPERATION_CASE = "operation_case"
    """Entra writes Add, Replace and Remove with a capital letter."""
    KEYS_AS_PATHS = "keys_as_paths"
    """Entra's PATCH without a path has keys that are paths: `name.givenName`, `emails[type eq "work"].value`.
    """
    VALUES_TO_REMOVE = "values_to_remove"
    """Entra, JumpCloud and authentik remove members by a path and a list of values."""
    UNKNOWN_IGNORED = "unknown_ignored"
    """Attributes that no schema contains are ignored instead of refused."""
    SEVERAL_PRIMARIES = "several_primaries"
    """Directories mark several values of one person as primary, and providers send these values unchanged."""
    TARGET_CREATED = "target_created"
    """Entra replaces `emails[type eq "work"].value` if no element matches, and expects a new element."""
    MALFORMED_URN = "malformed_urn"
    """Entra sometimes sends the enterprise URN without the colon before `User`, or with a dot instead."""
    UNNAMED_SCHEMAS = "unnamed_schemas"
    """Several clients leave out `schemas`, or send other schemas than the ones they use."""
    LOOSE_VALUES = "loose_values"
    """Directories send dates and binary values in other forms."""
    PLUS_BESIDE_PERCENT_20 = "plus_beside_percent_20"
    """Clients that write a space as %20 do not encode the + of an address, so + means a plus sign."""


Tolerances = frozenset[Tolerance]
TOLERANT: Final[Tolerances] = frozenset(Tolerance)
STRICT: Final[Tolerances] = frozenset()

_ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_MALFORMED: Final = re.compile(
    r"urn:(?:ietf:params:)?scim:schemas:extension:enterprise(?::2\.0)?[:.]?User(?=[:.]|\Z)[:.]?",
    re.IGNORECASE,
)


def tolerances(*, strict: bool) -> Tolerances:
    """The active tolerances of an organization."""
    return STRICT if strict else TOLERANT


def well_formed_path(text: str, allowed: Tolerances) -> str:
    """A path or a key of a body, with a malformed enterprise URN at its beginning corrected."""
    found = _MALFORMED.match(text) if Tolerance.MALFORMED_URN in allowed else None
    if found is None:
        return text
    rest = text[found.end() :]
    return f"{_ENTERPRISE}:{rest}" if rest else _ENTERPRISE


_QUOTED: Final = re.compile(r'(?:%22|").*?(?:%22|")')


def plus_is_literal(query: str, allowed: Tolerances) -> bool:
    """Whether a + in the query of a URL means a plus sign, because its client writes spaces as %20.

    A + outside quoted values can only be a space. A query with such a + comes from a client that writes
    spaces as +.
    """
    if Tolerance.PLUS_BESIDE_PERCENT_20 not in allowed or "%20" not in query:
        return False
    return "+" not in _QUOTED.sub("", query)


def as_written(attribute: Attribute, value: JSON, allowed: Tolerances) -> JSON:
    """A value in the form that its attribute requires, if a rule can convert it."""
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
        # Names and addresses have no `value` that a text could mean.
        bare = allowed if attribute.sub("value") is not None else allowed - {Tolerance.BARE_VALUE}
        return complex_from_text(value, bare)
    return value


def complex_from_text(value: str, allowed: Tolerances) -> JSON:
    """The object that a text stands for."""
    if Tolerance.JSON_AS_TEXT in allowed and value.lstrip().startswith("{"):
        with suppress(NotJson):
            return parse_text(value)
    return {"value": value} if Tolerance.BARE_VALUE in allowed and value else value
