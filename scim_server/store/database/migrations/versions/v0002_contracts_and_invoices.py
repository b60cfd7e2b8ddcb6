"""Contracts, invoices, and the dates on which something changes for an organization."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
IMMUTABLE = {
    "invoices": ("organization", "number"),
    "invoice_lines": ("organization", "invoice", "position"),
}


def upgrade() -> None:
    op.create_table(
        "contracts",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("start", KEY, nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("proration", sa.Text(), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("auto_renew", sa.Boolean(), nullable=False),
        sa.Column("renewal", sa.Text(), nullable=False),
        sa.Column("tax_percent", sa.Text(), nullable=True),
        sa.Column("tax_inclusive", sa.Boolean(), nullable=False),
        sa.Column("signed", sa.BigInteger(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("bill_to", sa.Text(), nullable=False),
        sa.Column("ended", KEY, nullable=True),
        sa.CheckConstraint("months > 0 AND term > 0 AND minimum >= 0", name=op.f("ck_contracts_numbers")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_contracts_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", name=op.f("pk_contracts")),
    )
    op.create_table(
        "contract_tiers",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("tier", KEY, nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("per", sa.Text(), nullable=True),
        sa.Column("scheduled", sa.BigInteger(), nullable=True),
        sa.Column("billed_ahead", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "price >= 0 AND (price IS NULL) = (per IS NULL)", name=op.f("ck_contract_tiers_price")
        ),
        sa.CheckConstraint("scheduled >= 0 AND billed_ahead >= 0", name=op.f("ck_contract_tiers_scheduled")),
        sa.ForeignKeyConstraint(
            ["organization", "tier"],
            ["seat_pool.organization", "seat_pool.tier"],
            name=op.f("fk_contract_tiers_organization_tier_seat_pool"),
        ),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["contracts.organization"],
            name=op.f("fk_contract_tiers_organization_contracts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "tier", name=op.f("pk_contract_tiers")),
    )
    op.create_table(
        "invoices",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("reason", KEY, nullable=False),
        sa.Column("issued", KEY, nullable=False),
        sa.Column("since", KEY, nullable=False),
        sa.Column("until", KEY, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=True),
        sa.Column("inputs", DOCUMENT, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_invoices_number")),
        sa.CheckConstraint("total = net + tax", name=op.f("ck_invoices_sum")),
        sa.ForeignKeyConstraint(
            ["organization", "credits"],
            ["invoices.organization", "invoices.number"],
            name=op.f("fk_invoices_organization_credits_invoices"),
        ),
        sa.ForeignKeyConstraint(
            ["organization", "sequence"],
            ["events.organization", "events.sequence"],
            name=op.f("fk_invoices_organization_sequence_events"),
        ),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_invoices_organization_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization", "number", name=op.f("pk_invoices")),
        sa.UniqueConstraint("organization", "sequence", name=op.f("uq_invoices_organization_sequence")),
    )
    op.create_index(
        op.f("ix_invoices_organization_credits"), "invoices", ["organization", "credits"], unique=False
    )
    op.create_table(
        "invoice_lines",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("invoice", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tier", KEY, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("fraction", sa.Text(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("credits_invoice", sa.BigInteger(), nullable=True),
        sa.Column("credits_position", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization", "invoice"],
            ["invoices.organization", "invoices.number"],
            name=op.f("fk_invoice_lines_organization_invoice_invoices"),
        ),
        sa.PrimaryKeyConstraint("organization", "invoice", "position", name=op.f("pk_invoice_lines")),
        sa.UniqueConstraint(
            "organization",
            "credits_invoice",
            "credits_position",
            name=op.f("uq_invoice_lines_organization_credits_invoice_credits_position"),
        ),
    )
    op.create_table(
        "purchases",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("invoice", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization", "invoice"],
            ["invoices.organization", "invoices.number"],
            name=op.f("fk_purchases_organization_invoice_invoices"),
        ),
        sa.ForeignKeyConstraint(
            ["organization", "sequence"],
            ["events.organization", "events.sequence"],
            name=op.f("fk_purchases_organization_sequence_events"),
        ),
        sa.PrimaryKeyConstraint("organization", "key", name=op.f("pk_purchases")),
    )
    op.add_column("organization_clock", sa.Column("opens", KEY, nullable=True))
    op.add_column("organization_clock", sa.Column("closes", KEY, nullable=True))
    op.add_column("organization_clock", sa.Column("suspended", KEY, nullable=True))
    op.add_column("organization_clock", sa.Column("due", KEY, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        _protect_invoices_postgresql()
    else:
        _protect_invoices_sqlite()
        _describe_tables_to_sqlite()


def _protect_invoices_sqlite() -> None:
    for table, key in IMMUTABLE.items():
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'invoices are immutable'); END"
            )
        # INSERT OR REPLACE deletes a row without a DELETE.
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(
            f"CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} "  # noqa: S608 - no outside text
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
            "BEGIN SELECT RAISE(ABORT, 'invoices are immutable'); END"
        )


def _protect_invoices_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION invoices_immutable() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'invoices are immutable'; END $$"
    )
    for table in IMMUTABLE:
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION invoices_immutable()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION invoices_immutable()"
        )


def _describe_tables_to_sqlite() -> None:
    """Statistics for the new tables. The first migration explains their purpose and form."""
    connection = op.get_bind()
    for table in ("contracts", "contract_tiers", *IMMUTABLE, "purchases"):
        for _, index, unique, *_ in connection.exec_driver_sql(f"PRAGMA index_list({table})").fetchall():
            columns = len(connection.exec_driver_sql(f"PRAGMA index_info({index})").fetchall())
            found = [1000, *[4] * (columns - 1)][:columns]
            if unique:
                found[-1] = 1
            stat = " ".join(str(number) for number in (1_000_000, *found))
            connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, index, stat))


def downgrade() -> None:
    raise NotImplementedError("invoices cannot be deleted; restore the backup from before the upgrade")
