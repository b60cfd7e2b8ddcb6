"""Events about custom schemas and resource types, and about resources of custom types."""

from dataclasses import dataclass, field
from typing import ClassVar

from scim_server.history.event import Event, stored_as


@dataclass(frozen=True, kw_only=True)
class SchemaEvent(Event):
    """An event about one schema.

    Attributes:
        schema: its URN.
        extends: the resource type that the schema extends; empty if there is none.
    """

    public: ClassVar[bool] = False
    version: ClassVar[int] = 1

    schema: str
    extends: str


@dataclass(frozen=True, kw_only=True)
class SchemaAdded(SchemaEvent):
    """Appended when a schema is added."""

    type: ClassVar[str] = "schema.added"


@dataclass(frozen=True, kw_only=True)
class SchemaRemoved(SchemaEvent):
    """Appended when a schema is removed."""

    type: ClassVar[str] = "schema.removed"


@dataclass(frozen=True, kw_only=True)
class ResourceTypeAdded(Event):
    """Appended when a resource type is added.

    Attributes:
        name: of the resource type.
        endpoint: the path of its resources.
    """

    type: ClassVar[str] = "resource_type.added"
    public: ClassVar[bool] = False
    version: ClassVar[int] = 1

    name: str = field(metadata=stored_as("type"))
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class ResourceTypeRemoved(Event):
    """Appended when a resource type is removed.

    Attributes:
        name: of the resource type.
    """

    type: ClassVar[str] = "resource_type.removed"
    public: ClassVar[bool] = False
    version: ClassVar[int] = 1

    name: str = field(metadata=stored_as("type"))


@dataclass(frozen=True, kw_only=True)
class ResourceEvent(Event):
    """An event about one resource of a custom type.

    Attributes:
        resource_type: the name of its type.
        resource: its id.
    """

    public: ClassVar[bool] = False
    version: ClassVar[int] = 1

    resource_type: str = field(metadata=stored_as("type"))
    resource: str


@dataclass(frozen=True, kw_only=True)
class ResourceCreated(ResourceEvent):
    """Appended when a resource is created."""

    type: ClassVar[str] = "resource.created"


@dataclass(frozen=True, kw_only=True)
class ResourceUpdated(ResourceEvent):
    """Appended when values of a resource change."""

    type: ClassVar[str] = "resource.updated"


@dataclass(frozen=True, kw_only=True)
class ResourceDeleted(ResourceEvent):
    """Appended when a resource is deleted."""

    type: ClassVar[str] = "resource.deleted"
