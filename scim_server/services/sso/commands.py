"""Set and remove the identity provider of an organization, and sign in with it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from scim_server.oidc.failures import Failure, SignInFailed
from scim_server.oidc.flow import Identity, Returned, Ticket
from scim_server.services.console import links, visits
from scim_server.services.console.visits import NewSession
from scim_server.services.context import Context
from scim_server.services.sso import attempts, settings
from scim_server.services.sso.attempts import Attempt
from scim_server.services.sso.settings import Given, Removed
from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import sso
from scim_server.store.rows.sso import Provider

__all__ = [
    "Given",
    "Provider",
    "Refused",
    "Removed",
    "configure",
    "remove",
    "sign_in",
]

Identify = Callable[[Provider, Ticket, Returned], Identity]
"""Asks the provider who has signed in. Raises SignInFailed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A sign-in that failed.

    Attributes:
        detail: a sentence for the log, without personal data.
    """

    failure: Failure
    detail: str


def configure(context: Context, given: Given, internal: Collection[str]) -> Provider:
    """Set the provider of the organization.

    Args:
        internal: hosts on the operator's own network where the provider may be.

    Raises:
        InvalidProvider: a value cannot be used.
        RoleTooLow: the acting person is not the Primary Owner.
    """
    return context.write(lambda write: settings.save(write, given, internal))


def remove(context: Context, *, preview: bool = False) -> Removed:
    """Remove the provider of the organization, and end the sessions that began with it.

    Raises:
        NoProvider: there is none.
        RoleTooLow: the acting person is not the Primary Owner.
    """
    run = context.preview if preview else context.write
    return run(settings.remove)


def sign_in(
    context: Context, cookie: str, returned: Returned, identify: Identify, browser: str, language: str
) -> NewSession | Refused:
    """Begin a session with the answer of the provider. An answer works once, also if it is refused."""
    with context.read() as read:
        provider = sso.get(read)
    if provider is None:
        return Refused(Failure.EXPIRED, "the organization has no provider")
    attempt = attempts.of_cookie(provider, cookie, returned.state, context.database.now())
    if attempt is None:
        return Refused(Failure.EXPIRED, "the answer does not belong to a sign-in of this browser")
    if not _is_first(context, attempt):
        return Refused(Failure.EXPIRED, "the sign-in was answered before")
    try:
        identity = identify(provider, attempt.ticket, returned)
    except SignInFailed as error:
        return _refused(context, error.failure, error.detail)
    new = context.write(lambda write: _enter(write, provider, attempt, identity, browser, language))
    return new or _refused(context, Failure.NO_ACCESS, "nobody with access has proved the address")


def _is_first(context: Context, attempt: Attempt) -> bool:
    """Use up the sign-in, before the provider is asked. No change that is due is applied."""
    return context.database.write(
        context.organization,
        context.actor,
        lambda write: sso.answer(write, attempt.digest, attempt.expires),
        due_first=False,
    )


def _enter(
    write: Write, provider: Provider, attempt: Attempt, identity: Identity, browser: str, language: str
) -> NewSession | None:
    """Begin the session of the person who has proved the address; None if there is none.

    The address must be proved as for a link by mail: that a provider writes it into a person is not enough
    (decision 37).
    """
    still = sso.get(write)
    person = links.proved(write, identity.address)
    if person is None or write.clock.suspended is not None:
        return None
    if still is None or still.cookie_key != provider.cookie_key:
        return None
    sso.note(write.connection, write.organization, last_sign_in=write.at)
    when = None if identity.authenticated is None else timestamp(identity.authenticated)
    entering = visits.Entering(person, visits.BY_PROVIDER, when, browser, language)
    return visits.open_session(write, entering, attempt.target)


def _refused(context: Context, failure: Failure, detail: str) -> Refused:
    """Note why the last sign-in failed, for the page of the Owners."""
    at = timestamp(context.database.now())
    context.database.write_unnumbered(
        lambda connection: sso.note(connection, context.organization, last_failure=at, failure=failure.value)
    )
    return Refused(failure, detail)
