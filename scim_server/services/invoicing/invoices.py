"""Invoices. Each is issued with an event, never changes, and is corrected by credit notes (SEATS 44)."""

from dataclasses import dataclass, replace

from scim_server.history import Billed
from scim_server.services.errors import UnknownInvoice
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import events, invoices, organizations
from scim_server.store.rows.contracts import Plan
from scim_server.store.rows.invoices import Invoice, InvoiceLine
from seat_policy.bill import Bill
from seat_policy.contract import Contract


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice with its credited lines: the number of the credit note by position."""

    invoice: Invoice
    credited: dict[int, int]


def record(
    write: Write, plan: Plan, bill: Bill, reason: str, event: Billed, sequence: int | None = None
) -> tuple[int, Invoice | None]:
    """Append an event with its bill. If the total is zero, the event has no invoice.

    Args:
        sequence: a number reserved for the event; None for the next number.

    Returns:
        The number of the event, and the invoice.
    """
    number = invoices.next_number(write) if bill.total.minor else None
    billed = replace(
        event,
        invoice=number,
        total=str(bill.total),
        currency=bill.currency,
        since=bill.since.isoformat(),
    )
    sequence = events.append(write, billed, sequence)
    if number is None:
        return sequence, None
    invoice = Invoice(
        number=number,
        sequence=sequence,
        reason=reason,
        issued=write.at,
        since=bill.since.isoformat(),
        until=bill.term.end.isoformat(),
        currency=bill.currency,
        net=bill.net.minor,
        tax=bill.tax.minor,
        total=bill.total.minor,
        credits=None,
        inputs=_inputs(write, plan),
        lines=_lines(bill),
    )
    invoices.add(write, invoice)
    return sequence, invoice


def _lines(bill: Bill) -> tuple[InvoiceLine, ...]:
    return tuple(
        InvoiceLine(
            position=position,
            kind=line.kind,
            tier=line.tier,
            quantity=line.quantity,
            unit=line.unit.minor,
            fraction=str(line.fraction),
            net=line.net.minor,
            tax=line.tax.minor,
            description=line.description,
            explanation=line.explanation,
        )
        for position, line in enumerate(bill.lines, start=1)
    )


def _inputs(write: Write, plan: Plan) -> dict[str, object]:
    slug = organizations.get(write).slug
    return {
        "organization": slug,
        "seller": plan.seller,
        "bill_to": plan.bill_to or slug,
        "actor": write.actor.name,
        "way_in": write.actor.way_in,
        "contract": described(plan.contract),
    }


def described(contract: Contract) -> dict[str, object]:
    """A contract as JSON, for events, invoices and the output of commands."""
    term = contract.running
    return {
        "start": contract.start.isoformat(),
        "months": contract.months,
        "term": {"number": contract.term, "start": term.start.isoformat(), "end": term.end.isoformat()},
        "currency": contract.currency,
        "prices": {
            tier: {
                "amount": str(price.amount),
                "per": price.per.value,
                "term": str(contract.term_price(tier)),
            }
            for tier, price in contract.prices.items()
        },
        "time_zone": contract.time_zone,
        "method": contract.proration.value,
        "minimum": contract.minimum,
        "auto_renew": contract.auto_renew,
        "renewal": contract.renewal.value,
        "tax": None
        if contract.tax is None
        else {"percent": str(contract.tax.percent), "inclusive": contract.tax.inclusive},
    }


def get(read: Read, number: int) -> Invoice:
    """One invoice or credit note.

    Raises:
        UnknownInvoice: no invoice has this number.
    """
    found = invoices.get(read, number)
    if found is None:
        raise UnknownInvoice(f"invoice {number} does not exist")
    return found
