"""Contracts, invoices and idempotency keys of purchases."""

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
)

from scim_server.store.tables.base import Document, Key, metadata, organization_column

# The present contract. The events record its changes, and the invoices what was billed.
contracts = Table(
    "contracts",
    metadata,
    organization_column(),
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
    # Number of the event of its signature: invoices before it belong to another contract.
    Column("signed", BigInteger, nullable=False),
    # Seller and customer, as invoices show them.
    Column("seller", Text, nullable=False),
    Column("bill_to", Text, nullable=False),
    # When it ended without renewal.
    Column("ended", Key),
    # The day of automatic purchases that are not on an invoice yet.
    Column("unbilled_day", Key),
    PrimaryKeyConstraint("organization"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("months > 0 AND term > 0 AND minimum >= 0", name="numbers"),
)

contract_tiers = Table(
    "contract_tiers",
    metadata,
    organization_column(),
    Column("tier", Key, nullable=False),
    # In minor units of the contract's currency.
    Column("price", BigInteger),
    Column("per", Text),
    # The quantity set for the next renewal.
    Column("scheduled", BigInteger),
    # Seats of the next term that were billed before it began; null if it was not renewed in advance.
    Column("billed_ahead", BigInteger),
    PrimaryKeyConstraint("organization", "tier"),
    ForeignKeyConstraint(["organization"], ["contracts.organization"], ondelete="CASCADE"),
    ForeignKeyConstraint(["organization", "tier"], ["seat_pool.organization", "seat_pool.tier"]),
    CheckConstraint("price >= 0 AND (price IS NULL) = (per IS NULL)", name="price"),
    CheckConstraint("scheduled >= 0 AND billed_ahead >= 0", name="scheduled"),
)

# Immutable, by triggers, and numbered without gaps, by the organization's lock.
invoices = Table(
    "invoices",
    metadata,
    organization_column(),
    Column("number", BigInteger, nullable=False),
    # Number of the event that explains it.
    Column("sequence", BigInteger, nullable=False),
    Column("reason", Key, nullable=False),
    Column("issued", Key, nullable=False),
    # The billed period: from this day to the day before the end.
    Column("since", Key, nullable=False),
    Column("until", Key, nullable=False),
    Column("currency", Text, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    # The invoice that a credit note corrects.
    Column("credits", BigInteger),
    # The contract at that time, seller and customer.
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
    organization_column(),
    Column("invoice", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("tier", Key, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    # Price of one seat for one term, in minor units.
    Column("unit", BigInteger, nullable=False),
    # Of the term, such as 74/93.
    Column("fraction", Text, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("description", Text, nullable=False),
    Column("explanation", Text, nullable=False),
    # The line that this line of a credit note credits; each can be credited once.
    Column("credits_invoice", BigInteger),
    Column("credits_position", BigInteger),
    PrimaryKeyConstraint("organization", "invoice", "position"),
    ForeignKeyConstraint(["organization", "invoice"], ["invoices.organization", "invoices.number"]),
    UniqueConstraint("organization", "credits_invoice", "credits_position"),
)

# The purchases of idempotency keys: the same key never buys twice (SEATS 46).
purchases = Table(
    "purchases",
    metadata,
    organization_column(),
    Column("key", Key, nullable=False),
    # SHA-256 of the order, hexadecimal.
    Column("digest", Text, nullable=False),
    # Number of its event.
    Column("sequence", BigInteger, nullable=False),
    Column("invoice", BigInteger),
    PrimaryKeyConstraint("organization", "key"),
    ForeignKeyConstraint(["organization", "sequence"], ["events.organization", "events.sequence"]),
    ForeignKeyConstraint(["organization", "invoice"], ["invoices.organization", "invoices.number"]),
)
