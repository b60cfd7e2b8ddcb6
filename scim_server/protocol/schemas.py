"""marshmallow schemas made from the attribute table: a body in, canonical names and checked types out.

Only JSON types are checked; values come back as sent (DESIGN, wire 10). What is unassigned (null, "",
[]) and what a client may not set is left out.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load

from scim_server.protocol.attributes import JSON, Attribute, Mutability, ResourceType, Returned, Type
from scim_server.protocol.dialects import Tolerance, Tolerances, as_written, well_formed_path
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.filter_tree import AttributePath
from scim_server.protocol.messages import names_schema
from scim_server.protocol.normalise import moment

_EXPECTED: Final[Mapping[Type, tuple[type | tuple[type, ...], str]]] = {
    Type.STRING: (str, "a string"),
    Type.BOOLEAN: (bool, "true or false"),
    Type.DECIMAL: ((int, float), "a number"),
    Type.INTEGER: (int, "an integer"),
    Type.DATE_TIME: (str, "a dateTime in a string"),
    Type.BINARY: (str, "base64 in a string"),
    Type.REFERENCE: (str, "a URI in a string"),
}


class Simple(fields.Field[Any]):
    """A value of one of SCIM's simple types, returned as it was sent."""

    def __init__(self, attribute: Attribute, allowed: Tolerances) -> None:
        super().__init__(required=False)
        self.type = None if Tolerance.LOOSE_VALUES in allowed else attribute.type
        self.expected, self.words = _EXPECTED[attribute.type]
        self.boolean = attribute.type is Type.BOOLEAN

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002, ANN401 - marshmallow's signature
        if not isinstance(value, self.expected) or (isinstance(value, bool) and not self.boolean):
            raise ValidationError(f"must be {self.words}")
        if isinstance(value, str) and "\0" in value:
            # Bodies have none; JSON inside a text of theirs may.
            raise ValidationError("contains NUL (\\u0000), which cannot be stored")
        if self.type in (Type.DATE_TIME, Type.BINARY) and not _well_formed(self.type, str(value)):
            raise ValidationError(f"must be {self.words}")
        return value


def _well_formed(type_: Type, value: str) -> bool:
    """Whether a text is a dateTime or base64, as RFC 7643 sections 2.3.5 and 2.3.6 define them."""
    try:
        if type_ is Type.DATE_TIME:
            moment(value)
        else:
            b64decode(value, validate=True)
    except (InvalidValue, binascii.Error, ValueError):
        return False
    return True


class Named(Schema):
    """Finds attributes by their names in any case, before the fields see them."""

    attributes: Mapping[str, Attribute]
    allowed: Tolerances

    class Meta:
        """Whatever is left after `by_row` is a field."""

        unknown = RAISE

    @pre_load
    def by_row(self, data: JSON, **_: object) -> dict[str, JSON]:
        """Canonical names, values as their rows prescribe, nothing unassigned or read-only."""
        if not isinstance(data, dict):
            raise ValidationError("must be an object", field_name="")
        found: dict[str, JSON] = {}
        for key, value in data.items():
            attribute = self.attributes.get(key.lower())
            if attribute is None:
                if Tolerance.UNKNOWN_IGNORED not in self.allowed:
                    raise ValidationError("is not an attribute", field_name=key)
            elif attribute.name in found:
                raise ValidationError("is given twice", field_name=attribute.name)
            elif settable(attribute) and not unassigned(value):
                written = as_written(attribute, value, self.allowed)
                if isinstance(written, list):
                    written = [one for one in written if not (unassigned(one) or _valueless(attribute, one))]
                elif unassigned(written):  # it stood alone in a list
                    continue
                found[attribute.name] = written
        return found


def settable(attribute: Attribute) -> bool:
    """Whether a client's value is kept: not the server's own values, and never a password."""
    return attribute.mutability is not Mutability.READ_ONLY and attribute.returned is not Returned.NEVER


def unassigned(value: JSON) -> bool:
    """RFC 7643 section 2.5: null and an empty list are no value; nor, for providers, is an empty text."""
    return value is None or value in ("", [])


def _valueless(attribute: Attribute, element: JSON) -> bool:
    """Whether an element says that it has no value; one that stands for another resource is wrong instead."""
    if not isinstance(element, dict) or _names_others(attribute) or attribute.sub("value") is None:
        return False
    return any(name.lower() == "value" and unassigned(content) for name, content in element.items())


def field_of(attribute: Attribute, allowed: Tolerances) -> fields.Field[Any]:
    """The field that checks the values of one row."""
    single: fields.Field[Any]
    if attribute.type is Type.COMPLEX:
        single = fields.Nested(_named(attribute.sub_attributes, allowed))
    else:
        single = Simple(attribute, allowed)
    if attribute.multi_valued:
        return fields.List(single, required=attribute.required)
    single.required = attribute.required
    return single


def _nothing_required(attribute: Attribute) -> Attribute:
    """The same row with sub-attributes of which none is required; itself where none is."""
    if not any(sub.required for sub in attribute.sub_attributes):
        return attribute
    subs = tuple(replace(sub, required=False) for sub in attribute.sub_attributes)
    return replace(attribute, sub_attributes=subs)


