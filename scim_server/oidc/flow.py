"""One sign-in with a provider: the address to which the browser goes, and what the answer proves."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from scim_server.oidc.calls import Answer, NoAnswer, NotPermitted, call
from scim_server.oidc.failures import Failure, SignInFailed
from scim_server.oidc.id_token import LEEWAY, Expected, verified
from scim_server.oidc.provider import Metadata, Providers

SCOPES: Final = "openid email"
_ENTRA: Final = "https://login.microsoftonline.com/"
_TRUE: Final = (True, 1, "1", "true")
_CODE: Final = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Client:
    """This server, as the provider knows it.

    Attributes:
        issuer: the name of the provider in the settings.
        secret: None for a client without a secret.
        redirect_uri: the address to which the provider sends the browser back.
    """

    issuer: str
    client_id: str
    secret: str | None = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """The values that belong to one sign-in.

    Attributes:
        state: returns with the answer, and binds it to the browser.
        nonce: returns inside the token.
        verifier: proves to the provider that the request for the token comes from the same side (PKCE).
        began: when the sign-in began.
        again: whether the person must sign in again at the provider.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    began: datetime
    again: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """The answer of a provider through the browser, as its query has it. Missing values are empty."""

    code: str = field(repr=False)
    state: str = field(repr=False)
    error: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What a sign-in proves.

    Attributes:
        address: the address of the person, which the provider has verified.
        authenticated: when the person signed in at the provider; None if that is not known.
    """

    address: str
    authenticated: datetime | None


def authorization_url(provider: Metadata, client: Client, ticket: Ticket) -> str:
    """The address at the provider where the person signs in."""
    challenge = hashlib.sha256(ticket.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": SCOPES,
        "state": ticket.state,
        "nonce": ticket.nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if ticket.again:
        # `max_age` makes providers say when the person signed in; some know only `prompt`.
        asked |= {"prompt": "login", "max_age": "0"}
    joint = "&" if "?" in provider.authorization_endpoint else "?"
    return f"{provider.authorization_endpoint}{joint}{urlencode(asked)}"


def identify(
    providers: Providers, client: Client, ticket: Ticket, returned: Returned, now: datetime
) -> Identity:
    """Find out who has signed in, by the code of the answer.

    Raises:
        SignInFailed: the answer proves nothing.
    """
    provider = providers.metadata(client.issuer)
    if returned.issuer != provider.issuer and (returned.issuer or provider.names_itself):
        raise SignInFailed(Failure.INVALID_TOKEN, "the answer is from another provider (iss)")
    if returned.error or not returned.code:
        raise SignInFailed(Failure.STOPPED, f"the provider answered {_named(returned.error)}")
    tokens = _tokens(providers, provider, client, ticket, returned.code)
    expected = Expected(provider.issuer, client.client_id, ticket.nonce, int(now.timestamp()))
    claims = verified(str(tokens["id_token"]), lambda again: providers.keys(provider, again=again), expected)
    when = _authenticated(claims, ticket, now)
    address = verified_address(claims, provider.issuer)
    if address is None:
        address = verified_address(_userinfo(providers, provider, tokens, claims), provider.issuer)
    if address is None:
        raise SignInFailed(Failure.UNVERIFIED, "neither the token nor userinfo has a verified address")
    return Identity(address, when)


def _tokens(
    providers: Providers, provider: Metadata, client: Client, ticket: Ticket, code: str
) -> dict[str, Any]:
    """Exchange the code for tokens."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": ticket.verifier,
    }
    headers = {}
    if client.secret is not None and provider.basic:
        pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form["client_id"] = client.client_id
        if client.secret is not None:
            form["client_secret"] = client.secret
    answer = _called(providers, provider.token_endpoint, form=form, headers=headers)
    if answer.status != 200:  # noqa: PLR2004 - OK
        raise SignInFailed(Failure.CLIENT_REFUSED, f"the provider gave no token: {_error(answer)}")
    try:
        tokens = answer.object()
    except NoAnswer as error:
        raise SignInFailed(Failure.UNREACHABLE, str(error)) from error
    if not isinstance(tokens.get("id_token"), str):
        raise SignInFailed(Failure.INVALID_TOKEN, "the answer has no id_token")
    return tokens


def _userinfo(
    providers: Providers, provider: Metadata, tokens: Mapping[str, Any], claims: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What the provider says about the person outside the token. Some give the address only here."""
    access = tokens.get("access_token")
    if provider.userinfo_endpoint is None or not isinstance(access, str) or not access.isprintable():
        return {}
    answer = _called(providers, provider.userinfo_endpoint, headers={"Authorization": f"Bearer {access}"})
    try:
        found = answer.object() if answer.status == 200 else {}  # noqa: PLR2004 - OK
    except NoAnswer:
        return {}
    # Claims about another person prove nothing about this one.
    return found if found.get("sub") == claims["sub"] else {}


def _called(
    providers: Providers,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    try:
        return call(url, providers.internal, form=form, headers=headers)
    except NotPermitted as error:
        raise SignInFailed(Failure.UNSUITABLE, str(error)) from error
    except NoAnswer as error:
        raise SignInFailed(Failure.UNREACHABLE, str(error)) from error


def verified_address(claims: Mapping[str, Any], issuer: str) -> str | None:
    """The address of the person, if the provider says that it has verified it.

    Entra ID has its own claim for this: the owner of the address's domain is verified.
    """
    address, verified_ = claims.get("email"), claims.get("email_verified") is True
    if issuer.startswith(_ENTRA):
        verified_ = verified_ or claims.get("xms_edov") in _TRUE
    return address if verified_ and isinstance(address, str) and "@" in address else None


def _authenticated(claims: Mapping[str, Any], ticket: Ticket, now: datetime) -> datetime | None:
    """When the person signed in at the provider.

    Raises:
        SignInFailed: the person had to sign in again, but has not.
    """
    said = claims.get("auth_time")
    if not isinstance(said, int) or isinstance(said, bool) or not 0 < said < 2**35:
        # The provider was asked for a new sign-in, and does not say when it was.
        return now if ticket.again else None
    when = datetime.fromtimestamp(said, UTC)
    if ticket.again and when < ticket.began - timedelta(seconds=LEEWAY):
        raise SignInFailed(Failure.NOT_RECENT, "the provider used an earlier sign-in (auth_time)")
    return min(when, now)


def _error(answer: Answer) -> str:
    try:
        return f"status {answer.status}, {_named(answer.object().get('error'))}"
    except NoAnswer:
        return f"status {answer.status}"


def _named(error: object) -> str:
    """The code of an error of the provider. Other text may contain personal data, so it is left out."""
    return error if isinstance(error, str) and _CODE.fullmatch(error) else "no known code"
