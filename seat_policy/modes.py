"""Provisioning modes: Admins, sign-ins or SCIM create the people of an organization (SEATS 11)."""

from enum import StrEnum


class Mode(StrEnum):
    """How an organization's people are created."""

    MANUAL = "manual"
    JIT = "jit"
    SCIM = "scim"