def _named(attributes: Iterable[Attribute], allowed: Tolerances) -> type[Named]:
    rows = tuple(attributes)
    made = Named.from_dict({row.name: field_of(row, allowed) for row in rows if settable(row)})
    schema = cast("type[Named]", made)
    schema.attributes = {row.name.lower(): row for row in rows}
    schema.allowed = allowed
    return schema


class ResourceSchema:
    """Reads whole resources of one type, and values of single attributes for PATCH."""

    def __init__(self, resource_type: ResourceType, allowed: Tolerances) -> None:
        self.resource_type = resource_type
        self.allowed = allowed
        common = [row for row in (resource_type.resolve(None, "externalId"),) if row is not None]
        core = (*resource_type.schema.attributes, *(attribute for _, attribute in common))
        self._core = _named(core, allowed)()
        self._extensions = {
            extension.id: _named(extension.attributes, allowed)() for extension in resource_type.extensions
        }
        self._values: dict[tuple[int, bool], Named] = {}

    def load(self, body: dict[str, JSON]) -> dict[str, JSON]:
        """The resource in a request body, under canonical names; extensions under their URNs.

        Raises:
            InvalidValue: a required attribute is missing or a value is not of its type; all are named.
        """
        parts: dict[str, dict[str, JSON]] = {self.resource_type.schema.id: {}}
        for key, value in body.items():
            self._place(parts, well_formed_path(key, self.allowed), value)
        document = _load(self._core, parts.pop(self.resource_type.schema.id))
        if Tolerance.SEVERAL_PRIMARIES not in self.allowed:
            _one_primary(document)
        for urn, content in parts.items():
            if values := _load(self._extensions[urn], content, f"{urn}:"):
                document[urn] = values
        return document

    def load_value(self, attribute: Attribute, value: JSON, name: str, *, partly: bool = False) -> JSON:
        """One attribute's value as PATCH gives it, checked like a body's; None if it is unassigned.

        Args:
            name: how the client called the attribute, for the message.
            partly: whether it is merged into a value that is there, so that nothing in it is required.
        """
        if unassigned(value):
            return None
        # By identity: rows live as long as their table, and hashing a row visits all its sub-attributes.
        loader = self._values.get((id(attribute), partly))
        if loader is None:
            row = _nothing_required(attribute) if partly else attribute
            loader = self._values[id(attribute), partly] = _named([row], self.allowed)()
        loaded = _load(loader, {attribute.name: value}, name.removesuffix(attribute.name))
        return loaded.get(attribute.name)

    def load_named(self, body: dict[str, JSON]) -> dict[str, JSON]:
        """The resource in a request body, which says its schemas (RFC 7643 section 3.1).

        Raises:
            InvalidSyntax: it does not name its schema and the extensions that it uses.
            InvalidValue: as `load`.
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
        """Put one key of the body where its schema is read."""
        extension = self.resource_type.schema_of(key)
        if extension is not None and extension is not self.resource_type.schema:
            if not isinstance(value, dict):
                if unassigned(value):
                    return
                raise InvalidValue(f"{extension.id} must be an object.")
            parts.setdefault(extension.id, {}).update(value)
            return
        if key.lower() in ("schemas", "id", "meta"):
            return
        path = AttributePath.read(key) if ":" in key else None
        if path is not None and path.sub is None:
            # A fully qualified name (RFC 7644 section 3.10) is the attribute of that schema.
            found, key = self.resource_type.resolve(path.urn, path.name), path.name
        else:
            found = self.resource_type.resolve(None, key)
        parts.setdefault(found[0].id if found else self.resource_type.schema.id, {})[key] = value


def _one_primary(document: dict[str, JSON]) -> None:
    """RFC 7643 section 2.4: of the values of an attribute, at most one is primary."""
    for name, elements in document.items():
        marked = [
            element
            for element in (elements if isinstance(elements, list) else [])
            if isinstance(element, dict) and element.get("primary") is True
        ]
        if len(marked) > 1:
            raise InvalidValue(f"{name}: only one element can be primary.")


def _load(schema: Named, values: dict[str, JSON], prefix: str = "") -> dict[str, JSON]:
    try:
        loaded = schema.load(values)
    except ValidationError as error:
        raise InvalidValue(_words(error.messages_dict, prefix)) from None
    return _assigned(loaded, schema)


def _assigned(values: dict[str, Any], schema: Named) -> dict[str, JSON]:
    """Without what turned out empty, such as an object of nulls, also among the elements of a list."""
    kept = {
        name: [element for element in value if element != {}]
        if isinstance(value, list) and not _names_others(schema.attributes[name.lower()])
        else value
        for name, value in values.items()
    }
    return {name: value for name, value in kept.items() if value not in ({}, [])}


def _names_others(attribute: Attribute) -> bool:
    """Whether an element stands for another resource: one that names none is wrong instead of empty."""
    value = attribute.sub("value")
    return value is not None and value.mutability is Mutability.IMMUTABLE


def _words(messages: Mapping[Any, Any], prefix: str) -> str:
    """Marshmallow's tree of messages as one line: `emails[0].value must be a string; …`."""
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
                yield f"{name} {'is required' if text.startswith('Missing data') else text}"
