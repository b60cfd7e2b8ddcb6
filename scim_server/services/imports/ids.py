"""Which ids of another server can be kept. They become parts of URLs here."""

import re
from typing import Final

MOST_CHARACTERS: Final = 255
_IN_URLS: Final = re.compile(r"[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@-]*")
_RESERVED: Final = "bulkid"


def problem_of(id_: str) -> str | None:
    """Why an id cannot be kept; None if it can.

    RFC 7643 section 3.1 forbids `bulkId` in ids. Other characters than those of a path in a URL (RFC 3986)
    would be written in two ways, and providers compare ids as text.
    """
    if len(id_) > MOST_CHARACTERS:
        return f"the id has {len(id_)} characters; at most {MOST_CHARACTERS} are possible"
    if _RESERVED in id_.lower():
        return f"the id '{id_[:40]}' contains bulkId, which RFC 7643 reserves"
    if _IN_URLS.fullmatch(id_) is None:
        return f"the id '{id_[:40]}' cannot be a part of a URL without change"
    return None
