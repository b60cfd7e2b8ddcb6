"""What an organization has: its tiers and their order."""

from dataclasses import dataclass
from typing import Final

from seat_policy.errors import PolicyError

ANY: Final = "any"
"""What someone wants who takes a seat of any tier, from the highest down. No tier can have this name."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A kind of seat. A higher rank includes everything of the lower ones (SEATS 2).

    Attributes:
        name: lower-case word by which requests, mappings and commands name the tier.
        rank: 1 for the lowest; unique within an organization.
    """

    name: str
    rank: int

    def __post_init__(self) -> None:
        if self.name == ANY:
            raise PolicyError("no tier can be called 'any': it stands for all of them")


DEFAULT_TIERS: Final = (Tier("standard", 1), Tier("premium", 2))
"""The tiers every organization starts with (SEATS 2)."""
