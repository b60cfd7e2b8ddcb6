"""The parts that the tables share: metadata, types of columns, and the reference to the organization."""

from enum import StrEnum
from typing import Final

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, MetaData, Text
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
"""Text that is searched, ordered or compared, by bytes on both databases."""

Document: Final = JSON().with_variant(JSONB(), "postgresql")
"""JSON that SQL can read."""


def organization_column() -> Column[str]:
    """The first column of every key, with the organization's id."""
    return Column("organization", Key, nullable=False)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The rule that a column contains only values of an enum."""
    listed = ", ".join(f"'{one.value}'" for one in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def belongs_to(table: str, *columns: str) -> ForeignKeyConstraint:
    """A foreign key to a row of the same organization. Deleting that row deletes this row too."""
    return ForeignKeyConstraint(
        ["organization", *columns],
        [f"{table}.organization", *(f"{table}.id" for _ in columns)],
        ondelete="CASCADE",
    )
