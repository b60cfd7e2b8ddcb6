"""Cursors of paged lists (RFC 9865). They are signed, so no other cursor is accepted, and they expire.

A cursor contains the query, and the position where the last page ended. It is signed with a key of the
organization, so a cursor of another organization is invalid too.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import orjson
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from scim_server.protocol.errors import ExpiredCursor, InvalidCount, InvalidCursor

LIFETIME_SECONDS: Final = 3_600

Value = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The position where a page ended.

    Attributes:
        value: the value of the sort attribute in the last row.
        sequence: the sequence number of the last row.
    """

    value: Value
    sequence: int


def seal(cursor: Cursor, key: str, *, question: str, count: int) -> str:
    """The text of a cursor, in unreserved URL characters only.

    Args:
        question: the parts of the query that must be the same for every page, except the count.
    """
    return _serializer(key).dumps([_digest(question), count, cursor.value, cursor.sequence])


def unseal(text: str, key: str, *, question: str, count: int) -> Cursor:
    """Read a cursor.

    Raises:
        InvalidCursor: the text is not a cursor of this organization, or the query has changed.
        ExpiredCursor: the cursor is older than its lifetime.
        InvalidCount: the count has changed.
    """
    try:
        digest, counted, value, sequence = _serializer(key).loads(text, max_age=LIFETIME_SECONDS)
    except SignatureExpired:
        raise ExpiredCursor("The cursor has expired. Begin again with an empty cursor.") from None
    except (BadData, ValueError, TypeError):
        raise InvalidCursor(
            "This server did not issue the cursor. Begin again with an empty cursor."
        ) from None
    if digest != _digest(question):
        raise InvalidCursor("The cursor belongs to another query. Filter, sorting and path must not change.")
    if counted != count:
        raise InvalidCount(f"The count must be {counted} for every page.")
    return Cursor(value, sequence)


def _digest(question: str) -> str:
    return hashlib.sha256(question.encode(errors="surrogatepass")).hexdigest()[:16]


class _Json:
    """The serializer that itsdangerous expects."""

    @staticmethod
    def dumps(value: object) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str) -> object:
        return orjson.loads(text)


def _serializer(key: str) -> URLSafeTimedSerializer:
    sha256 = {"digest_method": hashlib.sha256}
    return URLSafeTimedSerializer(key, salt="cursor", serializer=_Json, signer_kwargs=sha256)
