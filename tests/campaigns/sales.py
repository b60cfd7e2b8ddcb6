"""Orders and their answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from scim_server.services.billing.purchases import Request
from seat_policy.bill import Order, Upgrade
from tests.campaigns.ledger import Bill, Line


@dataclass(frozen=True, slots=True)
class Basket:
    """An order: seats by tier, upgrades as (quantity, from, to), named people, and how many days back."""

    adds: Mapping[str, int]
    upgrades: tuple[tuple[int, str, str], ...] = ()
    named: tuple[str, ...] = ()
    back: int = 0

    def request(self, key: str | None) -> Request:
        """As the services take it."""
        on: date | None = datetime.now(UTC).date() - timedelta(days=self.back) if self.back else None
        order = Order(self.adds, tuple(Upgrade(*one) for one in self.upgrades))
        return Request(order, self.named, on, key)


@dataclass(frozen=True, slots=True)
class Sale:
    """An order and its answer.

    Attributes:
        outcome: `bought`, `repeated`, `changed`, `reused`, `refused`, or `failed`: no answer of ours.
        said: the reason, if nothing was bought.
        confirmed: whether it was sent with the confirmation of a preview, which showed `shown` and these
            `seats` by tier.
        billed, invoice: None where nothing was owed.
        command: whether it was a command of the operator, in a separate process.
        placed: the named people who got a seat, or moved with theirs.
    """

    slug: str
    basket: Basket
    key: str | None
    outcome: str
    said: str = ""
    invoice: int | None = None
    confirmed: bool = False
    shown: Bill | None = None
    seats: Mapping[str, int] = field(default_factory=dict)
    billed: Bill | None = None
    placed: tuple[str, ...] = ()
    command: bool = False
    sent: float = 0.0
    answered: float = 0.0


def billed(bill: Any) -> Bill | None:  # noqa: ANN401 - the product's own
    """A bill of the product in the words of the ledger."""
    if bill is None:
        return None
    lines = (
        Line(
            str(line.kind),
            line.tier,
            line.quantity,
            line.unit.minor,
            str(line.fraction),
            line.net.minor,
            line.tax.minor,
        )
        for line in bill.lines
    )
    return Bill(bill.since.isoformat(), bill.term.end.isoformat(), bill.currency, tuple(lines))
