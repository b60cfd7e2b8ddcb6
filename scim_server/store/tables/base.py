"""The parts that the tables share: metadata, types of columns, and the reference to the organization."""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, array

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


def in_organization(organization: ColumnElement[Any], content: ColumnElement[Any]) -> ColumnElement[Any]:
    """A search document inside an object whose only key is the organization, for the index on PostgreSQL.

    The index thus finds values of one organization only (decision 35). PostgreSQL uses the index only if a
    query has the same expression, so nothing in it may be a parameter except the arguments.
    """
    outside, create = text("'{}'::jsonb"), text("true")
    return func.jsonb_set(outside, array([organization]), content, create, type_=JSONB)


def index_of_search(table: Table) -> None:
    """Add the index of all values of the search document to a table, on PostgreSQL."""
    Index(
        f"ix_{table.name}_search",
        in_organization(table.c.organization, table.c.search).label("values"),
        postgresql_using="gin",
        postgresql_ops={"values": "jsonb_path_ops"},
    ).ddl_if(dialect="postgresql")
