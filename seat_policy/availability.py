"""How many seats there are, and how many people want one. Only counts are used, never lists of people."""

from dataclasses import dataclass, field, replace

from seat_policy.contract import ANY, Tier
from seat_policy.errors import PolicyError
from seat_policy.overflow import Overflow


@dataclass(frozen=True, slots=True)
class TierSeats:
    """The seats of one tier.

    Attributes:
        tier: the tier.
        purchased: seats that the organization has, bought or granted.
        assigned: seats that people have.
        held: seats held for certain people by pending invitations and after mass removals.
        waiting: people who wait for exactly this tier.
        overflow: the tier's own policy; None means the organization's policy.
        buyable: seats that may still be bought for new people in this term, up to the Owner's ceiling.
    """

    tier: Tier
    purchased: int
    assigned: int = 0
    held: int = 0
    waiting: int = 0
    overflow: Overflow | None = field(default=None, kw_only=True)
    buyable: int = field(default=0, kw_only=True)

    @property
    def free(self) -> int:
        """Seats that are neither assigned nor held."""
        return self.purchased - self.assigned - self.held


@dataclass(frozen=True, slots=True)
class Availability:
    """All tiers of one organization at one point of its history.

    Attributes:
        tiers: sorted, highest rank first.
        waiting_any: people who wait for a seat of any tier.
    """

    tiers: tuple[TierSeats, ...]
    waiting_any: int = 0

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.tiers, key=lambda seats: -seats.tier.rank))
        object.__setattr__(self, "tiers", ordered)

    def wanted(self, wants: str) -> tuple[TierSeats, ...]:
        """The tiers that would satisfy a request, in the order in which they are tried.

        Args:
            wants: the name of a tier, or `any`.

        Raises:
            PolicyError: the organization has no such tier.
        """
        if wants == ANY:
            return self.tiers
        return (self.of(wants),)

    def of(self, name: str) -> TierSeats:
        """The seats of the tier with this name.

        Raises:
            PolicyError: the organization has no such tier.
        """
        for seats in self.tiers:
            if seats.tier.name == name:
                return seats
        known = ", ".join(seats.tier.name for seats in self.tiers)
        raise PolicyError(f"this organization has no tier '{name}'. Its tiers are: {known}")

    def below(self, name: str) -> tuple[TierSeats, ...]:
        """The tiers that rank below a tier, highest tier first.

        Raises:
            PolicyError: the organization has no such tier.
        """
        rank = self.of(name).tier.rank
        return tuple(seats for seats in self.tiers if seats.tier.rank < rank)

    def open_to_new_people(self, seats: TierSeats) -> bool:
        """Whether a new person may take a seat: more seats are free than people wait for (SEATS 25)."""
        return seats.free > self.wanting(seats)

    def wanting(self, seats: TierSeats) -> int:
        """How many waiting people would take a seat of this tier."""
        return seats.waiting + self.waiting_any

    def changed(self, name: str, **changes: int) -> "Availability":
        """A copy with some counts of one tier changed by the given numbers."""

        def moved(seats: TierSeats) -> TierSeats:
            if seats.tier.name != name:
                return seats
            return replace(seats, **{count: getattr(seats, count) + by for count, by in changes.items()})

        return replace(self, tiers=tuple(map(moved, self.tiers)))

    def with_waiting(self, wants: str) -> "Availability":
        """A copy with one more person who waits for a tier or for `any`."""
        return self._waiting(wants, 1)

    def without_waiting(self, wants: str, number: int = 1) -> "Availability":
        """A copy with fewer people who wait for a tier or for `any`."""
        return self._waiting(wants, -number)

    def _waiting(self, wants: str, by: int) -> "Availability":
        if wants == ANY:
            return replace(self, waiting_any=self.waiting_any + by)
        return self.changed(wants, waiting=by)
