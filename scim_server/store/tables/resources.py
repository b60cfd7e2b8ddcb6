"""Custom schemas, custom resource types and their resources."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from scim_server.store.tables.base import Document, Key, index_of_search, metadata, organization_column

schemas = Table(
    "schemas",
    metadata,
    organization_column(),
    # The URN in lower case.
    Column("key", Key, nullable=False),
    Column("urn", Text, nullable=False),
    # 'User', 'Group', or '' for a schema that only custom resource types use.
    Column("extends", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("created", Key, nullable=False),
    PrimaryKeyConstraint("organization", "key"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
)

resource_types = Table(
    "resource_types",
    metadata,
    organization_column(),
    # The endpoint in lower case, without the leading slash.
    Column("key", Key, nullable=False),
    Column("name", Key, nullable=False),
    Column("definition", Text, nullable=False),
    Column("created", Key, nullable=False),
    PrimaryKeyConstraint("organization", "key"),
    UniqueConstraint("organization", "name"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
)

resources = Table(
    "resources",
    metadata,
    organization_column(),
    Column("id", Key, nullable=False),
    Column("type", Key, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("external_id", Key),
    Column("created", Key, nullable=False),
    Column("modified", Key, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("search", Document, nullable=False),
    PrimaryKeyConstraint("organization", "id"),
    ForeignKeyConstraint(["organization", "type"], ["resource_types.organization", "resource_types.name"]),
    UniqueConstraint("organization", "sequence"),
    Index(None, "organization", "type", "sequence"),
    Index(None, "organization", "type", "external_id"),
)
index_of_search(resources)
