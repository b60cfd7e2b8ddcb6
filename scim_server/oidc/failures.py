"""Why a sign-in with a provider failed."""

from enum import StrEnum


class Failure(StrEnum):
    """Why a sign-in with a provider failed, as a code for logs and for Owners."""

    EXPIRED = "expired"
    """The sign-in began in another browser or more than ten minutes ago, or it was answered before."""
    UNREACHABLE = "unreachable"
    """The provider did not answer, or not with what the protocol requires."""
    UNSUITABLE = "unsuitable"
    """What the provider says about itself does not fit the settings or the protocol."""
    STOPPED = "stopped"
    """The provider reports that the person did not sign in, or may not use this application."""
    CLIENT_REFUSED = "client_refused"
    """The provider refused this server as its client: client id, secret or redirect address."""
    INVALID_TOKEN = "invalid_token"  # noqa: S105 - a code
    """The token is not from this provider, not for this server, or not for this sign-in."""
    NOT_RECENT = "not_recent"
    """A new sign-in was required, but the provider used an earlier one."""
    UNVERIFIED = "unverified"
    """The provider does not say that it has verified the person's address."""
    NO_ACCESS = "no_access"
    """No person, or more than one, with access to the console has proved the address."""


class SignInFailed(Exception):
    """A sign-in with a provider failed.

    Attributes:
        failure: why.
        detail: a sentence for the log, without personal data.
    """

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail
