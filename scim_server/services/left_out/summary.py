"""How many people are left out, and the price of letting everyone in. Only counts are read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scim_server.services.entitlements import better_tier
from scim_server.services.invoicing import missing_seats as shortfall
from scim_server.services.left_out.open_refusals import LONGEST_AGE
from scim_server.store.database.session import Read, clock_in, timestamp
from scim_server.store.rows import contracts, members, refusals, seats
from seat_policy.admission import Reason
from seat_policy.bill import Bill
from seat_policy.shortfall import LeftOut


@dataclass(frozen=True, slots=True)
class Summary:
    """The people without the seat they want, in numbers.

    Attributes:
        waiting: how many people wait, by the tier they want or `any`.
        refused: how many people were refused in the last seven days, by the tier they want or `any`.
        older: how many open refusals are older; they are let in only one by one.
        wants_better_tier: how many people keep a seat and were refused a better tier, by that tier.
        asking: how many requests for a seat or a better tier are open.
        asking_better: how many of the people who ask have a seat and were not refused a better tier.
        missing: the seats to buy so that everyone gets the wanted seat, by tier; older refusals do not count.
        bill: the price of these seats now; None if nothing is missing or seats are not sold now.
        has_contract: whether seats are bought; otherwise the vendor grants them.
        standstill: why no seats are assigned now; None if they are.
    """

    waiting: Mapping[str, int]
    refused: Mapping[str, int]
    older: int
    wants_better_tier: Mapping[str, int]
    asking: int
    asking_better: int
    missing: Mapping[str, int]
    bill: Bill | None
    has_contract: bool
    standstill: Reason | None

    @property
    def left_out(self) -> int:
        """How many people wait or are refused, of any age of the refusal; people who want a better tier not.

        It is the number beside "Left out" in the menu of the console.
        """
        return sum(self.waiting.values()) + sum(self.refused.values()) + self.older

    @property
    def people(self) -> int:
        """How many people the purchase would let in, or move to a better tier."""
        return sum(map(sum, (one.values() for one in (self.waiting, self.refused, self.wants_better_tier))))


def summarise(read: Read, moment: datetime) -> Summary:
    """Count the people who are left out at a time."""
    waiting = members.waiting(read)
    recent, older = refusals.counted(read, timestamp(moment - LONGEST_AGE))
    refused_better = better_tier.every(read, moment)
    better = Counter(LeftOut(one.wants, one.tier) for one in refused_better)
    plan, availability = contracts.get(read), seats.availability(read)
    left_out = waiting + Counter({LeftOut(wants): number for wants, number in recent.items()}) + better
    missing = shortfall.to_buy(plan, availability, left_out)
    return Summary(
        _by_tier(waiting),
        recent,
        older,
        _by_tier(better),
        clock_in(read).asking,
        len(better_tier.asking(read, refused_better)),
        missing,
        shortfall.price(plan, missing, moment),
        plan is not None,
        clock_in(read).standstill(timestamp(moment)),
    )


def _by_tier(people: Mapping[LeftOut, int]) -> dict[str, int]:
    found = Counter[str]()
    for one, number in people.items():
        found[one.wants] += number
    return dict(found)
