"""Signs messages as Standard Webhooks defines: `v1` with a shared secret, `v1a` with an Ed25519 key.

The library `standardwebhooks` signs `v1`. It knows one secret at a time and only times in UTC, so this module
calls it once for each key. It does not know `v1a`.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

_BYTES: Final = 32
_SECRET: Final = "whsec_"  # noqa: S105 - a prefix
_PRIVATE: Final = "whsk_"
_PUBLIC: Final = "whpk_"


class Scheme(StrEnum):
    """A kind of signature."""

    SHARED = "v1"
    ED25519 = "v1a"


def new_key(scheme: Scheme) -> str:
    """A new key that signs with the given kind of signature."""
    prefix = _SECRET if scheme is Scheme.SHARED else _PRIVATE
    return prefix + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def scheme_of(key: str) -> Scheme:
    """The kind of signature that a key makes."""
    return Scheme.ED25519 if key.startswith(_PRIVATE) else Scheme.SHARED


def verifier(key: str) -> str:
    """What the receiver needs to verify signatures of a key: the same secret, or the public key."""
    if scheme_of(key) is Scheme.SHARED:
        return key
    return _PUBLIC + base64.b64encode(_private(key).public_key().public_bytes_raw()).decode()


def headers(keys: Sequence[str], message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a message, with one signature for each key.

    Args:
        message: the id of the message.
    """
    seconds = int(at.timestamp())
    moment = datetime.fromtimestamp(seconds, UTC)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(_signature(key, message, moment, body) for key in keys),
    }


def message_id(*parts: object) -> str:
    """The id of a message. It depends on the parts only, so each attempt for a message has the same id."""
    digest = hashlib.sha256("\n".join(map(str, parts)).encode()).digest()
    return "msg_" + base64.b32encode(digest[:20]).decode().lower()


def _signature(key: str, message: str, moment: datetime, body: bytes) -> str:
    if scheme_of(key) is Scheme.SHARED:
        return Webhook(key).sign(message, moment, body.decode())
    signed = _private(key).sign(b".".join((message.encode(), str(int(moment.timestamp())).encode(), body)))
    return f"{Scheme.ED25519},{base64.b64encode(signed).decode()}"


def _private(key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(key.removeprefix(_PRIVATE)))
