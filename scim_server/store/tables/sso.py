"""The identity provider with which Admins and Owners of an organization sign in at the console."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, Text

from scim_server.store.tables.base import Key, metadata, organization_column

# An organization has at most one provider.
sso_providers = Table(
    "sso_providers",
    metadata,
    organization_column(),
    Column("issuer", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    # Null for a client without a secret. The provider gets the secret itself, so a digest is not enough.
    Column("client_secret", Text),
    # Signs the cookies of sign-ins that have begun. New settings have a new key, which ends these sign-ins.
    Column("cookie_key", Text, nullable=False),
    Column("configured", Key, nullable=False),
    Column("last_sign_in", Key),
    # The last sign-in that failed, and why, as a code.
    Column("last_failure", Key),
    Column("failure", Text),
    PrimaryKeyConstraint("organization"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
)

# Sign-ins whose answer from the provider has arrived. They are kept until they would expire anyway, so that a
# second answer is refused.
sso_answered = Table(
    "sso_answered",
    metadata,
    organization_column(),
    # SHA-256 of the secret in the cookie, hexadecimal.
    Column("digest", Key, nullable=False),
    Column("expires", Key, nullable=False),
    PrimaryKeyConstraint("organization", "digest"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    Index(None, "organization", "expires"),
)
