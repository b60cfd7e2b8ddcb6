"""People, deleted people, and mass removals."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from scim_server.store.tables.base import (
    Document,
    Key,
    belongs_to,
    index_of_search,
    metadata,
    organization_column,
)
from seat_policy.ways_in import WayIn

_ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user"
SEARCHED: Final = {
    "ix_people_family_name": ("name", "familyname"),
    "ix_people_given_name": ("name", "givenname"),
    "ix_people_employee_number": (_ENTERPRISE, "employeenumber"),
    "ix_people_department": (_ENTERPRISE, "department"),
    "ix_people_manager": (_ENTERPRISE, "manager", "value"),
}
"""Indexes on SQLite for values of the search document by which people are searched (decision 30)."""


def searched_value(path: tuple[str, ...]) -> str:
    """A value of the search document, as the indexes of SQLite contain it."""
    return f"json_extract(search, {json_path(path)})"


def json_path(path: tuple[str, ...]) -> str:
    """A path into a JSON document, written for SQLite. An index does not work if the path is a parameter."""
    return "'$" + "".join(f'."{key}"' for key in path) + "'"


_OWNS: Final = "role IN ('owner', 'primary_owner')"

people = Table(
    "people",
    metadata,
    organization_column(),
    Column("id", Key, nullable=False),
    # The number of the event that created the row, for the order of pages.
    Column("sequence", BigInteger, nullable=False),
    Column("user_name_key", Key, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("external_id", Key),
    Column("display_name_key", Key),
    Column("active", Boolean, nullable=False),
    Column("role", Text, nullable=False),
    # Whether a group gave the role. Without the group, the role is then lost.
    Column("role_mapped", Boolean, nullable=False, server_default=false()),
    # The tier of the person's seat.
    Column("tier", Key),
    # The tier that the person waits for, or 'any'.
    Column("wants", Key),
    Column("priority", BigInteger, nullable=False),
    # Whether an admin set the priority, for the present wait.
    Column("prioritised", Boolean, nullable=False, server_default=false()),
    # The number of the event that put the person in the queue.
    Column("arrival", BigInteger),
    Column("waiting_since", Key),
    # Why an active person has no seat and does not wait.
    Column("unseated", Text),
    # The way in which the person became a member.
    Column("way_in", Text, nullable=False, server_default=WayIn.SCIM.value),
    # When an admin let the person in from the log; null after the provider has sent the person.
    Column("unconfirmed", Key),
    # When the provider last sent the person in a write, to within a day.
    Column("touched", Key),
    # When the person last signed in.
    Column("signed_in", Key),
    Column("created", Key, nullable=False),
    Column("modified", Key, nullable=False),
    Column("version", BigInteger, nullable=False),
    # The resource as the provider sent it, without values that have columns or are computed.
    Column("document", Text, nullable=False),
    # The same values in the form for comparison: the search document.
    Column("search", Document, nullable=False),
    PrimaryKeyConstraint("organization", "id"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["organization", "tier"], ["seat_pool.organization", "seat_pool.tier"]),
    UniqueConstraint("organization", "user_name_key"),
    UniqueConstraint("organization", "sequence"),
    CheckConstraint("active OR (tier IS NULL AND wants IS NULL)", name="inactive_takes_nothing"),
    CheckConstraint(
        "(wants IS NULL) = (arrival IS NULL) AND (wants IS NULL) = (waiting_since IS NULL)", name="waiting"
    ),
    CheckConstraint("unseated IS NULL OR (active AND tier IS NULL AND wants IS NULL)", name="unseated"),
    CheckConstraint("role IN ('primary_owner', 'owner', 'admin', 'user')", name="role"),
    Index(None, "organization", "external_id"),
    Index(None, "organization", "display_name_key"),
    Index(None, "organization", "active", "sequence"),
    Index(None, "organization", "modified"),
    Index(
        "ix_people_queue",
        "organization",
        "wants",
        "priority",
        "arrival",
        sqlite_where=text("wants IS NOT NULL"),
        postgresql_where=text("wants IS NOT NULL"),
    ),
    Index(
        "uq_people_one_primary_owner",
        "organization",
        unique=True,
        sqlite_where=text("role = 'primary_owner'"),
        postgresql_where=text("role = 'primary_owner'"),
    ),
    Index(
        "ix_people_owners",
        "organization",
        "role",
        sqlite_where=text(_OWNS),
        postgresql_where=text(_OWNS),
    ),
    *(
        Index(
            name,
            "organization",
            text(searched_value(path)),
            sqlite_where=text(f"{searched_value(path)} IS NOT NULL"),
        ).ddl_if(dialect="sqlite")
        for name, path in SEARCHED.items()
    ),
)
index_of_search(people)

# Written as a literal, because SQLite matches a partial index to a literal but not to a parameter.
OWNS: Final = text(_OWNS)

# Deleted people. When a person is created again, the address finds the earlier history. Erased on the
# person's request.
former_people = Table(
    "former_people",
    metadata,
    organization_column(),
    Column("person", Key, nullable=False),
    Column("user_name_key", Key, nullable=False),
    # The number of the event that deleted the person.
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization", "person"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    Index(None, "organization", "user_name_key"),
)

# People whose access a provider ended. They are counted to detect mass removals. In a mass removal, they are
# kept so that they can be restored.
departures = Table(
    "departures",
    metadata,
    organization_column(),
    # The number of the event that ended the access.
    Column("sequence", BigInteger, nullable=False),
    Column("person", Key, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("user_name_key", Key, nullable=False),
    Column("at", Key, nullable=False),
    # What the person had: a seat, a place in the queue, or the reason for having neither.
    Column("tier", Key),
    Column("wants", Key),
    Column("arrival", BigInteger),
    Column("waiting_since", Key),
    Column("unseated", Text),
    # The values from which a deleted person is restored, as JSON.
    Column("deleted", Text),
    # The mass removal of the person.
    Column("removal", BigInteger),
    # The tier of the seat that is held for the person.
    Column("held", Key),
    PrimaryKeyConstraint("organization", "sequence"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["organization", "held"], ["seat_pool.organization", "seat_pool.tier"]),
    CheckConstraint("held IS NULL OR removal IS NOT NULL", name="held"),
    Index(None, "organization", "person"),
    Index(None, "organization", "removal", "at"),
    Index(
        "ix_departures_held",
        "organization",
        "user_name_key",
        sqlite_where=text("held IS NOT NULL"),
        postgresql_where=text("held IS NOT NULL"),
    ),
)

# Mass removals, which may be mistakes.
removals = Table(
    "removals",
    metadata,
    organization_column(),
    # The number of the event that detected the mass removal.
    Column("id", BigInteger, nullable=False),
    Column("at", Key, nullable=False),
    # How many people had access before.
    Column("members", BigInteger, nullable=False),
    # Whether the seats of the removed people are held.
    Column("holds", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("closed", Key),
    PrimaryKeyConstraint("organization", "id"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("state IN ('open', 'confirmed', 'restored')", name="state"),
    CheckConstraint("(closed IS NULL) = (state = 'open')", name="closed"),
)

person_values = Table(
    "person_values",
    metadata,
    organization_column(),
    Column("person", Key, nullable=False),
    # 'emails' or 'phonenumbers': attributes by which providers match people, besides the userName.
    Column("attribute", Key, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("value", Key, nullable=False),
    PrimaryKeyConstraint("organization", "person", "attribute", "position"),
    belongs_to("people", "person"),
    Index(None, "organization", "attribute", "value"),
)
