"""Organizations, their clock rows and their seats."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from scim_server.store.tables.base import Key, metadata, one_of, organization_column
from seat_policy.modes import Mode
from seat_policy.overflow import Overflow
from seat_policy.requests import RequestPolicy

organizations = Table(
    "organizations",
    metadata,
    Column("id", Key, primary_key=True),
    Column("slug", Key, nullable=False),
    Column("mode", Text, nullable=False),
    Column("overflow", Text, nullable=False),
    Column("strict", Boolean, nullable=False),
    # Null means that SCIM shows the seats unless the overflow policy is reject (DESIGN, wire 4).
    Column("seat_extension", Boolean),
    # What people get if their groups give no tier; null means 'highest'.
    Column("unmapped", Text),
    # Whether a change without If-Match is refused.
    Column("require_if_match", Boolean, nullable=False),
    # Whether people can be invited in modes other than 'manual'.
    Column("allow_invitations", Boolean, nullable=False, server_default=false()),
    # Whether the seats are held after a mass removal until an Owner confirms it.
    Column("hold_removals", Boolean, nullable=False, server_default=false()),
    # What is done with a person's request for a seat.
    Column("seat_requests", Text, nullable=False, server_default=RequestPolicy.ASK.value),
    # A counter of the changes of custom schemas. Data built from the schemas is cached until it changes.
    Column("schemas_version", BigInteger, nullable=False),
    # The key that signs the cursors of paged lists.
    Column("cursor_key", Text, nullable=False),
    Column("created", Key, nullable=False),
    # When all its data is deleted; null unless the operator or the vendor's app asked for it.
    Column("deletes", Key),
    # The slug is part of the SCIM base URL, so it is unique over all organizations.
    UniqueConstraint("slug"),
    CheckConstraint("unmapped IN ('highest', 'lowest', 'none')", name="unmapped"),
    one_of("mode", Mode),
    one_of("overflow", Overflow),
    one_of("seat_requests", RequestPolicy),
)

organization_clock = Table(
    "organization_clock",
    metadata,
    organization_column(),
    # The number of the last event. Updating this row is the organization's lock.
    Column("sequence", BigInteger, nullable=False),
    Column("people", BigInteger, nullable=False),
    Column("groups", BigInteger, nullable=False),
    Column("waiting_any", BigInteger, nullable=False),
    # How many requests for seats are open.
    Column("asking", BigInteger, nullable=False, server_default="0"),
    # Seats are assigned from the beginning of the contract to the end of the current term.
    Column("opens", Key),
    Column("closes", Key),
    Column("suspended", Key),
    # When the next change is due.
    Column("due", Key),
    # When a person was last left out without a seat, for the alert after a day without refusals.
    Column("refused", Key),
    PrimaryKeyConstraint("organization"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("sequence >= 0 AND people >= 0 AND groups >= 0 AND waiting_any >= 0", name="counts"),
    CheckConstraint("asking >= 0", name="asking"),
)

seat_pool = Table(
    "seat_pool",
    metadata,
    organization_column(),
    Column("tier", Key, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("purchased", BigInteger, nullable=False),
    Column("assigned", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("waiting", BigInteger, nullable=False),
    # The policy for requests for this tier; null means the organization's policy.
    Column("overflow", Text),
    # How many seats may be bought for new people in one term, how many were bought, and how many of these are
    # not on an invoice yet. The purchases of a day are on one invoice.
    Column("ceiling", BigInteger),
    Column("automatic", BigInteger, nullable=False, server_default="0"),
    Column("unbilled", BigInteger, nullable=False, server_default="0"),
    # The alerts of the tier that were sent and are not repeated yet. The value is the sum of 1, 2 and 4 for
    # 80, 90 and 100 % in use, and of 8 for a forecast under 30 days.
    Column("alerted", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("organization", "tier"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    UniqueConstraint("organization", "rank"),
    # The database refuses to oversell (SEATS I1).
    CheckConstraint("assigned + held <= purchased", name="not_oversold"),
    CheckConstraint("purchased >= 0 AND assigned >= 0 AND held >= 0 AND waiting >= 0", name="counts"),
    one_of("overflow", Overflow),
    CheckConstraint("ceiling >= 0 AND automatic >= 0 AND unbilled >= 0", name="automatic"),
)
