"""JSON Schemas of the payloads, made from the classes and their docstrings."""

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING
from types import NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

from scim_server.history.event import Event, payload_fields, stored_key

Schema = dict[str, Any]

_TYPES: Final[Mapping[object, str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_ATTRIBUTE: Final = re.compile(r"^    (\w+): (.+(?:\n        .+)*)", re.MULTILINE)


def appended(event: type[Event]) -> str:
    """The sentence that states when an event of this type is appended."""
    return _docstring(event).partition("\n\n")[0].replace("\n", " ")


def payload(event: type[Event]) -> Schema:
    """The schema of the payload of events of this type.

    Keys that programs get as differences are left out. Programs must accept further keys.
    """
    hints, texts = get_type_hints(event), descriptions(event)
    properties: Schema = {}
    required: list[str] = []
    for one in payload_fields(event):
        key = stored_key(one)
        if one.metadata.get("rest"):
            return {"type": "object", "description": texts[one.name]}
        if key in event.in_differences:
            continue
        properties[key] = {**_of(hints[one.name]), "description": texts[one.name]}
        if one.default is MISSING:
            required.append(key)
    return {"type": "object", "properties": properties, "required": required}


def descriptions(event: type[Event]) -> dict[str, str]:
    """The documentation of each payload field."""
    found: dict[str, str] = {}
    for class_ in reversed(event.__mro__):
        if issubclass(class_, Event):
            for name, text in _ATTRIBUTE.findall(_docstring(class_)):
                found[name] = re.sub(r"\s+", " ", text)
    return found


def _docstring(class_: type[Event]) -> str:
    return inspect.cleandoc(class_.__dict__.get("__doc__") or "")


def _of(hint: Any) -> Schema:  # noqa: ANN401 - a type with its arguments
    """The schema of values of a type."""
    if NoneType in get_args(hint):
        (inner,) = (one for one in get_args(hint) if one is not NoneType)
        return {"anyOf": [_of(inner), {"type": "null"}]}
    if get_origin(hint) is Mapping:
        return {"type": "object", "additionalProperties": _of(get_args(hint)[1])}
    if get_origin(hint) is Sequence:
        return {"type": "array", "items": _of(get_args(hint)[0])}
    return {"type": _TYPES[hint]} if hint in _TYPES else {}
