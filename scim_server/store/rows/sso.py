"""The identity provider of an organization, and sign-ins whose answer has arrived."""

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Database, Read, Write
from scim_server.store.tables import organizations, sso_answered, sso_providers


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider, and this server as its client.

    Attributes:
        client_secret: None for a client without a secret.
        cookie_key: signs the cookies of sign-ins that have begun.
        configured: when these settings were saved.
        last_failure, failure: when a sign-in last failed, and why, as a code.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    cookie_key: str = field(repr=False)
    configured: str
    last_sign_in: str | None = None
    last_failure: str | None = None
    failure: str | None = None


_PROVIDER: Final = tuple(sso_providers.c[name] for name in Provider.__dataclass_fields__)
_OFFERED: Final = Compiled(
    select(organizations.c.id)
    .join(sso_providers, sso_providers.c.organization == organizations.c.id)
    .where(organizations.c.slug == bindparam("org"))
)


def get(read: Read) -> Provider | None:
    """The provider of the organization; None if there is none."""
    query = select(*_PROVIDER).where(sso_providers.c.organization == read.organization)
    row = read.connection.execute(query).first()
    return Provider(*row) if row else None


def offered(database: Database, slug: str) -> bool:
    """Whether the organization with this slug has a provider, by one statement."""
    return bool(database.ask(slug, _OFFERED, {}))


def put(write: Write, provider: Provider) -> None:
    """Store the provider of the organization, in place of another one."""
    remove(write)
    values = {name: getattr(provider, name) for name in Provider.__dataclass_fields__}
    write.connection.execute(insert(sso_providers).values(values | {"organization": write.organization}))


def remove(write: Write) -> None:
    """Remove the provider of the organization."""
    write.connection.execute(delete(sso_providers).where(sso_providers.c.organization == write.organization))


def note(connection: Connection, organization: str, **values: object) -> None:
    """Note when the last sign-in succeeded or failed."""
    here = sso_providers.c.organization == organization
    connection.execute(update(sso_providers).where(here).values(values))


def answer(write: Write, digest: str, expires: str) -> bool:
    """Note that the answer to a sign-in has arrived; return whether it is the first one.

    Answers to sign-ins that have expired are deleted.
    """
    here = sso_answered.c.organization == write.organization
    write.connection.execute(delete(sso_answered).where(here, sso_answered.c.expires <= write.at))
    query = select(sso_answered.c.digest).where(here, sso_answered.c.digest == digest)
    if write.connection.execute(query).first() is not None:
        return False
    values = {"organization": write.organization, "digest": digest, "expires": expires}
    write.connection.execute(insert(sso_answered).values(values))
    return True
