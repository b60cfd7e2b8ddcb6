"""Selects the attributes of an answer by `attributes` and `excludedAttributes` (RFC 7644 section 3.9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from scim_server.protocol.attributes import JSON, Attribute, ResourceType, Returned
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.filter_tree import AttributePath


@dataclass(frozen=True, slots=True)
class Wanted:
    """An attribute in one of these parameters. All fields are in lower case.

    Attributes:
        schema: the URN of the extension, or "" for core and common attributes.
        attribute: the name of the attribute, or "" for the whole extension.
        sub: the name of a sub-attribute, or "" for all.
    """

    schema: str
    attribute: str
    sub: str


@dataclass(frozen=True, slots=True)
class Projection:
    """Which attributes an answer contains. Attributes that are always returned cannot be left out.

    Attributes:
        only: only these attributes; None for the default set.
        without: attributes to leave out.
    """

    only: frozenset[Wanted] | None = None
    without: frozenset[Wanted] = frozenset()

    @classmethod
    def read(cls, types: Sequence[ResourceType], attributes: str | None, excluded: str | None) -> Self:
        """Read the two query parameters; names that no schema contains are ignored.

        Raises:
            InvalidValue: both parameters are given; RFC 7644 section 3.9 does not define this case.
        """
        if attributes and excluded:
            raise InvalidValue("Use either attributes or excludedAttributes, not both.")
        return cls(
            only=_names(types, attributes) if attributes else None,
            without=_names(types, excluded) if excluded else frozenset(),
        )

    @property
    def everything(self) -> bool:
        """Whether the answer contains the default attributes."""
        return self.only is None and not self.without

    def has(self, attribute: str) -> bool:
        """Whether any part of a core attribute is shown.

        Attributes that are not shown need not be computed.
        """
        name = attribute.lower()
        if self.only is not None:
            return any(wanted.schema == "" and wanted.attribute in (name, "") for wanted in self.only)
        return Wanted("", name, "") not in self.without

    def apply(self, resource_type: ResourceType, resource: dict[str, JSON]) -> dict[str, JSON]:
        """The resource with the selected attributes, in the same order."""
        if self.everything and not _asked_for_only(resource_type):
            return resource
        shown: dict[str, JSON] = {}
        for name, value in resource.items():
            extension = resource_type.schema_of(name)
            if extension is not None and isinstance(value, dict):
                urn = extension.id.lower()
                content: dict[str, JSON] = {
                    sub: kept
                    for sub, inner in value.items()
                    if (row := extension.attribute(sub)) is not None
                    and (kept := self._kept(urn, row, inner)) is not None
                }
                if content:
                    shown[name] = content
            elif (found := resource_type.resolve(None, name)) is not None:
                kept = self._kept("", found[1], value)
                if kept is not None:
                    shown[name] = kept
        return shown

    def _kept(self, schema: str, row: Attribute, value: JSON) -> JSON:
        if row.returned is Returned.ALWAYS:
            return value
        name = row.name.lower()
        chosen = self.without if self.only is None else self.only
        whole = bool({Wanted(schema, name, ""), Wanted(schema, "", "")} & chosen)
        subs = frozenset(w.sub for w in chosen if (w.schema, w.attribute) == (schema, name) and w.sub)
        if self.only is None:
            if whole or row.returned is Returned.REQUEST:
                return None
            hidden = {sub.name.lower() for sub in row.sub_attributes if sub.returned is Returned.REQUEST}
            return _subs(value, subs | hidden, keep=False) if subs or hidden else value
        return value if whole else (_subs(value, subs, keep=True) if subs else None)


@lru_cache(maxsize=1_000)
def _asked_for_only(resource_type: ResourceType) -> bool:
    """Whether the type has attributes that are returned only on request."""
    schemas = (resource_type.schema, *resource_type.extensions)
    rows = [row for schema in schemas for row in schema.attributes]
    rows += [sub for row in rows for sub in row.sub_attributes]
    return any(row.returned is Returned.REQUEST for row in rows)


EVERYTHING: Final = Projection()
"""The projection with the default attributes."""


def _subs(value: JSON, subs: frozenset[str], *, keep: bool) -> JSON:
    if isinstance(value, list):
        return [part for element in value if (part := _subs(element, subs, keep=keep))] or None
    if isinstance(value, dict):
        return {name: content for name, content in value.items() if (name.lower() in subs) is keep} or None
    return value


def _names(types: Sequence[ResourceType], text: str) -> frozenset[Wanted]:
    return frozenset(
        wanted
        for name in text.split(",")
        for resource_type in types
        if (wanted := _wanted(resource_type, name.strip())) is not None
    )


def _wanted(resource_type: ResourceType, name: str) -> Wanted | None:
    whole = resource_type.schema_of(name)
    if whole is not None:
        return Wanted(_urn(resource_type, whole.id), "", "")
    path = AttributePath.read(name)
    found = resource_type.resolve(path.urn, path.name) if path is not None else None
    if path is None or found is None:
        return None
    schema, attribute = found
    return Wanted(_urn(resource_type, schema.id), attribute.name.lower(), (path.sub or "").lower())


def _urn(resource_type: ResourceType, urn: str) -> str:
    return "" if urn == resource_type.schema.id else urn.lower()
