"""Examples of answers, computed from their schemas."""

from collections.abc import Callable, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_BY_NAME: Final[Mapping[str, object]] = {
    "organization": "acme",
    "org": "acme",
    "slug": "acme",
    "base_url": "https://seats.example.com/orgs/acme/scim/v2",
    "console_url": "https://seats.example.com/console/acme/sign-in/scl_...",
    "url": "https://seats.example.com/console/acme/sign-in/scl_...",
    "token": "scs_...",
    "user_name": "ada@example.com",
    "email": "ada@example.com",
    "tier": "standard",
    "role": "user",
    "mode": "scim",
    "overflow": "queue",
    "currency": "USD",
    "amount": "1000.00",
    "id": "3f0c1c5e-6a43-4d0e-9d1c-0f2b7a9f5b11",
    "person": "3f0c1c5e-6a43-4d0e-9d1c-0f2b7a9f5b11",
    "next_cursor": None,
    "confirmation": "5d3c0b0f2a914e7b8a6f1c2d9be07c41",
}
_MOMENTS: Final = frozenset({"created", "last_used", "first_attempt", "last_attempt", "at", "expires"})
_NULL: Final = "null"


def example_of(schema: Schema, schemas: Mapping[str, Any], name: str = "") -> object:
    """An example of a schema; values follow from the names of the fields.

    Args:
        schemas: the named schemas.
    """
    if "example" in schema:
        return schema["example"]
    if "enum" in schema:
        return schema["enum"][0]
    inner = _inner(schema, schemas)
    if inner is not None:
        return example_of(inner, schemas, name)
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else next((one for one in kinds if one != _NULL), _NULL)
    made: dict[str, Callable[[], object]] = {
        "object": lambda: _object(schema, schemas),
        "array": lambda: [example_of(schema["items"], schemas, name)] if schema.get("items") else [],
        "integer": lambda: 1,
        "number": lambda: 1,
        "boolean": lambda: True,
    }
    return made.get(kind, lambda: _text(schema, kinds, name))()


def _inner(schema: Schema, schemas: Mapping[str, Any]) -> Schema | None:
    """The schema to which another one refers."""
    if "$ref" in schema:
        found: Schema = schemas[schema["$ref"].rpartition("/")[2]]
        return found
    several = next((schema[word] for word in ("allOf", "anyOf", "oneOf") if word in schema), None)
    return several[0] if several else None


def _object(schema: Schema, schemas: Mapping[str, Any]) -> dict[str, object]:
    found = {name: example_of(inner, schemas, name) for name, inner in schema.get("properties", {}).items()}
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping) and others:
        found["standard"] = example_of(others, schemas)
    return found


def _text(schema: Schema, kinds: object, name: str) -> object:
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name in _MOMENTS or schema.get("format") == "date-time":
        return "2026-03-01T08:30:00.000000Z"
    if schema.get("format") == "date":
        return "2026-03-01"
    return None if not isinstance(kinds, str) else name or "text"
