"""The first tables.

The tables are written out here and not taken from `store.tables`, because a migration must not change later.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")

# Events are appended and never changed. Only personal values can be erased.
FIXED = [
    "organization",
    "sequence",
    "at",
    "type",
    "way_in",
    "actor",
    "request_id",
    "person",
    "group_id",
    "reason",
    "status",
    "seats",
    "payload",
]


def upgrade() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("slug", KEY, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("overflow", sa.Text(), nullable=False),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.Column("seat_extension", sa.Boolean(), nullable=True),
        sa.Column("require_if_match", sa.Boolean(), nullable=False),
        sa.Column("schemas_version", sa.BigInteger(), nullable=False),
        sa.Column("cursor_key", sa.Text(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.CheckConstraint("mode IN ('manual', 'jit', 'scim')", name=op.f("ck_organizations_mode")),
        sa.CheckConstraint("overflow IN ('reject', 'queue')", name=op.f("ck_organizations_overflow")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("slug", name=op.f("uq_organizations_slug")),
    )
    op.create_table(
        "events",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("way_in", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("person", KEY, nullable=True),
        sa.Column("group_id", KEY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("seats", DOCUMENT, nullable=False),
        sa.Column("payload", DOCUMENT, nullable=False),
        sa.Column("personal", DOCUMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_events_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "sequence", name=op.f("pk_events")),
    )
    op.create_index(
        op.f("ix_events_organization_person_sequence"),
        "events",
        ["organization", "person", "sequence"],
        unique=False,
    )
    op.create_index(
        op.f("ix_events_organization_type_sequence"),
        "events",
        ["organization", "type", "sequence"],
        unique=False,
    )
    op.create_table(
        "groups",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("display_name_key", KEY, nullable=False),
        sa.Column("external_id", KEY, nullable=True),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("modified", KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("search", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_groups_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "id", name=op.f("pk_groups")),
        sa.UniqueConstraint("organization", "sequence", name=op.f("uq_groups_organization_sequence")),
    )
    op.create_index(
        op.f("ix_groups_organization_display_name_key"),
        "groups",
        ["organization", "display_name_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_groups_organization_external_id"), "groups", ["organization", "external_id"], unique=False
    )
    op.create_index(
        op.f("ix_groups_organization_modified"), "groups", ["organization", "modified"], unique=False
    )
    op.create_table(
        "organization_clock",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("groups", sa.BigInteger(), nullable=False),
        sa.Column("waiting_any", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "sequence >= 0 AND people >= 0 AND groups >= 0 AND waiting_any >= 0",
            name=op.f("ck_organization_clock_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_organization_clock_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", name=op.f("pk_organization_clock")),
    )
    op.create_table(
        "resource_types",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_resource_types_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "key", name=op.f("pk_resource_types")),
        sa.UniqueConstraint("organization", "name", name=op.f("uq_resource_types_organization_name")),
    )
    op.create_table(
        "schemas",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("urn", sa.Text(), nullable=False),
        sa.Column("extends", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_schemas_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "key", name=op.f("pk_schemas")),
    )
    op.create_table(
        "seat_pool",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("tier", KEY, nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("purchased", sa.BigInteger(), nullable=False),
        sa.Column("assigned", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("assigned + held <= purchased", name=op.f("ck_seat_pool_not_oversold")),
        sa.CheckConstraint(
            "purchased >= 0 AND assigned >= 0 AND held >= 0 AND waiting >= 0",
            name=op.f("ck_seat_pool_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_seat_pool_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "tier", name=op.f("pk_seat_pool")),
        sa.UniqueConstraint("organization", "rank", name=op.f("uq_seat_pool_organization_rank")),
    )
    op.create_table(
        "tokens",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=True),
        sa.Column("revoked", KEY, nullable=True),
        sa.Column("last_used", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_tokens_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("organization", "digest", name=op.f("uq_tokens_organization_digest")),
    )
    op.create_table(
        "group_closure",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("ancestor", KEY, nullable=False),
        sa.Column("descendant", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "ancestor"],
            ["groups.organization", "groups.id"],
            name=op.f("fk_group_closure_organization_ancestor_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization", "descendant"],
            ["groups.organization", "groups.id"],
            name=op.f("fk_group_closure_organization_descendant_groups"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "ancestor", "descendant", name=op.f("pk_group_closure")),
    )
    op.create_index(
        op.f("ix_group_closure_organization_descendant"),
        "group_closure",
        ["organization", "descendant"],
        unique=False,
    )
    op.create_table(
        "group_subgroups",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("subgroup", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "group_id"],
            ["groups.organization", "groups.id"],
            name=op.f("fk_group_subgroups_organization_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization", "subgroup"],
            ["groups.organization", "groups.id"],
            name=op.f("fk_group_subgroups_organization_subgroup_groups"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "group_id", "subgroup", name=op.f("pk_group_subgroups")),
    )
    op.create_index(
        op.f("ix_group_subgroups_organization_subgroup"),
        "group_subgroups",
        ["organization", "subgroup"],
        unique=False,
    )
    op.create_table(
        "people",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("user_name_key", KEY, nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("external_id", KEY, nullable=True),
        sa.Column("display_name_key", KEY, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("tier", KEY, nullable=True),
        sa.Column("wants", KEY, nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=True),
        sa.Column("waiting_since", KEY, nullable=True),
        sa.Column("created", KEY, nullable=False),
        sa.Column("modified", KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("search", DOCUMENT, nullable=False),
        sa.CheckConstraint(
            "role IN ('primary_owner', 'owner', 'admin', 'user')", name=op.f("ck_people_role")
        ),
        sa.CheckConstraint(
            "(wants IS NULL) = (arrival IS NULL) AND (wants IS NULL) = (waiting_since IS NULL)",
            name=op.f("ck_people_waiting"),
        ),
        sa.CheckConstraint(
            "active OR (tier IS NULL AND wants IS NULL)", name=op.f("ck_people_inactive_takes_nothing")
        ),
        sa.ForeignKeyConstraint(
            ["organization", "tier"],
            ["seat_pool.organization", "seat_pool.tier"],
            name=op.f("fk_people_organization_tier_seat_pool"),
        ),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_people_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "id", name=op.f("pk_people")),
        sa.UniqueConstraint("organization", "sequence", name=op.f("uq_people_organization_sequence")),
        sa.UniqueConstraint(
            "organization", "user_name_key", name=op.f("uq_people_organization_user_name_key")
        ),
    )
    op.create_index(
        op.f("ix_people_organization_active_sequence"),
        "people",
        ["organization", "active", "sequence"],
        unique=False,
    )
    op.create_index(
        op.f("ix_people_organization_display_name_key"),
        "people",
        ["organization", "display_name_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_people_organization_external_id"), "people", ["organization", "external_id"], unique=False
    )
    op.create_index(
        op.f("ix_people_organization_modified"), "people", ["organization", "modified"], unique=False
    )
    op.create_index(
        "ix_people_queue",
        "people",
        ["organization", "wants", "priority", "arrival"],
        unique=False,
        sqlite_where=sa.text("wants IS NOT NULL"),
        postgresql_where=sa.text("wants IS NOT NULL"),
    )
    op.create_index(
        "uq_people_one_primary_owner",
        "people",
        ["organization"],
        unique=True,
        sqlite_where=sa.text("role = 'primary_owner'"),
        postgresql_where=sa.text("role = 'primary_owner'"),
    )
    op.create_table(
        "refusals",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("user_name_key", KEY, nullable=False),
        sa.Column("user_name", sa.Text(), nullable=True),
        sa.Column("person", KEY, nullable=True),
        sa.Column("way_in", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("wants", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("first_attempt", KEY, nullable=False),
        sa.Column("last_attempt", KEY, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("closed", KEY, nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization", "sequence"],
            ["events.organization", "events.sequence"],
            name=op.f("fk_refusals_organization_sequence_events"),
        ),
        sa.PrimaryKeyConstraint("organization", "sequence", name=op.f("pk_refusals")),
    )
    op.create_index(
        "ix_refusals_open_of_person",
        "refusals",
        ["organization", "person"],
        unique=False,
        sqlite_where=sa.text("closed IS NULL"),
        postgresql_where=sa.text("closed IS NULL"),
    )
    op.create_index(
        "uq_refusals_one_open",
        "refusals",
        ["organization", "user_name_key"],
        unique=True,
        sqlite_where=sa.text("closed IS NULL"),
        postgresql_where=sa.text("closed IS NULL"),
    )
    op.create_table(
        "resources",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("external_id", KEY, nullable=True),
        sa.Column("created", KEY, nullable=False),
        sa.Column("modified", KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("search", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "type"],
            ["resource_types.organization", "resource_types.name"],
            name=op.f("fk_resources_organization_type_resource_types"),
        ),
        sa.PrimaryKeyConstraint("organization", "id", name=op.f("pk_resources")),
        sa.UniqueConstraint("organization", "sequence", name=op.f("uq_resources_organization_sequence")),
    )
    op.create_index(
        op.f("ix_resources_organization_type_external_id"),
        "resources",
        ["organization", "type", "external_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_resources_organization_type_sequence"),
        "resources",
        ["organization", "type", "sequence"],
        unique=False,
    )
    op.create_table(
        "group_members",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "group_id"],
            ["groups.organization", "groups.id"],
            name=op.f("fk_group_members_organization_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization", "person"],
            ["people.organization", "people.id"],
            name=op.f("fk_group_members_organization_person_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "group_id", "person", name=op.f("pk_group_members")),
    )
    op.create_index(
        op.f("ix_group_members_organization_person"),
        "group_members",
        ["organization", "person"],
        unique=False,
    )
    op.create_table(
        "person_values",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("attribute", KEY, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "person"],
            ["people.organization", "people.id"],
            name=op.f("fk_person_values_organization_person_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "organization", "person", "attribute", "position", name=op.f("pk_person_values")
        ),
    )
    op.create_index(
        op.f("ix_person_values_organization_attribute_value"),
        "person_values",
        ["organization", "attribute", "value"],
        unique=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_groups_search",
            "groups",
            ["search"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"search": "jsonb_path_ops"},
        )
        op.create_index(
            "ix_people_search",
            "people",
            ["search"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"search": "jsonb_path_ops"},
        )
        op.create_index(
            "ix_resources_search",
            "resources",
            ["search"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"search": "jsonb_path_ops"},
        )
        _protect_events_postgresql()
    else:
        _protect_events_sqlite()
        _describe_tables_to_sqlite()


def _protect_events_sqlite() -> None:
    op.execute(
        f"CREATE TRIGGER events_fixed BEFORE UPDATE OF {', '.join(FIXED)} ON events "
        "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER events_kept BEFORE DELETE ON events "
        "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
    )


def _describe_tables_to_sqlite() -> None:
    """Tell the planner of SQLite how large the tables will be.

    Without statistics, the planner assumes that an organization has ten rows, and reads all of them. These
    statistics assume a thousand organizations with a thousand rows each. They do not need to be correct, only
    larger than the number of rows that an index finds.
    """
    op.execute("ANALYZE")  # This creates the table sqlite_stat1.
    op.execute("DELETE FROM sqlite_stat1")
    connection = op.get_bind()
    tables = sa.inspect(connection).get_table_names()
    for table in (name for name in tables if name not in ("alembic_version", "organizations")):
        for _, index, unique, *_ in connection.exec_driver_sql(f"PRAGMA index_list({table})").fetchall():
            columns = len(connection.exec_driver_sql(f"PRAGMA index_info({index})").fetchall())
            # The number of all rows, then of rows for each longer prefix of the index: one organization, then
            # few rows.
            found = [1000, *[4] * (columns - 1)][:columns]
            if unique:
                found[-1] = 1
            stat = " ".join(str(number) for number in (1_000_000, *found))
            connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, index, stat))


def _protect_events_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER events_fixed BEFORE UPDATE OF {', '.join(FIXED)} ON events "
        "FOR EACH ROW EXECUTE FUNCTION events_append_only()"
    )
    op.execute(
        "CREATE TRIGGER events_kept BEFORE DELETE ON events "
        "FOR EACH ROW EXECUTE FUNCTION events_append_only()"
    )


def downgrade() -> None:
    raise NotImplementedError("the first tables are removed with the database")
