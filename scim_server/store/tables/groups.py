"""Groups, their members and their mappings."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from scim_server.store.tables.base import (
    Document,
    Key,
    belongs_to,
    index_of_search,
    metadata,
    organization_column,
)

groups = Table(
    "groups",
    metadata,
    organization_column(),
    Column("id", Key, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("display_name_key", Key, nullable=False),
    Column("external_id", Key),
    # The number of rows in group_members. It decides between the answers 200 and 204.
    Column("members", BigInteger, nullable=False),
    Column("created", Key, nullable=False),
    Column("modified", Key, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("search", Document, nullable=False),
    PrimaryKeyConstraint("organization", "id"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    UniqueConstraint("organization", "sequence"),
    Index(None, "organization", "display_name_key"),
    Index(None, "organization", "external_id"),
    Index(None, "organization", "modified"),
)
index_of_search(groups)

group_members = Table(
    "group_members",
    metadata,
    organization_column(),
    Column("group_id", Key, nullable=False),
    Column("person", Key, nullable=False),
    PrimaryKeyConstraint("organization", "group_id", "person"),
    belongs_to("groups", "group_id"),
    belongs_to("people", "person"),
    Index(None, "organization", "person"),
)

group_subgroups = Table(
    "group_subgroups",
    metadata,
    organization_column(),
    Column("group_id", Key, nullable=False),
    Column("subgroup", Key, nullable=False),
    PrimaryKeyConstraint("organization", "group_id", "subgroup"),
    belongs_to("groups", "group_id"),
    belongs_to("groups", "subgroup"),
    Index(None, "organization", "subgroup"),
)

# Every group with each group inside it, at any depth, and with itself, so that a join finds indirect members.
# The rows are written when groups are nested, which is rare, and read with every person.
group_closure = Table(
    "group_closure",
    metadata,
    organization_column(),
    Column("ancestor", Key, nullable=False),
    Column("descendant", Key, nullable=False),
    PrimaryKeyConstraint("organization", "ancestor", "descendant"),
    belongs_to("groups", "ancestor"),
    belongs_to("groups", "descendant"),
    Index(None, "organization", "descendant"),
)

# Mappings of groups. A group does not need to exist yet; the mapping has its name or externalId.
group_mappings = Table(
    "group_mappings",
    metadata,
    organization_column(),
    # The name of the group in the form for comparison.
    Column("key", Key, nullable=False),
    Column("name", Key, nullable=False),
    Column("tier", Key),
    Column("role", Text),
    Column("priority", BigInteger),
    PrimaryKeyConstraint("organization", "key"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["organization", "tier"], ["seat_pool.organization", "seat_pool.tier"]),
    CheckConstraint("role IN ('user', 'admin', 'owner')", name="role"),
)
