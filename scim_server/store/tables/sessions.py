"""Sign-in links and sessions of the console."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, Text

from scim_server.store.tables.base import Document, Key, metadata, organization_column

# A link works once. The row is kept until the link expires, so that a second use finds it used.
sign_in_links = Table(
    "sign_in_links",
    metadata,
    organization_column(),
    # SHA-256 of the secret in the link, hexadecimal.
    Column("digest", Key, nullable=False),
    # The member who signs in, or the invitation that the sign-in accepts.
    Column("person", Key),
    Column("invitation", Key),
    # The page that opens after the sign-in, as a path inside the console of the organization.
    Column("target", Text, nullable=False),
    Column("created", Key, nullable=False),
    Column("expires", Key, nullable=False),
    Column("used", Key),
    PrimaryKeyConstraint("organization", "digest"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("(person IS NULL) <> (invitation IS NULL)", name="entrant"),
    Index(None, "organization", "expires"),
)

# A session names a person. Every request reads that person's row again, so a lost role ends the session.
sessions = Table(
    "sessions",
    metadata,
    organization_column(),
    # SHA-256 of the secret in the cookie, hexadecimal.
    Column("digest", Key, nullable=False),
    # The name of the session in lists; it is not a credential.
    Column("id", Key, nullable=False),
    Column("person", Key, nullable=False),
    # How the person signed in: 'link' or 'oidc'.
    Column("way", Text, nullable=False),
    # The browser, as it names itself.
    Column("browser", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created", Key, nullable=False),
    # When the person last proved to be this person. Null if that is not known, as after a sign-in with a
    # provider that does not say it.
    Column("authenticated", Key),
    Column("expires", Key, nullable=False),
    # When a request last used the session, to within a minute.
    Column("last_used", Key, nullable=False),
    # What the next page says about the last change; null if it was shown.
    Column("notice", Document),
    PrimaryKeyConstraint("organization", "digest"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("way IN ('link', 'oidc')", name="way"),
    Index(None, "organization", "person"),
    Index(None, "organization", "expires"),
)
