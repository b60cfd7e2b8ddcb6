"""A contract's history, replayed: the seats of every tier and the number of the term, event by event."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.campaigns import amounts
from tests.campaigns.billing_checks import BOUGHT, day
from tests.campaigns.ledger import Entry, Invoice, Ledger

TIERS: Final = ("standard", "premium")


def replayed(ledger: Ledger, signed: Mapping[str, Any], ahead: int) -> list[str]:
    """The invoices explain the plan: opening, purchases and renewals in their order make the seats there are.

    Args:
        ahead: how many renewals were billed before their day.
    """
    replay = Replay(signed, {invoice.number: invoice for invoice in ledger.invoices})
    wrong = [f"event {one.sequence} {fault}" for one in ledger.entries for fault in replay.step(one)]
    if replay.signings != 1:
        return [*wrong, f"the contract was signed {replay.signings} times"]
    if Counter(ledger.purchased) != replay.seats:
        wrong.append(f"there are {ledger.purchased} seats, the invoices make {dict(replay.seats)}")
    if ledger.term != replay.term:
        wrong.append(f"the contract is in term {ledger.term}, the events lead to {replay.term}")
    if (ledger.ended is not None) != (replay.endings == 1) or replay.endings > 1:
        wrong.append(f"the contract ended {replay.endings} times, and says {ledger.ended}")
    if replay.ahead != ahead:
        wrong.append(f"{replay.ahead} renewals were billed ahead of time instead of {ahead}")
    return wrong


@dataclass
class Replay:
    """The state after the events so far.

    Attributes:
        seats: the seats by invoices and the opening, by tier; unknown before the contract.
        counted: [purchased, assigned, held] by the events' own changes.
        ahead: renewals billed before their day.
    """

    signed: Mapping[str, Any]
    invoices: Mapping[int, Invoice]
    seats: Counter[str] = field(default_factory=Counter)
    counted: dict[str, list[int]] = field(default_factory=lambda: {tier: [0, 0, 0] for tier in TIERS})
    term: int = 1
    signings: int = 0
    endings: int = 0
    ahead: int = 0

    def step(self, entry: Entry) -> Iterator[str]:
        """Apply one event."""
        if self.signings:
            yield from self._timely(entry)
        if entry.type == "contract.signed":
            self.signings += 1
            self.seats = Counter(entry.payload["seats"])
            yield from self._opened(entry)
        elif entry.type.startswith("contract."):
            yield from self._turned(entry)
        elif entry.type in BOUGHT and self.signings:
            yield from self._bought(entry)
        elif entry.reason == "contract_inactive" and (not self.signings or self._left(entry)):
            yield "refused a person although the contract runs"
        for tier, change in entry.seats.items():
            self.counted[tier] = [old + new for old, new in zip(self.counted[tier], change, strict=True)]
        if self.signings and self.seats != Counter({tier: self.counted[tier][0] for tier in TIERS}):
            yield f"leaves {self.counted} seats, the invoices make {dict(self.seats)}"

    def _turned(self, entry: Entry) -> Iterator[str]:
        """A term follows another, is billed ahead, or is the last."""
        if entry.type == "contract.renewed_ahead":
            self.ahead += 1
            yield from self._renewed(entry, self.term + 1)
        elif entry.type in ("contract.renewed", "contract.ended"):
            if self._left(entry):
                yield f"came before the end of term {self.term}"
            if entry.type == "contract.ended":
                self.endings += 1
            else:
                self.term += 1
                yield from self._renewed(entry, self.term)

    def _left(self, entry: Entry) -> bool:
        """Whether the current term has not ended."""
        return day(entry.at, self.signed) < amounts.term(self.signed, self.term)[1]

    def _timely(self, entry: Entry) -> Iterator[str]:
        if self._left(entry) or entry.type in ("contract.renewed", "contract.ended"):
            return
        if not self.endings:
            yield f"{entry.type} came after the end of term {self.term} and before its renewal"
        elif any(max(change) > 0 for change in entry.seats.values()):
            yield f"{entry.type} gave a seat after the contract"

    def _opened(self, entry: Entry) -> Iterator[str]:
        invoice = self._invoice(entry)
        if invoice is not None and _lines(invoice, "opened") != +self.seats:
            yield f"is the opening of {dict(self.seats)}, invoice {invoice.number} says otherwise"

    def _renewed(self, entry: Entry, number: int) -> Iterator[str]:
        """The next term, which begins now or is billed ahead of its day."""
        wanted = self._wanted()
        renewed = Counter({tier: one["renewed"] for tier, one in entry.payload["tiers"].items()})
        invoice = self._invoice(entry)
        if invoice is not None:
            renewed = _lines(invoice, "renewed")
            yield from self._number(invoice, number)
        if number == self.term:
            self.seats = renewed
        if self.endings or not self.signed["auto_renew"]:
            yield "renews a contract that is not to be renewed"
        if entry.payload["term"] != number:
            yield f"begins term {entry.payload['term']} instead of {number}"
        if wanted != renewed:
            yield f"renews {dict(renewed)} instead of {dict(wanted)}"

    def _wanted(self) -> Counter[str]:
        """The quantities of the next term, from the present seats."""
        kept = self.seats if self.signed["renewal"] == "purchased" else Counter[str]()
        wanted = Counter({tier: max(kept[tier], sum(self.counted[tier][1:])) for tier in TIERS})
        wanted[TIERS[0]] += max(self.signed["minimum"] - sum(wanted.values()), 0)
        return wanted

    def _bought(self, entry: Entry) -> Iterator[str]:
        invoice = self._invoice(entry)
        if invoice is not None:
            yield from self._number(invoice, self.term)
            changes = [
                (one.tier, -one.quantity if one.kind == "upgraded_from" else one.quantity)
                for one in invoice.bill.lines
            ]
        else:
            changes = [*entry.payload["added"].items()]
            for quantity, source, target in entry.payload["upgraded"]:
                changes += [(target, quantity), (source, -quantity)]
        for tier, change in changes:
            self.seats[tier] += change

    def _invoice(self, entry: Entry) -> Invoice | None:
        return self.invoices.get(entry.payload.get("invoice") or 0)

    def _number(self, invoice: Invoice, number: int) -> Iterator[str]:
        if invoice.contract["term"]["number"] != number:
            yield f"has an invoice of term {invoice.contract['term']['number']} for term {number}"


def _lines(invoice: Invoice, kind: str) -> Counter[str]:
    return Counter({line.tier: line.quantity for line in invoice.bill.lines if line.kind == kind})
