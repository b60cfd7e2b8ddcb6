"""A sign-in that has begun, in the cookie of the browser.

Nothing is stored when a sign-in begins, so that strangers cannot fill the database. The cookie is signed with
the key of the organization's provider. Everything else that a sign-in needs is computed from the secret in
the cookie, so that neither the database nor the addresses of the sign-in contain it. When the answer arrives,
the digest of the secret is stored, and a second answer is refused.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from scim_server.oidc.flow import Ticket
from scim_server.services.access.secrets import digest, new_secret
from scim_server.store.database.session import timestamp
from scim_server.store.rows.sso import Provider

LIFETIME: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that has begun.

    Attributes:
        secret: only the cookie contains it.
        target: the page that opens afterwards, as a path inside the console of the organization.
        began: when it began, as a timestamp.
        again: whether the person must sign in again at the provider.
    """

    secret: str = field(repr=False)
    target: str
    began: str
    again: bool

    @property
    def ticket(self) -> Ticket:
        """The values that belong to this sign-in."""
        return Ticket(
            state=self._derived("state"),
            nonce=self._derived("nonce"),
            verifier=self._derived("verifier"),
            began=datetime.fromisoformat(self.began),
            again=self.again,
        )

    @property
    def expires(self) -> str:
        """When an answer is too late."""
        return timestamp(datetime.fromisoformat(self.began) + LIFETIME)

    @property
    def digest(self) -> str:
        """The digest of the secret."""
        return digest(self.secret)

    def _derived(self, purpose: str) -> str:
        value = hmac.digest(self.secret.encode(), purpose.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def start(target: str, now: datetime, *, again: bool) -> Attempt:
    """A new sign-in."""
    return Attempt(new_secret(""), target, timestamp(now), again)


def cookie(provider: Provider, attempt: Attempt) -> str:
    """The content of the cookie."""
    value = [attempt.secret, attempt.target, attempt.began, attempt.again]
    return str(_signed(provider).dumps(value))


def of_cookie(provider: Provider, text: str, state: str, now: datetime) -> Attempt | None:
    """The sign-in of a cookie; None if it is not this one, has expired, or is not from this server.

    Args:
        state: the state of the provider's answer.
    """
    try:
        attempt = Attempt(*_signed(provider).loads(text))
    except BadSignature:
        return None
    if not hmac.compare_digest(attempt.ticket.state.encode(), state.encode(errors="replace")):
        return None
    return attempt if attempt.began <= timestamp(now) < attempt.expires else None


def _signed(provider: Provider) -> URLSafeSerializer:
    return URLSafeSerializer(
        provider.cookie_key,
        salt="sso",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
