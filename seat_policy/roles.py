"""Who may do what, and what no change may take away (SEATS 7, 18)."""

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
        """Whether they buy seats and see billing."""
        return self in (Role.OWNER, Role.PRIMARY_OWNER)


GIVEN = (Role.USER, Role.ADMIN, Role.OWNER)
"""Roles that are given and taken; that of the Primary Owner is transferred."""
