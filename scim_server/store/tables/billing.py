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

# The present contract. Events record its changes, and invoices record what was billed.
contracts = Table(
    "contracts",
    metadata,
    organization_column(),
    # Calendar days are text in ISO 8601.
    Column("start", Key, nullable=False),
    Column("months", BigInteger, nullable=False),
    Column("term", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("proration", Text, nullable=False),
    Column("minimum", BigInteger, nullable=False),
    Column("auto_renew", Boolean, nullable=False),
    Column("renewal", Text, nullable=False),
    # A decimal number as text, such as 8.875.
    Column("tax_percent", Text),
    Column("tax_inclusive", Boolean, nullable=False),
    # The number of the event of the signature. Invoices before this event belong to another contract.
    Column("signed", BigInteger, nullable=False),
    # The seller and the customer, as invoices show them.
    Column("seller", Text, nullable=False),
    Column("bill_to", Text, nullable=False),
    # When the contract ended without renewal.
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
    # The quantity that was set for the next renewal.
    Column("scheduled", BigInteger),
    # Seats of the next term that were billed before it began; null if the term was not renewed in advance.
    Column("billed_ahead", BigInteger),
    PrimaryKeyConstraint("organization", "tier"),
    ForeignKeyConstraint(["organization"], ["contracts.organization"], ondelete="CASCADE"),
    ForeignKeyConstraint(["organization", "tier"], ["seat_pool.organization", "seat_pool.tier"]),
    CheckConstraint("price >= 0 AND (price IS NULL) = (per IS NULL)", name="price"),
    CheckConstraint("scheduled >= 0 AND billed_ahead >= 0", name="scheduled"),
)

# Invoices are immutable because of triggers. Their numbers have no gaps because of the organization's lock.
invoices = Table(
    "invoices",
    metadata,
    organization_column(),
    Column("number", BigInteger, nullable=False),
    # The number of the event that explains the invoice.
    Column("sequence", BigInteger, nullable=False),
    Column("reason", Key, nullable=False),
    Column("issued", Key, nullable=False),
    # The billed period, from this day to the day before the end.
    Column("since", Key, nullable=False),
    Column("until", Key, nullable=False),
    Column("currency", Text, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    # The invoice that a credit note corrects.
    Column("credits", BigInteger),
    # The contract at that time, the seller and the customer.
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
    # The price of one seat for one term, in minor units.
    Column("unit", BigInteger, nullable=False),
    # The billed part of the term, such as 74/93.
    Column("fraction", Text, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("description", Text, nullable=False),
    Column("explanation", Text, nullable=False),
    # The line that this line of a credit note credits. Each line can be credited once.
    Column("credits_invoice", BigInteger),
    Column("credits_position", BigInteger),
    PrimaryKeyConstraint("organization", "invoice", "position"),
    ForeignKeyConstraint(["organization", "invoice"], ["invoices.organization", "invoices.number"]),
    UniqueConstraint("organization", "credits_invoice", "credits_position"),
)

# The purchases of idempotency keys. The same key never buys twice (SEATS 46).
purchases = Table(
    "purchases",
    metadata,
    organization_column(),
    Column("key", Key, nullable=False),
    # SHA-256 of the order, hexadecimal.
    Column("digest", Text, nullable=False),
    # The number of the event.
    Column("sequence", BigInteger, nullable=False),
    Column("invoice", BigInteger),
    PrimaryKeyConstraint("organization", "key"),
    ForeignKeyConstraint(["organization", "sequence"], ["events.organization", "events.sequence"]),
    ForeignKeyConstraint(["organization", "invoice"], ["invoices.organization", "invoices.number"]),
)
