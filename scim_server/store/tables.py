"""Every table. Each key begins with the organization, so that one organization is one shard.

Timestamps are text, RFC 3339 in UTC with microseconds and fixed width: they sort as they read, and
both databases return the very bytes that SCIM shows. Text that is compared is compared by bytes
(SQLite BINARY, PostgreSQL collation "C"), so that both databases give the same answer.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
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


def _organization() -> Column[str]:
    return Column("organization", Key, nullable=False)


def _belongs_to(table: str, *columns: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization", *columns],
        [f"{table}.organization", *(f"{table}.id" for _ in columns)],
        ondelete="CASCADE",
    )


organizations = Table(
    "organizations",
    metadata,
    Column("id", Key, primary_key=True),
    Column("slug", Key, nullable=False),
    Column("mode", Text, nullable=False),
    Column("overflow", Text, nullable=False),
    Column("strict", Boolean, nullable=False),
    # Null: on while the overflow policy is not reject (DESIGN, wire 4).
    Column("seat_extension", Boolean),
    # What people get who are in no group that gives a tier; null is 'highest'.
    Column("unmapped", Text),
    # Whether a change without If-Match is refused.
    Column("require_if_match", Boolean, nullable=False),
    # Whether people are invited in other modes than 'manual' too.
    Column("allow_invitations", Boolean, nullable=False, server_default=false()),
    # Whether the seats of a mass removal are kept from the queue until an Owner confirms it.
    Column("hold_removals", Boolean, nullable=False, server_default=false()),
    # Counts the changes of its own schemas: what is built of them is kept until it moves.
    Column("schemas_version", BigInteger, nullable=False),
    # Signs the cursors of paged lists.
    Column("cursor_key", Text, nullable=False),
    Column("created", Key, nullable=False),
    # A SCIM base URL carries the slug, so it is unique over all organizations.
    UniqueConstraint("slug"),
    CheckConstraint("unmapped IN ('highest', 'lowest', 'none')", name="unmapped"),
    CheckConstraint("mode IN ('manual', 'jit', 'scim')", name="mode"),
    CheckConstraint("overflow IN ('reject', 'queue', 'fallback', 'buy')", name="overflow"),
)

organization_clock = Table(
    "organization_clock",
    metadata,
    _organization(),
    # The number of the last event. Updating this row is the organization's lock.
    Column("sequence", BigInteger, nullable=False),
    Column("people", BigInteger, nullable=False),
    Column("groups", BigInteger, nullable=False),
    Column("waiting_any", BigInteger, nullable=False),
    # Seats are given from the beginning of the contract to the end of the term that runs.
    Column("opens", Key),
    Column("closes", Key),
    Column("suspended", Key),
    # When time alone next changes something.
    Column("due", Key),
    # When somebody was last left out without a seat: a burst of refusals ends a day later.
    Column("refused", Key),
    PrimaryKeyConstraint("organization"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("sequence >= 0 AND people >= 0 AND groups >= 0 AND waiting_any >= 0", name="counts"),
)

seat_pool = Table(
    "seat_pool",
    metadata,
    _organization(),
    Column("tier", Key, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("purchased", BigInteger, nullable=False),
    Column("assigned", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("waiting", BigInteger, nullable=False),
    # The tier's own policy for requests for it; null follows the organization's.
    Column("overflow", Text),
    # How many seats may be bought for newcomers in one term, how many were, and how many of those stand on
    # no invoice yet: the purchases of a day make one.
    Column("ceiling", BigInteger),
    Column("automatic", BigInteger, nullable=False, server_default="0"),
    Column("unbilled", BigInteger, nullable=False, server_default="0"),
    # What was told of the tier and is not told again yet: the sum of 1, 2 and 4 for 80, 90 and 100 % in use,
    # and of 8 for a forecast that is short.
    Column("alerted", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("organization", "tier"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    UniqueConstraint("organization", "rank"),
    # The database itself refuses to oversell (SEATS I1).
    CheckConstraint("assigned + held <= purchased", name="not_oversold"),
    CheckConstraint("purchased >= 0 AND assigned >= 0 AND held >= 0 AND waiting >= 0", name="counts"),
    CheckConstraint("overflow IN ('reject', 'queue', 'fallback', 'buy')", name="overflow"),
    CheckConstraint("ceiling >= 0 AND automatic >= 0 AND unbilled >= 0", name="automatic"),
)

_OWNS: Final = "role IN ('owner', 'primary_owner')"

people = Table(
    "people",
    metadata,
    _organization(),
    Column("id", Key, nullable=False),
    # Of the event that created the row: the paging order.
    Column("sequence", BigInteger, nullable=False),
    Column("user_name_key", Key, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("external_id", Key),
    Column("display_name_key", Key),
    Column("active", Boolean, nullable=False),
    Column("role", Text, nullable=False),
    # Whether a group gave the role: it goes when the group does.
    Column("role_mapped", Boolean, nullable=False, server_default=false()),
    # The seat they sit on.
    Column("tier", Key),
    # What they wait for: a tier or 'any'.
    Column("wants", Key),
    Column("priority", BigInteger, nullable=False),
    # Of the event that put them in the queue.
    Column("arrival", BigInteger),
    Column("waiting_since", Key),
    # Why an active person neither sits nor waits: 'unassigned' by hand, or 'awaiting_group'.
    Column("unseated", Text),
    # How they came in: 'scim', 'jit', 'invitation', 'cli', 'api'.
    Column("way_in", Text, nullable=False, server_default="scim"),
    # When they were let in from the log; null once their provider has named them since.
    Column("unconfirmed", Key),
    # When their provider last named them in a write, to within a day.
    Column("touched", Key),
    # When they last signed in.
    Column("signed_in", Key),
    Column("created", Key, nullable=False),
    Column("modified", Key, nullable=False),
    Column("version", BigInteger, nullable=False),
    # The resource as the provider sent it, without what stands in columns or is computed.
    Column("document", Text, nullable=False),
    # The same values normalised for comparison: the search document.
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
    Index(
        "ix_people_search", "search", postgresql_using="gin", postgresql_ops={"search": "jsonb_path_ops"}
    ).ddl_if(dialect="postgresql"),
)

# Written out: SQLite matches a partial index to a value that it reads, and to no parameter.
OWNS: Final = text(_OWNS)

# Who was deleted: their history is found by the address when they come again. Erased with them.
former_people = Table(
    "former_people",
    metadata,
    _organization(),
    Column("person", Key, nullable=False),
    Column("user_name_key", Key, nullable=False),
    # Of the event that deleted them.
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization", "person"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    Index(None, "organization", "user_name_key"),
)

# Who lost access by way of their provider: counted while many leave, and kept of those who left with many
# others, so that they can be brought back.
departures = Table(
    "departures",
    metadata,
    _organization(),
    # Of the event that ended their access.
    Column("sequence", BigInteger, nullable=False),
    Column("person", Key, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("user_name_key", Key, nullable=False),
    Column("at", Key, nullable=False),
    # What they had: a seat, a place in the queue, or the reason why neither.
    Column("tier", Key),
    Column("wants", Key),
    Column("arrival", BigInteger),
    Column("waiting_since", Key),
    Column("unseated", Text),
    # Of somebody deleted: the values that bring them back, as JSON.
    Column("deleted", Text),
    # The removal of many that they left in.
    Column("removal", BigInteger),
    # The tier of which a seat is held for them.
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

# Removals of so many people at once that it may have been a mistake.
removals = Table(
    "removals",
    metadata,
    _organization(),
    # Of the event that noticed it.
    Column("id", BigInteger, nullable=False),
    Column("at", Key, nullable=False),
    # How many had access before.
    Column("members", BigInteger, nullable=False),
    # Whether the seats of those who leave are held.
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
    _organization(),
    Column("person", Key, nullable=False),
    # 'emails' or 'phonenumbers': what providers match people on beside the userName.
    Column("attribute", Key, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("value", Key, nullable=False),
    PrimaryKeyConstraint("organization", "person", "attribute", "position"),
    _belongs_to("people", "person"),
    Index(None, "organization", "attribute", "value"),
)

groups = Table(
    "groups",
    metadata,
    _organization(),
    Column("id", Key, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("display_name_key", Key, nullable=False),
    Column("external_id", Key),
    # How many rows of group_members it has: an answer of 200 or 204 is chosen by it.
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
    Index(
        "ix_groups_search", "search", postgresql_using="gin", postgresql_ops={"search": "jsonb_path_ops"}
    ).ddl_if(dialect="postgresql"),
)

group_members = Table(
    "group_members",
    metadata,
    _organization(),
    Column("group_id", Key, nullable=False),
    Column("person", Key, nullable=False),
    PrimaryKeyConstraint("organization", "group_id", "person"),
    _belongs_to("groups", "group_id"),
    _belongs_to("people", "person"),
    Index(None, "organization", "person"),
)

group_subgroups = Table(
    "group_subgroups",
    metadata,
    _organization(),
    Column("group_id", Key, nullable=False),
    Column("subgroup", Key, nullable=False),
    PrimaryKeyConstraint("organization", "group_id", "subgroup"),
    _belongs_to("groups", "group_id"),
    _belongs_to("groups", "subgroup"),
    Index(None, "organization", "subgroup"),
)

# Every group with each group inside it, at any depth, and with itself: who is in a group by way of
# another is then a join, not a walk. Written when groups are nested, which is rare; read with every person.
group_closure = Table(
    "group_closure",
    metadata,
    _organization(),
    Column("ancestor", Key, nullable=False),
    Column("descendant", Key, nullable=False),
    PrimaryKeyConstraint("organization", "ancestor", "descendant"),
    _belongs_to("groups", "ancestor"),
    _belongs_to("groups", "descendant"),
    Index(None, "organization", "descendant"),
)

# What membership in a group gives. The group need not exist yet: it is known by its name or externalId.
group_mappings = Table(
    "group_mappings",
    metadata,
    _organization(),
    # The name in the form in which groups' names are compared.
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

# Where invitations may go. Anybody may name a domain; the proof makes it one organization's.
domains = Table(
    "domains",
    metadata,
    _organization(),
    # In lower case and as the DNS writes it (IDNA).
    Column("domain", Key, nullable=False),
    # What the DNS has to say of it, so that another organization's proof proves nothing here.
    Column("nonce", Text, nullable=False),
    Column("created", Key, nullable=False),
    Column("verified", Key),
    PrimaryKeyConstraint("organization", "domain"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    Index(
        "uq_domains_verified",
        "domain",
        unique=True,
        sqlite_where=text("verified IS NOT NULL"),
        postgresql_where=text("verified IS NOT NULL"),
    ),
)

invitations = Table(
    "invitations",
    metadata,
    _organization(),
    Column("id", Key, nullable=False),
    # Of the event that sent it first.
    Column("sequence", BigInteger, nullable=False),
    Column("email", Text, nullable=False),
    # The address in the form in which userNames are compared.
    Column("email_key", Key, nullable=False),
    Column("role", Text, nullable=False),
    # The tier that was asked for or 'any', and the one of which a seat is held.
    Column("wants", Key, nullable=False),
    Column("held", Key),
    Column("language", Text, nullable=False),
    Column("inviter", Text, nullable=False),
    Column("state", Key, nullable=False),
    Column("sent", Key, nullable=False),
    Column("expires", Key, nullable=False),
    Column("closed", Key),
    # SHA-256 of the secret in the link, hexadecimal.
    Column("digest", Key, nullable=False),
    # Of the mail that was written last.
    Column("mail", BigInteger, nullable=False),
    # Who came of it. Pending with a person: their provider brought them, and only the role waits.
    Column("person", Key),
    PrimaryKeyConstraint("organization", "id"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["organization", "held"], ["seat_pool.organization", "seat_pool.tier"]),
    UniqueConstraint("organization", "digest"),
    UniqueConstraint("organization", "sequence"),
    CheckConstraint("role IN ('user', 'admin', 'owner', 'primary_owner')", name="role"),
    CheckConstraint("state IN ('pending', 'accepted', 'revoked', 'expired')", name="state"),
    CheckConstraint("(held IS NOT NULL) = (state = 'pending' AND person IS NULL)", name="held"),
    CheckConstraint("(closed IS NULL) = (state = 'pending')", name="closed"),
    Index(
        "uq_invitations_one_pending",
        "organization",
        "email_key",
        unique=True,
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "uq_invitations_one_primary_owner",
        "organization",
        unique=True,
        sqlite_where=text("state = 'pending' AND role = 'primary_owner'"),
        postgresql_where=text("state = 'pending' AND role = 'primary_owner'"),
    ),
    Index(
        "ix_invitations_expiring",
        "organization",
        "expires",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(None, "organization", "email_key", "sequence"),
)

# Written out, as OWNS is.
PENDING: Final = invitations.c.state == literal_column("'pending'")
FIRST_OWNER: Final = invitations.c.role == literal_column("'primary_owner'")

# Mail that is to be sent, written in the transaction that it tells of.
mails = Table(
    "mails",
    metadata,
    _organization(),
    # Of the event that it tells of.
    Column("id", BigInteger, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    # What the text is made of. A secret stands here only until the mail is sent or given up.
    Column("facts", Document, nullable=False),
    Column("created", Key, nullable=False),
    # After which it is of no use any more, sent or not; null where it is kept.
    Column("expires", Key),
    Column("sent", Key),
    Column("attempts", BigInteger, nullable=False),
    # When it is tried next; null once it is sent or given up.
    Column("next_attempt", Key),
    Column("last_error", Text),
    PrimaryKeyConstraint("organization", "id", "recipient"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(
        "ix_mails_due",
        "organization",
        "next_attempt",
        sqlite_where=text("next_attempt IS NOT NULL"),
        postgresql_where=text("next_attempt IS NOT NULL"),
    ),
    Index(
        "ix_mails_expiring",
        "organization",
        "expires",
        sqlite_where=text("expires IS NOT NULL"),
        postgresql_where=text("expires IS NOT NULL"),
    ),
)

tokens = Table(
    "tokens",
    metadata,
    _organization(),
    Column("id", Key, nullable=False),
    Column("name", Text, nullable=False),
    # SHA-256 of the token, hexadecimal. The token itself is shown once and never stored.
    Column("digest", Key, nullable=False),
    Column("created", Key, nullable=False),
    Column("expires", Key),
    Column("revoked", Key),
    Column("last_used", Key),
    PrimaryKeyConstraint("organization", "id"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    UniqueConstraint("organization", "digest"),
)

# The vendor's own keys, for all organizations.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    # SHA-256 of the key, hexadecimal.
    Column("digest", Key, nullable=False),
    # Words separated by spaces.
    Column("scopes", Text, nullable=False),
    Column("created", Key, nullable=False),
    Column("revoked", Key),
    UniqueConstraint("digest"),
)

schemas = Table(
    "schemas",
    metadata,
    _organization(),
    # The URN in lower case.
    Column("key", Key, nullable=False),
    Column("urn", Text, nullable=False),
    # 'User', 'Group', or '' for a schema that only resource types of its own use.
    Column("extends", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("created", Key, nullable=False),
    PrimaryKeyConstraint("organization", "key"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
)

resource_types = Table(
    "resource_types",
    metadata,
    _organization(),
    # The endpoint in lower case, without its slash.
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
    _organization(),
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
    Index(
        "ix_resources_search", "search", postgresql_using="gin", postgresql_ops={"search": "jsonb_path_ops"}
    ).ddl_if(dialect="postgresql"),
)

# What was signed, as it stands now; how it came to be stands in the events, what was billed in the invoices.
contracts = Table(
    "contracts",
    metadata,
    _organization(),
    # Calendar days are text, ISO 8601.
    Column("start", Key, nullable=False),
    Column("months", BigInteger, nullable=False),
    Column("term", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("proration", Text, nullable=False),
    Column("minimum", BigInteger, nullable=False),
    Column("auto_renew", Boolean, nullable=False),
    Column("renewal", Text, nullable=False),
    # Decimal text, such as 8.875.
    Column("tax_percent", Text),
    Column("tax_inclusive", Boolean, nullable=False),
    # Of the event of its signature: invoices before it are another contract's.
    Column("signed", BigInteger, nullable=False),
    # Who bills and who is billed, as invoices show them.
    Column("seller", Text, nullable=False),
    Column("bill_to", Text, nullable=False),
    # When it ended without renewal.
    Column("ended", Key),
    # The day whose automatic purchases stand on no invoice yet.
    Column("unbilled_day", Key),
    PrimaryKeyConstraint("organization"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("months > 0 AND term > 0 AND minimum >= 0", name="numbers"),
)

contract_tiers = Table(
    "contract_tiers",
    metadata,
    _organization(),
    Column("tier", Key, nullable=False),
    # In minor units of the contract's currency.
    Column("price", BigInteger),
    Column("per", Text),
    # The quantity asked for at the next renewal.
    Column("scheduled", BigInteger),
    # Seats of the next term that were billed before it began; null where it was not renewed ahead.
    Column("billed_ahead", BigInteger),
    PrimaryKeyConstraint("organization", "tier"),
    ForeignKeyConstraint(["organization"], ["contracts.organization"], ondelete="CASCADE"),
    ForeignKeyConstraint(["organization", "tier"], ["seat_pool.organization", "seat_pool.tier"]),
    CheckConstraint("price >= 0 AND (price IS NULL) = (per IS NULL)", name="price"),
    CheckConstraint("scheduled >= 0 AND billed_ahead >= 0", name="scheduled"),
)

# Immutable, and numbered without gaps: both by trigger and by the organization's clock.
invoices = Table(
    "invoices",
    metadata,
    _organization(),
    Column("number", BigInteger, nullable=False),
    # Of the event that explains it.
    Column("sequence", BigInteger, nullable=False),
    Column("reason", Key, nullable=False),
    Column("issued", Key, nullable=False),
    # What is billed: from this day to the one before the end.
    Column("since", Key, nullable=False),
    Column("until", Key, nullable=False),
    Column("currency", Text, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    # The invoice that a credit note corrects.
    Column("credits", BigInteger),
    # The contract as it stood, and who billed whom.
    Column("inputs", Document, nullable=False),
    PrimaryKeyConstraint("organization", "number"),
    ForeignKeyConstraint(["organization"], ["organizations.id"]),
    ForeignKeyConstraint(["organization", "sequence"], ["events.organization", "events.sequence"]),
    ForeignKeyConstraint(["organization", "credits"], ["invoices.organization", "invoices.number"]),
    UniqueConstraint("organization", "sequence"),
    Index(None, "organization", "credits"),
    CheckConstraint("total = net + tax", name="sum"),
    CheckConstraint("number > 0", name="number"),
)

invoice_lines = Table(
    "invoice_lines",
    metadata,
    _organization(),
    Column("invoice", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("tier", Key, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    # Price of a seat and term, in minor units.
    Column("unit", BigInteger, nullable=False),
    # Of the term, such as 74/93.
    Column("fraction", Text, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("description", Text, nullable=False),
    Column("explanation", Text, nullable=False),
    # The line that this line of a credit note takes back; each can be taken back once.
    Column("credits_invoice", BigInteger),
    Column("credits_position", BigInteger),
    PrimaryKeyConstraint("organization", "invoice", "position"),
    ForeignKeyConstraint(["organization", "invoice"], ["invoices.organization", "invoices.number"]),
    UniqueConstraint("organization", "credits_invoice", "credits_position"),
)

# What a buyer's key has bought: the same key never buys twice (SEATS 46).
purchases = Table(
    "purchases",
    metadata,
    _organization(),
    Column("key", Key, nullable=False),
    # SHA-256 of the order, hexadecimal.
    Column("digest", Text, nullable=False),
    # Of its event.
    Column("sequence", BigInteger, nullable=False),
    Column("invoice", BigInteger),
    PrimaryKeyConstraint("organization", "key"),
    ForeignKeyConstraint(["organization", "sequence"], ["events.organization", "events.sequence"]),
    ForeignKeyConstraint(["organization", "invoice"], ["invoices.organization", "invoices.number"]),
)

events = Table(
    "events",
    metadata,
    _organization(),
    Column("sequence", BigInteger, nullable=False),
    Column("at", Key, nullable=False),
    Column("type", Key, nullable=False),
    Column("way_in", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text),
    # Not a foreign key: history outlives the person.
    Column("person", Key),
    Column("group_id", Key),
    Column("reason", Text),
    # HTTP status sent for it, where a request caused it.
    Column("status", BigInteger),
    # {"standard": [purchased, assigned, held]}: what it changed. The ledger: counters equal its sums.
    Column("seats", Document, nullable=False),
    Column("payload", Document, nullable=False),
    # The one column that can be erased for a person who asks.
    Column("personal", Document),
    PrimaryKeyConstraint("organization", "sequence"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    Index(None, "organization", "type", "sequence"),
    Index(None, "organization", "person", "sequence"),
)

refusals = Table(
    "refusals",
    metadata,
    _organization(),
    # Of the event that opened the entry.
    Column("sequence", BigInteger, nullable=False),
    Column("user_name_key", Key, nullable=False),
    Column("user_name", Text),
    # Set when the refused request was a reactivation of someone who exists.
    Column("person", Key),
    Column("way_in", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("wants", Key, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("first_attempt", Key, nullable=False),
    Column("last_attempt", Key, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    # The document of a refused create, to retry it.
    Column("document", Text),
    Column("closed", Key),
    # Of the event that closed it.
    Column("closed_by", BigInteger),
    PrimaryKeyConstraint("organization", "sequence"),
    ForeignKeyConstraint(["organization", "sequence"], ["events.organization", "events.sequence"]),
    Index(
        "uq_refusals_one_open",
        "organization",
        "user_name_key",
        unique=True,
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
    Index(
        "ix_refusals_open_of_person",
        "organization",
        "person",
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
)
