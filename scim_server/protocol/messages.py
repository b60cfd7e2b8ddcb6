"""Parses the bytes of a request as JSON, and refuses what JSON parsers usually accept by mistake."""

import json
from collections.abc import Mapping
from typing import Final, NoReturn, cast

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import InvalidSyntax, InvalidValue, NotJson

MAX_DEPTH: Final = 32
"""SECURITY 10: the deepest SCIM resource needs five levels."""

SEARCH_URN: Final = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LIST_URN: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

_INTEGER_LIMIT: Final = 2**63


def parse_object(body: bytes) -> dict[str, JSON]:
    """The JSON object in a request body.

    Raises:
        InvalidSyntax: the body is not a JSON object in UTF-8, is nested too deeply, or contains NaN or a
            duplicate key.
        InvalidValue: the body contains a number or a text that cannot be stored.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise InvalidSyntax("The body is not UTF-8.") from None
    return parse_text(text)


def parse_text(text: str) -> dict[str, JSON]:
    """The JSON object in a text, with the same checks.

    Raises:
        NotJson: the text is not JSON.
        InvalidSyntax, InvalidValue: as `parse_object`.
    """
    value = _parsed(text)
    if not isinstance(value, dict):
        raise InvalidSyntax("The body must be a JSON object.")
    return value


def parse_list(text: str) -> list[JSON]:
    """The JSON array in a text, with the same checks.

    Raises:
        NotJson: the text is not JSON.
        InvalidSyntax, InvalidValue: as `parse_object`.
    """
    value = _parsed(text)
    if not isinstance(value, list):
        raise InvalidSyntax("The body must be a JSON array.")
    return value


def _parsed(text: str) -> JSON:
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_int,
            parse_float=_float,
        )
    except RecursionError:
        raise InvalidSyntax(f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    except json.JSONDecodeError as error:
        raise NotJson(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    # Only an escape can make NUL or half of a surrogate pair, and only brackets make depth. Most bodies have
    # few.
    if "\\u" in text or text.count("{") + text.count("[") > MAX_DEPTH:
        _check(value, 1)
    return cast("JSON", value)


def _object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidSyntax(f"The key '{twice[:100]}' occurs twice in one object.")
    return result


def _constant(text: str) -> NoReturn:
    raise InvalidSyntax(f"{text} is not JSON.")


def _int(text: str) -> int:
    # The length is checked first, because Python refuses to convert thousands of digits and is slow for
    # hundreds.
    if len(text) > 20 or not -_INTEGER_LIMIT <= (number := int(text)) < _INTEGER_LIMIT:  # noqa: PLR2004
        raise InvalidValue("An integer is outside the range of 64 bits.")
    return number


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise InvalidValue("A number is too large.")
    return number


def _check(value: JSON, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise InvalidSyntax(f"The body is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, dict):
        for name, content in value.items():
            _check_text(name)
            _check(content, depth + 1)
    elif isinstance(value, list):
        for content in value:
            _check(content, depth + 1)
    elif isinstance(value, str):
        _check_text(value)


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise InvalidValue("A text contains NUL (\\u0000), which cannot be stored.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValue("A text contains half of a surrogate pair, which is not a character.") from None


def get_any_case(body: Mapping[str, JSON], name: str) -> JSON:
    """The value of a key in a SCIM message; upper and lower case are equal (RFC 7643 section 2.1)."""
    if name in body:
        return body[name]
    wanted = name.lower()
    return next((value for key, value in body.items() if key.lower() == wanted), None)


def names_schema(body: Mapping[str, JSON], urn: str) -> None:
    """Check that a message or resource contains its schema in `schemas`.

    Raises:
        InvalidSyntax: `schemas` does not contain the schema.
    """
    named = get_any_case(body, "schemas")
    if urn.lower() not in [str(one).lower() for one in (named if isinstance(named, list) else [])]:
        raise InvalidSyntax(f"The schemas of the body must contain {urn}.")
