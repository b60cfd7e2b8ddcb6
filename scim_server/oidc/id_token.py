"""Verifies the token in which a provider says who has signed in.

The keys come from the provider's own list alone. Keys and addresses of keys inside a token are ignored.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from scim_server.oidc.failures import Failure, SignInFailed
from scim_server.oidc.provider import ALGORITHMS

LEEWAY: Final = 60
"""How far the clock of the provider may differ, in seconds."""
_LARGEST: Final = 64 * 1024
_KINDS: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC"}


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token of a sign-in must say.

    Attributes:
        now: the present time, in seconds since 1970.
    """

    issuer: str
    client_id: str
    nonce: str
    now: int


def verified(token: str, keys: Callable[[bool], Sequence[Key]], expected: Expected) -> Mapping[str, Any]:
    """The claims of a token that the provider has signed for this server and this sign-in.

    Args:
        keys: returns the keys of the provider; with true, it reads them again.

    Raises:
        SignInFailed: the token is not such a token.
    """
    try:
        header = jws.extract_compact(token.encode("ascii")).headers() if len(token) <= _LARGEST else {}
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise _invalid(f"its algorithm is not accepted: {str(algorithm)[:20]!r}")
        key = _key(header, keys)
        claims = jwt.decode(token, key, algorithms=[algorithm]).claims
        registry = jwt.JWTClaimsRegistry(
            now=expected.now,
            leeway=LEEWAY,
            iss={"essential": True, "value": expected.issuer},
            aud={"essential": True, "value": expected.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        registry.validate(claims)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise _invalid(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}") from error
    _require_ours(claims, expected)
    return claims


def _require_ours(claims: Mapping[str, Any], expected: Expected) -> None:
    """Check that the token is for this server alone, and for this sign-in."""
    audience, party = claims["aud"], claims.get("azp")
    if isinstance(audience, list) and len(audience) > 1 and party is None:
        raise _invalid("it has several audiences, and does not say for which client it is")
    if party not in (None, expected.client_id):
        raise _invalid("it is for another client (azp)")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise _invalid("it is not for this sign-in (nonce)")


def _key(header: Mapping[str, Any], keys: Callable[[bool], Sequence[Key]]) -> Key:
    """The key that the token names. If it is not known, the keys are read again, once."""
    for again in (False, True):
        fitting = [one for one in keys(again) if _fits(one, header)]
        if len(fitting) == 1:
            return fitting[0]
    raise _invalid("it does not name one key of the provider (kid)")


def _fits(key: Key, header: Mapping[str, Any]) -> bool:
    algorithm, named = str(header["alg"]), header.get("kid")
    return (
        key.key_type == _KINDS[algorithm[:2]]
        and key.get("alg", algorithm) == algorithm
        and (named is None or key.kid == named)
    )


def _invalid(why: str) -> SignInFailed:
    return SignInFailed(Failure.INVALID_TOKEN, f"the token cannot be used: {why}")
