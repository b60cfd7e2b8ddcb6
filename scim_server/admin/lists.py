"""Lists of /v1 in pages. A cursor contains the key of the last item, so pages never skip or repeat items."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import orjson
from flask import request
from marshmallow import fields, validate

from scim_server.admin.parsing import Input, text
from scim_server.admin.problems import Problem
from scim_server.representations.base import Representation, dump
from scim_server.services.people.queries import Page

T = TypeVar("T")

MOST: Final = 200
USUAL: Final = 50
_MOST_DIGITS: Final = 18


class ListQuery(Input):
    """The parameters of every list."""

    limit = fields.Integer(
        load_default=USUAL,
        validate=validate.Range(1, MOST),
        metadata={"description": f"The greatest number of items, from 1 to {MOST}."},
    )
    cursor = text(
        load_default=None, longest=2_000, about="Continues the list: `next_cursor` of the page before."
    )


def after(query: dict[str, Any]) -> str | None:
    """The key of the last item of the page before; None for the first page.

    Raises:
        Problem: the cursor is not from this list with these filters.
    """
    cursor = query["cursor"]
    if cursor is None:
        return None
    try:
        place, key = orjson.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, TypeError, binascii.Error):
        place, key = None, None
    if place != _place() or not isinstance(key, str) or "\0" in key:
        raise Problem("invalid_cursor", "This cursor is not from this list. Begin without a cursor.")
    return key


def after_number(query: dict[str, Any]) -> int | None:
    """The number of the last item of the page before; None for the first page.

    Raises:
        Problem: the cursor is not from this list with these filters.
    """
    key = after(query)
    if key is None:
        return None
    if not key.isascii() or not key.isdecimal() or len(key) > _MOST_DIGITS:
        raise Problem("invalid_cursor", "This cursor is not from this list. Begin without a cursor.")
    return int(key)


def cut(found: Sequence[T], key: Callable[[T], str], query: dict[str, Any]) -> Page[T]:
    """The page of a short list that is read whole.

    Raises:
        Problem: the item at which the page before ended is not in the list.
    """
    last = after(query)
    begin = 0
    if last is not None:
        places = [place for place, one in enumerate(found) if key(one) == last]
        if not places:
            raise Problem("invalid_cursor", "This list has changed. Begin without a cursor.")
        begin = places[0] + 1
    shown, more = found[begin : begin + query["limit"]], len(found) > begin + query["limit"]
    return Page(tuple(shown), key(shown[-1]) if more else None)


def listing(schema: Representation, page: Page[Any]) -> dict[str, object]:
    """The answer with a page of a list."""
    return listed([dump(schema, one) for one in page.data], page.next_cursor)


def listed(data: list[dict[str, object]], key: str | None) -> dict[str, object]:
    """The answer with some items.

    Args:
        key: the key of the last item if the list continues.
    """
    return {"data": data, "next_cursor": None if key is None else _sealed(key)}


def _sealed(key: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([_place(), key])).decode()


def _place() -> list[Any]:
    """The list with its filters."""
    filters = {name: value for name, value in request.args.items() if name not in ("limit", "cursor")}
    return [request.path.rstrip("/"), sorted(map(list, filters.items()))]
