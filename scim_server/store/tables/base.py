"""What the tables share: their metadata, types of columns, and how rows belong to an organization."""

from typing import Final

from sqlalchemy import JSON, Column, ForeignKeyConstraint, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

Key: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is looked up, ordered or compared: by bytes on both databases."""

Document: Final = JSON().with_variant(JSONB(), "postgresql")
"""JSON that SQL reads into."""


def organization_column() -> Column[str]:
    """Make the first column of every key: the organization's id."""
    return Column("organization", Key, nullable=False)


def belongs_to(table: str, *columns: str) -> ForeignKeyConstraint:
    """Make a foreign key to a row of the same organization, which is deleted with it."""
    return ForeignKeyConstraint(
        ["organization", *columns],
        [f"{table}.organization", *(f"{table}.id" for _ in columns)],
        ondelete="CASCADE",
    )
