"""Imports: directories that move in from a file or from another server, read first and then carried out."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from scim_server.store.tables.base import Document, Key, metadata, organization_column

imports = Table(
    "imports",
    metadata,
    organization_column(),
    Column("id", Key, nullable=False),
    # The name of the file or the URL of the server.
    Column("source", Text, nullable=False),
    # The digest of the file or of the URL, by which the same source is recognised.
    Column("digest", Key, nullable=False),
    Column("options", Document, nullable=False),
    Column("state", Text, nullable=False),
    # How far the source was read.
    Column("reading", Document, nullable=False),
    # How far the import was carried out: the kind of entries, the last entry, and the last member of a group.
    Column("phase", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("member", BigInteger, nullable=False),
    Column("counts", Document, nullable=False),
    Column("actor", Text, nullable=False),
    Column("created", Key, nullable=False),
    Column("changed", Key, nullable=False),
    PrimaryKeyConstraint("organization", "id"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("state IN ('reading', 'ready', 'running', 'done', 'cancelled')", name="state"),
    Index(None, "organization", "digest"),
)


def _of_import() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization", "job"], ["imports.organization", "imports.id"], ondelete="CASCADE"
    )


# The people, groups and other entries of a source, in its order.
import_entries = Table(
    "import_entries",
    metadata,
    organization_column(),
    Column("job", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("position", BigInteger, nullable=False),
    # The id in the source, or a text that stands for it.
    Column("source_id", Key, nullable=False),
    # The userName or displayName in the form for comparison.
    Column("key", Key),
    # The id in this organization.
    Column("target", Key, nullable=False),
    Column("line", BigInteger),
    # The values as JSON text; null after they are no longer needed.
    Column("body", Text),
    # The result, unless the entry was simply created.
    Column("outcome", Text),
    Column("detail", Text),
    PrimaryKeyConstraint("organization", "job", "kind", "position"),
    _of_import(),
    # The import is not first in these indexes. Before PostgreSQL has statistics, it would else read all
    # entries of the import to find one by its position.
    Index(None, "organization", "source_id", "job", "kind"),
    Index(None, "organization", "key", "job", "kind"),
    Index(None, "organization", "target", "job", "kind"),
)

# The members of the groups of a source.
import_members = Table(
    "import_members",
    metadata,
    organization_column(),
    Column("job", Key, nullable=False),
    # The position of the group among the groups of the import.
    Column("group_position", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    # The id of the member in the source.
    Column("member", Key, nullable=False),
    PrimaryKeyConstraint("organization", "job", "group_position", "number"),
    _of_import(),
    Index(None, "organization", "member", "job"),
)
