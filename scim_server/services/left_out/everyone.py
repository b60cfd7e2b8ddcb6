"""Everyone whom a purchase of the missing seats lets in, and these seats. Only counts and names are read."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from scim_server.services.entitlements import better_tier
from scim_server.services.entitlements.better_tier import WantsBetter
from scim_server.services.errors import NobodyLeftOut
from scim_server.services.invoicing import missing_seats as shortfall
from scim_server.services.left_out.open_refusals import LONGEST_AGE, unknown_refusal
from scim_server.services.lists import Reference
from scim_server.store.database.session import Read, timestamp
from scim_server.store.rows import contracts, members, organizations, refusals, seats
from scim_server.store.rows.refusals import Refusal
from seat_policy.bill import Order
from seat_policy.contract import ANY
from seat_policy.shortfall import LeftOut


@dataclass(frozen=True, slots=True)
class Everyone:
    """The people without the seat they want.

    Attributes:
        refused: recent and chosen refusals, oldest first.
        better: people who want a better tier; they become the end of the queue.
        waiting: how many people wait already.
        order: the missing seats.
    """

    refused: tuple[Refusal, ...]
    better: tuple[WantsBetter, ...]
    waiting: int
    order: Order

    @property
    def kept_free(self) -> Counter[str]:
        """The seats that the queue leaves free for refused people, by the tier they want."""
        return Counter(one.wants for one in self.refused)

    @property
    def in_turn(self) -> list[Refusal]:
        """The refused people in the order in which they get seats.

        People who want a certain tier get seats first. Otherwise people who accept any tier would take these
        seats.
        """
        return sorted(self.refused, key=lambda one: one.wants == ANY)


def everyone(read: Read, moment: datetime, chosen: Collection[int], *, documents: bool) -> Everyone:
    """Find the people who are left out.

    Args:
        chosen: numbers of older refusals to include; recent refusals are always included.
        documents: whether the values of refused creates are read.

    Raises:
        NobodyLeftOut: nobody waits, and no recent or chosen refusal is open.
        UnknownRefusal: a chosen refusal is not open.
    """
    since = timestamp(moment - LONGEST_AGE)
    refused = refusals.to_let_in(read, since, chosen, documents=documents)
    unknown = sorted(set(chosen) - {one.sequence for one in refused})
    if unknown:
        raise unknown_refusal(Reference(organizations.get(read).slug, unknown[0]))
    better, waiting = better_tier.every(read, moment), members.waiting(read)
    if not (refused or better or waiting):
        raise NobodyLeftOut("nobody is left out: nobody waits, and no recent refusal is open")
    left_out = waiting + Counter(LeftOut(one.wants) for one in refused)
    left_out += Counter(LeftOut(one.wants, one.tier) for one in better)
    order = Order(shortfall.to_buy(contracts.get(read), seats.availability(read), left_out))
    return Everyone(tuple(refused), tuple(better), waiting.total(), order)
