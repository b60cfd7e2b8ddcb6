"""Secrets of programs. They are printed once, and only digests are stored (SECURITY 2)."""

import hashlib
import secrets
from typing import Final

_BYTES: Final = 32


def new_secret(prefix: str) -> str:
    """A secret that cannot be guessed.

    Args:
        prefix: the beginning by which secret scanners recognise a leaked secret.
    """
    return prefix + secrets.token_urlsafe(_BYTES)


def digest(secret: str) -> str:
    """The digest of a secret, which is stored."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()
