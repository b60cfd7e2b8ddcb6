"""Roles and their order (SEATS 7, 18)."""

from enum import StrEnum


class Role(StrEnum):
    """From the least privileged up."""

    USER = "user"
    ADMIN = "admin"
    OWNER = "owner"
    PRIMARY_OWNER = "primary_owner"

    @property
    def rank(self) -> int:
        """0 for a User."""
        return list(Role).index(self)

    @property
    def owns(self) -> bool:
        """Whether the role may buy seats and see billing."""
        return self in (Role.OWNER, Role.PRIMARY_OWNER)


GIVEN = (Role.USER, Role.ADMIN, Role.OWNER)
"""Roles that can be set; the Primary Owner's is transferred instead."""
