"""Secrets by which programs call: shown once, stored as digests (SECURITY 2)."""

import hashlib
import secrets
from typing import Final

_BYTES: Final = 32


def new_secret(prefix: str) -> str:
    """A secret that nobody can guess.

    Args:
        prefix: lets secret scanners recognise a secret that leaked.
    """
    return prefix + secrets.token_urlsafe(_BYTES)


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()
