"""marshmallow schemas made from the attribute table. They turn bodies into values with canonical names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from marshmallow import Schema, ValidationError

from scim_server.protocol.attributes import JSON, Attribute, ResourceType
from scim_server.protocol.dialects import Tolerance, Tolerances, well_formed_path
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.filter_tree import AttributePath
from scim_server.protocol.messages import names_schema
from scim_server.protocol.plans import Plan, Value, names_others, unassigned

_MOST_PLACES: Final = 1_000
_LONGEST_PLACE: Final = 200
"""How many spellings of names a schema remembers, and how long each may be. Clients choose the spellings."""
_NOWHERE: Final = ""


@dataclass(frozen=True, slots=True)
class _Loader:
    """A marshmallow schema, and the plan with which its values are found and read.

    Attributes:
        lists: the attributes whose empty elements are left out.
    """

    plan: Plan
    schema: Schema
    lists: frozenset[str]

    @classmethod
    def of(cls, attributes: Iterable[Attribute], allowed: Tolerances) -> "_Loader":
        """Make a loader for objects with the given attributes."""
        rows = tuple(attributes)
        plan = Plan(rows, allowed)
        schema = Schema.from_dict({name: Value(row) for name, row in plan.order})()
        return cls(plan, schema, frozenset(row.name for row in rows if not names_others(row)))

    def load(self, values: dict[str, JSON], prefix: str = "") -> dict[str, JSON]:
        """The checked values with canonical names, without empty values, such as objects of nulls.

        Raises:
            InvalidValue: the message contains all faults; the prefix is before each name.
        """
        try:
            loaded: dict[str, Any] = self.schema.load(self.plan.named(values))
        except ValidationError as error:
            raise InvalidValue(_words(error.messages_dict, prefix)) from None
        kept = {}
        for name, value in loaded.items():
            if isinstance(value, list) and name in self.lists and {} in value:
                value = [element for element in value if element != {}]  # noqa: PLW2901 - the same value
            if value not in ({}, []):
                kept[name] = value
        return kept


def _nothing_required(attribute: Attribute) -> Attribute:
    """The row with no required sub-attributes; the row itself if it has none."""
    if not any(sub.required for sub in attribute.sub_attributes):
        return attribute
    subs = tuple(replace(sub, required=False) for sub in attribute.sub_attributes)
    return replace(attribute, sub_attributes=subs)


class ResourceSchema:
    """Reads whole resources of one type, and single attributes for PATCH."""

    def __init__(self, resource_type: ResourceType, allowed: Tolerances) -> None:
        self.resource_type = resource_type
        self.allowed = allowed
        common = [row for row in (resource_type.resolve(None, "externalId"),) if row is not None]
        core = (*resource_type.schema.attributes, *(attribute for _, attribute in common))
        self._core = _Loader.of(core, allowed)
        self._extensions = {
            extension.id: _Loader.of(extension.attributes, allowed) for extension in resource_type.extensions
        }
        self._values: dict[tuple[int, bool], _Loader] = {}
        self._places: dict[str, tuple[str, str]] = {}

    def load(self, body: dict[str, JSON]) -> dict[str, JSON]:
        """Read the resource in a body, with canonical names; values of extensions are under their URNs.

        Raises:
            InvalidValue: a required attribute is missing, or a value has the wrong type; the message lists
                all faults.
        """
        parts: dict[str, dict[str, JSON]] = {self.resource_type.schema.id: {}}
        for key, value in body.items():
            self._place(parts, key, value)
        document = self._core.load(parts.pop(self.resource_type.schema.id))
        if Tolerance.SEVERAL_PRIMARIES not in self.allowed:
            _one_primary(document)
        for urn, content in parts.items():
            if values := self._extensions[urn].load(content, f"{urn}:"):
                document[urn] = values
        return document

    def load_value(self, attribute: Attribute, value: JSON, name: str, *, partly: bool = False) -> JSON:
        """Read the value of one attribute in a PATCH, checked like a body; None if the value is unassigned.

        Args:
            name: the attribute as the client writes it, for the message.
            partly: whether the value is merged into an existing one, so that no part of it is required.
        """
        if unassigned(value):
            return None
        # Compared by identity. Rows live as long as their table, and hashing a row would read all its
        # sub-attributes.
        loader = self._values.get((id(attribute), partly))
        if loader is None:
            row = _nothing_required(attribute) if partly else attribute
            loader = self._values[id(attribute), partly] = _Loader.of([row], self.allowed)
        loaded = loader.load({attribute.name: value}, name.removesuffix(attribute.name))
        return loaded.get(attribute.name)

    def load_named(self, body: dict[str, JSON]) -> dict[str, JSON]:
        """Read the resource in a request body, which must contain its schemas (RFC 7643 section 3.1).

        Raises:
            InvalidSyntax: `schemas` lacks the schema of the resource or of an extension in use.
            InvalidValue: as for `load`.
        """
        if Tolerance.UNNAMED_SCHEMAS not in self.allowed:
            self._check_schemas(body)
        return self.load(body)

    def _check_schemas(self, body: dict[str, JSON]) -> None:
        names_schema(body, self.resource_type.schema.id)
        for key, value in body.items():
            extension = self.resource_type.schema_of(key)
            if extension is not None and not unassigned(value):
                names_schema(body, extension.id)

    def _place(self, parts: dict[str, dict[str, JSON]], key: str, value: JSON) -> None:
        """Move one key of the body to the place from which its schema reads it."""
        place = self._places.get(key)
        if place is None:
            place = self._find_place(well_formed_path(key, self.allowed))
            if len(self._places) < _MOST_PLACES and len(key) <= _LONGEST_PLACE:
                self._places[key] = place
        urn, name = place
        if name:
            parts.setdefault(urn, {})[name] = value
        elif urn:
            if isinstance(value, dict):
                parts.setdefault(urn, {}).update(value)
            elif not unassigned(value):
                raise InvalidValue(f"{urn} must be an object.")

    def _find_place(self, key: str) -> tuple[str, str]:
        """The URN of a key's schema, and the attribute's name; no name if the key is a whole extension."""
        extension = self.resource_type.schema_of(key)
        if extension is not None and extension is not self.resource_type.schema:
            return extension.id, ""
        if key.lower() in ("schemas", "id", "meta"):
            return _NOWHERE, ""
        path = AttributePath.read(key) if ":" in key else None
        if path is not None and path.sub is None:
            # A fully qualified name (RFC 7644 section 3.10) means the attribute of that schema.
            found, key = self.resource_type.resolve(path.urn, path.name), path.name
        else:
            found = self.resource_type.resolve(None, key)
        return found[0].id if found else self.resource_type.schema.id, key


def _one_primary(document: dict[str, JSON]) -> None:
    """RFC 7643 section 2.4: at most one value of an attribute is primary."""
    for name, elements in document.items():
        marked = [
            element
            for element in (elements if isinstance(elements, list) else [])
            if isinstance(element, dict) and element.get("primary") is True
        ]
        if len(marked) > 1:
            raise InvalidValue(f"{name}: only one element can be primary.")


def _words(messages: Mapping[Any, Any], prefix: str) -> str:
    """The faults that marshmallow found, in one line: `emails[0].value must be a string; …`."""
    return "; ".join(sorted(_flatten(messages, prefix))) + "."


def _flatten(messages: Mapping[Any, Any], path: str) -> Iterable[str]:
    for key, message in messages.items():
        if isinstance(key, int):
            name = f"{path}[{key}]"
        else:
            name = f"{path}.{key}" if path and not path.endswith((":", ".")) else f"{path}{key}"
        name = name.rstrip(".")
        if isinstance(message, Mapping):
            yield from _flatten(message, name)
        else:
            for text in message:
                yield f"{name} {text}"
