"""Invoices: issued with the event that explains them, never changed, corrected by credit notes (SEATS 44)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scim_server.history import Billed, InvoiceCredited
from scim_server.services.errors import OperatorError
from scim_server.store.database.session import Actor, Database, Write
from scim_server.store.rows import events, invoices, organizations
from scim_server.store.rows.contracts import Plan
from scim_server.store.rows.invoices import Invoice, InvoiceLine
from seat_policy.contract import Contract
from seat_policy.invoices import Bill, Kind
from seat_policy.money import Money


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice, and which of its lines were taken back: position to the credit note's number."""

    invoice: Invoice
    credited: dict[int, int]


def record(write: Write, plan: Plan, bill: Bill, reason: str, event: Billed) -> tuple[int, Invoice | None]:
    """Append an event with its bill; a total of zero is an event without an invoice.

    Returns:
        The event's number, and the invoice.
    """
    number = invoices.next_number(write) if bill.total.minor else None
    billed = replace(
        event,
        invoice=number,
        total=str(bill.total),
        currency=bill.currency,
        since=bill.since.isoformat(),
    )
    sequence = events.append(write, billed)
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
    """A contract as JSON: what stands in events, in invoices, and what commands print."""
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


def every(
    database: Database, organization: str, *, before: int | None = None, limit: int = 100
) -> list[Issued]:
    """Invoices and credit notes, newest first; `before` is the number after which a page ended."""
    with database.read(organization) as read:
        found = invoices.every(read, before=before, limit=limit)
        credited = invoices.credited(read, (one.number for one in found))
    return [Issued(one, credited[one.number]) for one in found]


def find(database: Database, organization: str, number: int) -> Issued:
    """One invoice or credit note.

    Raises:
        OperatorError: there is none of this number.
    """
    with database.read(organization) as read:
        found = invoices.get(read, number)
        if found is None:
            raise _unknown(number)
        return Issued(found, invoices.credited(read, [number])[number])


def credit(
    database: Database,
    organization: str,
    actor: Actor,
    number: int,
    *,
    reason: str,
    positions: Sequence[int] = (),
) -> Invoice:
    """Issue a credit note for an invoice, or for some of its lines. It corrects money; seats stay.

    The charge and the credit of an upgrade are taken back together.

    Raises:
        OperatorError: there is no such invoice or line, it was credited before, or nothing was paid for it.
    """

    def work(write: Write) -> Invoice:
        corrected = invoices.get(write, number)
        if corrected is None:
            raise _unknown(number)
        if corrected.credits is not None:
            raise OperatorError(f"{number} is a credit note; credit notes are not credited")
        lines = _credited_lines(write, corrected, positions)
        return _issue_credit_note(write, corrected, lines, reason)

    return database.write(organization, actor, work)


def _unknown(number: int) -> OperatorError:
    return OperatorError(f"there is no invoice {number}; 'scim-seats invoice list' shows them")


def _credited_lines(write: Write, corrected: Invoice, positions: Sequence[int]) -> tuple[InvoiceLine, ...]:
    done = invoices.credited(write, [corrected.number])[corrected.number]
    wanted = _whole_upgrades(corrected, positions) or {line.position for line in corrected.lines} - set(done)
    unknown = wanted - {line.position for line in corrected.lines}
    if unknown:
        raise OperatorError(f"invoice {corrected.number} has no line {min(unknown)}")
    again = wanted & set(done)
    if again or not wanted:
        position = min(again or done)
        raise OperatorError(
            f"line {position} of invoice {corrected.number} was credited before, by {done[position]}"
        )
    chosen = [line for line in corrected.lines if line.position in wanted]
    return tuple(
        replace(
            line,
            position=position,
            net=-line.net,
            tax=-line.tax,
            description=f"Credit: {line.description}",
            credits_invoice=corrected.number,
            credits_position=line.position,
        )
        for position, line in enumerate(chosen, start=1)
    )


def _whole_upgrades(corrected: Invoice, positions: Sequence[int]) -> set[int]:
    """The positions, with both lines of every upgrade that one of them belongs to."""
    kinds = {line.position: line.kind for line in corrected.lines}
    after = {position + 1 for position in positions if kinds.get(position) == Kind.UPGRADED}
    before = {position - 1 for position in positions if kinds.get(position) == Kind.UPGRADED_FROM}
    return {*positions, *after, *before}


def _issue_credit_note(
    write: Write, corrected: Invoice, lines: tuple[InvoiceLine, ...], reason: str
) -> Invoice:
    number = invoices.next_number(write)
    net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    if net + tax >= 0:
        raise OperatorError(f"nothing was paid for that part of invoice {corrected.number}")
    event = InvoiceCredited(
        invoice=number,
        credits=corrected.number,
        total=str(Money(net + tax, corrected.currency)),
        currency=corrected.currency,
        why=reason,
    )
    sequence = events.append(write, event)
    note = replace(
        corrected,
        number=number,
        sequence=sequence,
        reason="credit",
        issued=write.at,
        net=net,
        tax=tax,
        total=net + tax,
        credits=corrected.number,
        inputs={
            **corrected.inputs,
            "actor": write.actor.name,
            "way_in": write.actor.way_in,
            "why": reason,
        },
        lines=lines,
    )
    invoices.add(write, note)
    return note
