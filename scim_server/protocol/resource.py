"""A resource of a custom type: from a body to the stored values, and back to an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import orjson

from scim_server.protocol.attributes import JSON, ResourceType
from scim_server.protocol.normalise import search_document
from scim_server.protocol.user import meta, must_fit


@dataclass(frozen=True, slots=True)
class Described:
    """A resource as a provider describes it.

    Attributes:
        external_id: the provider's own id.
        document: everything that was sent, as JSON text with canonical names.
        search: the same values in the form for comparison.
    """

    external_id: str | None
    document: str
    search: Mapping[str, JSON]

    @classmethod
    def of(cls, document: Mapping[str, JSON], resource_type: ResourceType) -> Self:
        """Make a resource from a document with canonical names.

        Raises:
            InvalidValue: a value of an indexed attribute is too long.
        """
        values = dict(document)
        external_id = values.get("externalId")
        must_fit({"externalId": external_id})
        return cls(
            external_id=external_id if isinstance(external_id, str) else None,
            document=orjson.dumps(values).decode(),
            search=search_document(resource_type, values),
        )


@dataclass(frozen=True, slots=True)
class ShownResource:
    """A stored resource."""

    id: str
    created: str
    modified: str
    version: int
    document: str


def render_resource(shown: ShownResource, resource_type: ResourceType, base_url: str) -> dict[str, JSON]:
    """The resource in the form of a SCIM answer."""
    document: dict[str, JSON] = orjson.loads(shown.document)
    extensions = [urn for urn in document if urn.lower().startswith("urn:")]
    location = f"{base_url}{resource_type.endpoint}/{shown.id}"
    return {
        "schemas": [resource_type.schema.id, *extensions],
        "id": shown.id,
        **document,
        "meta": meta(resource_type.name, location, shown.created, shown.modified, shown.version),
    }
