"""Roles and their order (SEATS 7, 18)."""

from enum import StrEnum


class Role(StrEnum):
    """The roles, from the least to the most rights."""

    USER = "user"
    ADMIN = "admin"
    OWNER = "owner"
    PRIMARY_OWNER = "primary_owner"

    @property
    def rank(self) -> int:
        """The position in this order; a User has 0."""
        return list(Role).index(self)

    @property
    def owns(self) -> bool:
        """Whether the role may buy seats and see billing."""
        return self in (Role.OWNER, Role.PRIMARY_OWNER)


GIVEN = (Role.USER, Role.ADMIN, Role.OWNER)
"""Roles that can be set. The role of the Primary Owner is transferred instead."""
