"""Encrypts texts with a secret that is not in the database."""

import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken


def seal(content: bytes, secret: str, purpose: str) -> str:
    """Encrypt and sign a text.

    Args:
        secret: a secret of at least 256 bits.
        purpose: what the text is; only the same secret and purpose open it again.
    """
    return _cipher(secret, purpose).encrypt(content).decode()


def unseal(sealed: str, secret: str, purpose: str) -> bytes | None:
    """The encrypted text; None if the secret or the purpose is another one."""
    try:
        return _cipher(secret, purpose).decrypt(sealed.encode())
    except InvalidToken:
        return None


def _cipher(secret: str, purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(hmac.digest(secret.encode(), purpose.encode(), "sha256")))
