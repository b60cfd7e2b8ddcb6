"""Parses the path of a PATCH operation (RFC 7644 section 3.5.2, figure 7).

    parse_path('emails[type eq "work"].value')

has three parts: the attribute `emails`, a filter that selects some of its values, and the sub-attribute
`value`.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from scim_server.protocol.errors import InvalidFilter, InvalidPath
from scim_server.protocol.filter_tree import AttributePath, Filter
from scim_server.protocol.filters import check_size, parse_value_filter, shortened

_SUB = re.compile(r"\.([A-Za-z$][A-Za-z0-9_$-]*)")
_EXAMPLES = 'examples are displayName, name.givenName and emails[type eq "work"].value'


@dataclass(frozen=True, slots=True)
class PatchPath:
    """The target of a PATCH operation: `attribute[filter].sub`. The last two parts are optional.

    The sub-attribute is always in `sub`, never in `attribute.sub`.
    """

    attribute: AttributePath
    filter: Filter | None = None
    sub: str | None = None


# Providers send the same few paths in every change.
@lru_cache(maxsize=256)
def parse_path(text: str) -> PatchPath:
    """Parse a path; raises InvalidPath with the reason. The limits are the same as for a filter."""
    try:
        check_size(text)
        return _with_filter(text) if "[" in text else _plain(text)
    except InvalidFilter as error:
        raise InvalidPath(error.detail) from error


def _plain(text: str) -> PatchPath:
    path = AttributePath.read(text)
    if path is None:
        raise InvalidPath(
            f"{shortened(text) or 'An empty text'} is not the path of an attribute; {_EXAMPLES}."
        )
    return PatchPath(replace(path, sub=None), sub=path.sub)


def _with_filter(text: str) -> PatchPath:
    opening, closing = text.index("["), text.rfind("]")
    attribute = AttributePath.read(text[:opening])
    if attribute is None or attribute.sub is not None:
        raise InvalidPath(f"A [ must follow the name of a multi-valued attribute; {_EXAMPLES}.")
    # Texts in the filter may contain brackets, but text after the filter may not. So the last bracket is the
    # closing one.
    if closing < 0:
        raise InvalidPath(f"At character {opening + 1}: this [ is not closed.")
    sub = _SUB.fullmatch(text, closing + 1)
    if sub is None and closing + 1 < len(text):
        raise InvalidPath(f"At character {closing + 2}: only a sub-attribute, such as .value, may follow ].")
    return PatchPath(attribute, parse_value_filter(text, opening + 1, closing), sub and sub[1])
