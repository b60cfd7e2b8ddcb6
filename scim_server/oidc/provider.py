"""What a provider says about itself: its endpoints, and the keys with which it signs."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Any, Final, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from scim_server.oidc.calls import NoAnswer, NotPermitted, call, permitted
from scim_server.oidc.failures import Failure, SignInFailed

T = TypeVar("T")

WELL_KNOWN: Final = "/.well-known/openid-configuration"
ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
)
"""The signatures that are accepted. All need a private key, which only the provider has."""
_BASIC, _POST, _NONE = "client_secret_basic", "client_secret_post", "none"
_KEPT: Final = 600.0
"""How long the answers of a provider are used again, in seconds."""
_FAILURE_KEPT: Final = 30.0
"""How long a provider that could not be used is not asked again by sign-ins, in seconds."""
_MOST_PROVIDERS: Final = 1_000
_MOST_KEYS: Final = 100


class Check(StrEnum):
    """What can be wrong with a provider."""

    ADDRESS = "address"
    """The issuer is not an address that may be called."""
    UNREACHABLE = "unreachable"
    """The provider does not answer with a description of itself."""
    OTHER_ISSUER = "other_issuer"
    """The provider has another name than the settings say."""
    ENDPOINT = "endpoint"
    """The address of a part is missing, or may not be used."""
    NO_CODE_FLOW = "no_code_flow"
    """The provider does not support the authorization code flow."""
    NO_ALGORITHM = "no_algorithm"
    """The provider signs only in ways that are not accepted."""
    CLIENT = "client"
    """The provider does not accept a client with this kind of proof."""
    KEYS_UNREACHABLE = "keys_unreachable"
    """The keys cannot be read."""
    NO_KEY = "no_key"
    """No key can verify a signature."""
    NO_PKCE = "no_pkce"
    """The provider does not say that it supports PKCE with S256."""
    NO_ADDRESS = "no_address"
    """The provider does not say that it gives the addresses of people."""

    @property
    def prevents(self) -> bool:
        """Whether nobody can sign in because of it."""
        return self not in (Check.NO_PKCE, Check.NO_ADDRESS)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a provider.

    Attributes:
        what: the part that is meant, such as the name of an endpoint; empty if the check has none.
        detail: the technical reason, in English; empty if the check says everything.
    """

    check: Check
    what: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """A provider.

    Attributes:
        issuer: the name of the provider, as its tokens have it.
        userinfo_endpoint: where claims about a person are read that the token does not have.
        basic: whether the secret is sent in the header for it, and not in the form.
        names_itself: whether every answer through the browser has the name of the provider.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    basic: bool
    names_itself: bool


def description(issuer: str, internal: Collection[str]) -> dict[str, Any]:
    """The document in which the provider describes itself.

    Raises:
        NotPermitted, NoAnswer: it cannot be read.
    """
    return _read(issuer.rstrip("/") + WELL_KNOWN, internal)


def problems(document: Mapping[str, Any], issuer: str, internal: Collection[str]) -> list[Problem]:
    """Everything that is wrong with the description of a provider.

    Args:
        issuer: the name of the provider in the settings.
    """
    found: list[Problem] = []
    # Settings with or without the slash at the end mean the same provider.
    if str(document.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        found.append(Problem(Check.OTHER_ISSUER, what=str(document.get("issuer", ""))[:200]))
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        why = _unusable(document.get(name), internal)
        if why:
            found.append(Problem(Check.ENDPOINT, name, why))
    if "code" not in _listed(document, "response_types_supported", ["code"]):
        found.append(Problem(Check.NO_CODE_FLOW))
    signs = _listed(document, "id_token_signing_alg_values_supported", ["RS256"])
    if not set(signs) & set(ALGORITHMS):
        found.append(Problem(Check.NO_ALGORITHM, what=", ".join(map(str, signs))[:200]))
    if "S256" not in _listed(document, "code_challenge_methods_supported", []):
        found.append(Problem(Check.NO_PKCE))
    if "email" not in _listed(document, "scopes_supported", ["email"]):
        found.append(Problem(Check.NO_ADDRESS))
    return found


def client_problems(document: Mapping[str, Any], *, has_secret: bool) -> list[Problem]:
    """Whether the provider does not accept a client with a secret, or a client without one."""
    accepted = _listed(document, "token_endpoint_auth_methods_supported", [_BASIC, _NONE])
    if has_secret and not {_BASIC, _POST} & set(accepted):
        return [Problem(Check.CLIENT, what=", ".join(map(str, accepted))[:200])]
    return []


def metadata_of(document: Mapping[str, Any]) -> Metadata:
    """A provider with a description without problems that prevent sign-ins."""
    userinfo = document.get("userinfo_endpoint")
    accepted = _listed(document, "token_endpoint_auth_methods_supported", [_BASIC])
    return Metadata(
        document["issuer"],
        document["authorization_endpoint"],
        document["token_endpoint"],
        document["jwks_uri"],
        userinfo if isinstance(userinfo, str) else None,
        _BASIC in accepted or _POST not in accepted,
        document.get("authorization_response_iss_parameter_supported") is True,
    )


def signing_keys(jwks_uri: str, internal: Collection[str]) -> list[Key]:
    """The public keys of the provider that can verify signatures. Keys of other kinds are left out.

    Raises:
        NotPermitted, NoAnswer: they cannot be read.
    """
    listed = _read(jwks_uri, internal).get("keys")
    found = []
    for one in listed[:_MOST_KEYS] if isinstance(listed, list) else []:
        if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") not in ("RSA", "EC"):
            continue
        try:
            found.append(import_key(one))
        except (JoseError, ValueError, TypeError):
            continue
    return found


def _read(url: str, internal: Collection[str]) -> dict[str, Any]:
    answer = call(url, internal)
    if answer.status != 200:  # noqa: PLR2004 - OK
        raise NoAnswer(f"{permitted(url, internal).hostname} answers with status {answer.status}")
    return answer.object()


def _unusable(url: object, internal: Collection[str]) -> str:
    """Why an endpoint cannot be used; empty if it can."""
    if not isinstance(url, str) or not url:
        return "it is missing"
    try:
        permitted(url, internal)
    except NotPermitted as error:
        return str(error)
    return ""


def _listed(document: Mapping[str, Any], name: str, usual: Sequence[str]) -> Sequence[object]:
    """A list of the description; what the protocol assumes if it is missing."""
    found = document.get(name)
    return found if isinstance(found, list) else usual


@dataclass
class Providers:
    """The providers of all organizations, with their answers of the last minutes.

    Attributes:
        internal: hosts on the operator's own network to which requests may go.
    """

    internal: Collection[str] = ()
    _metadata: dict[str, tuple[float, Metadata]] = field(default_factory=dict)
    _keys: dict[str, tuple[float, list[Key]]] = field(default_factory=dict)
    _failures: dict[str, tuple[float, SignInFailed]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def metadata(self, issuer: str) -> Metadata:
        """The provider with this name.

        Raises:
            SignInFailed: it cannot be used.
        """
        known = self._kept(self._metadata, issuer)
        if known is not None:
            return known
        failed = self._kept(self._failures, issuer, _FAILURE_KEPT)
        if failed is not None:
            raise SignInFailed(failed.failure, failed.detail)
        try:
            return self._keep(self._metadata, issuer, self._read(issuer))
        except SignInFailed as error:
            self._keep(self._failures, issuer, error)
            raise

    def _read(self, issuer: str) -> Metadata:
        document = _of_provider(lambda: description(issuer, self.internal))
        wrong = [one for one in problems(document, issuer, self.internal) if one.check.prevents]
        if wrong:
            reasons = ", ".join(f"{one.check} {one.what} {one.detail}".strip() for one in wrong)
            raise SignInFailed(Failure.UNSUITABLE, f"what the provider says about itself is wrong: {reasons}")
        return metadata_of(document)

    def keys(self, provider: Metadata, *, again: bool = False) -> list[Key]:
        """The keys of a provider.

        Args:
            again: whether they are read again, because a key is missing.

        Raises:
            SignInFailed: they cannot be read.
        """
        known = None if again else self._kept(self._keys, provider.jwks_uri)
        if known is not None:
            return known
        found = _of_provider(lambda: signing_keys(provider.jwks_uri, self.internal))
        return self._keep(self._keys, provider.jwks_uri, found)

    def _kept(self, kept: Mapping[str, tuple[float, T]], name: str, seconds: float = _KEPT) -> T | None:
        since, value = kept.get(name, (0.0, None))
        return value if value is not None and time.monotonic() < since + seconds else None

    def _keep(self, kept: dict[str, tuple[float, T]], name: str, value: T) -> T:
        with self._lock:
            if len(kept) >= _MOST_PROVIDERS:
                kept.clear()
            kept[name] = (time.monotonic(), value)
        return value


def _of_provider(read: Callable[[], T]) -> T:
    """Read something from a provider.

    Raises:
        SignInFailed: it cannot be read.
    """
    try:
        return read()
    except NotPermitted as error:
        raise SignInFailed(Failure.UNSUITABLE, str(error)) from error
    except NoAnswer as error:
        raise SignInFailed(Failure.UNREACHABLE, str(error)) from error
