"""The identity provider of an organization, in an open transaction.

A provider can let its people in as everybody, also as the Primary Owner. So only the Primary Owner and the
operator change it (decision 51).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from scim_server.history import SsoConfigured, SsoRemoved
from scim_server.oidc.calls import NotPermitted, permitted
from scim_server.oidc.provider import WELL_KNOWN
from scim_server.services import roles
from scim_server.services.access.secrets import new_secret
from scim_server.services.console import visits
from scim_server.services.errors import InvalidProvider, NoProvider
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import events, sessions, sso
from scim_server.store.rows.sso import Provider

_LONGEST: Final = 500
_REFUSAL: Final = (
    "only the Primary Owner, or the operator of this service, can change the company sign-in, because the "
    "provider decides who signs in as the Primary Owner"
)


@dataclass(frozen=True, slots=True)
class Given:
    """New settings.

    Attributes:
        issuer: the address with which the provider names itself, or that of its description.
        secret: None for a client without a secret.
        keeps_secret: whether the present secret stays. It can stay only with the same issuer and client.
    """

    issuer: str
    client_id: str
    secret: str | None = field(default=None, repr=False)
    keeps_secret: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    """A provider that was removed.

    Attributes:
        ended: how many sessions ended, because they began with the provider.
    """

    provider: Provider
    ended: int


def existing(read: Read) -> Provider:
    """The provider of the organization.

    Raises:
        NoProvider: there is none.
    """
    found = sso.get(read)
    if found is None:
        raise NoProvider("this organization has no company sign-in")
    return found


def save(write: Write, given: Given, internal: Collection[str]) -> Provider:
    """Set the provider. If nothing changes, nothing is written.

    Raises:
        InvalidProvider: a value cannot be used.
        RoleTooLow: the acting person may not do this.
    """
    roles.require_highest(write, _REFUSAL)
    before = sso.get(write)
    issuer, client_id = _issuer(given.issuer, internal), _plain(given.client_id, "client id")
    same = before is not None and (before.issuer, before.client_id) == (issuer, client_id)
    secret = None if given.secret is None else _plain(given.secret, "client secret")
    if given.keeps_secret:
        if before is None or not same:
            # With another issuer, the secret would be sent to another server.
            raise InvalidProvider(
                "enter the client secret again, because the issuer or the client id is another"
            )
        secret = before.client_secret
    if before is not None and same and secret == before.client_secret:
        return before
    ended = 0 if same or before is None else _end_sessions(write)
    after = Provider(issuer, client_id, secret, new_secret(""), write.at)
    sso.put(write, after)
    events.append(
        write,
        SsoConfigured(issuer=issuer, client_id=client_id, has_secret=secret is not None, ended=ended),
    )
    return after


def remove(write: Write) -> Removed:
    """Remove the provider, and end the sessions that began with it.

    Raises:
        NoProvider: there is none.
        RoleTooLow: the acting person may not do this.
    """
    roles.require_highest(write, _REFUSAL)
    provider = existing(write)
    removed = Removed(provider, _end_sessions(write))
    sso.remove(write)
    events.append(
        write, SsoRemoved(issuer=provider.issuer, client_id=provider.client_id, ended=removed.ended)
    )
    return removed


def _end_sessions(write: Write) -> int:
    return sessions.end_by_way(write.connection, write.organization, visits.BY_PROVIDER)


def _issuer(text: str, internal: Collection[str]) -> str:
    """The name of a provider. The address of its description is accepted too."""
    issuer = text.strip().removesuffix(WELL_KNOWN)
    if len(issuer) > _LONGEST:
        raise InvalidProvider("the issuer is too long")
    try:
        parts = permitted(issuer, internal)
    except NotPermitted as error:
        raise InvalidProvider(f"the issuer cannot be used: {error}") from error
    if parts.query:
        raise InvalidProvider("the issuer cannot be used: the address must have no query")
    return issuer


def _plain(text: str, name: str) -> str:
    found = text.strip()
    if not found or len(found) > _LONGEST or not (found.isascii() and found.isprintable()):
        raise InvalidProvider(f"the {name} must be a text of 1 to {_LONGEST} ASCII characters")
    return found
