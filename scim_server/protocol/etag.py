"""Versions of resources as weak entity tags (RFC 7644 section 3.14; DESIGN, wire 18)."""

import re
from typing import Final

_TAG: Final = re.compile(r'(?:W/)?"[^"]*"')


def etag(version: int) -> str:
    """The entity tag of a version. It is weak, because answers may show one version with fewer attributes."""
    return f'W/"{version}"'


def matches(header: str, version: int) -> bool:
    """Whether a version is one of the tags in an If-Match or If-None-Match header, by weak comparison."""
    if header.strip() == "*":
        return True
    wanted = etag(version).removeprefix("W/")
    return any(tag.removeprefix("W/") == wanted for tag in _TAG.findall(header))
