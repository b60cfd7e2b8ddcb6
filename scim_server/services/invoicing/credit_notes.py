"""Credit notes for lines of an invoice. Each line is credited once; the seats do not change (SEATS 44)."""

from collections.abc import Sequence
from dataclasses import replace

from scim_server.history import InvoiceCredited
from scim_server.services.errors import CreditedBefore, NothingToCredit, UnknownLine
from scim_server.services.invoicing.invoices import get
from scim_server.store.database.session import Write
from scim_server.store.rows import events, invoices
from scim_server.store.rows.invoices import Invoice, InvoiceLine
from seat_policy.bill import Kind
from seat_policy.money import Money


def issue(write: Write, number: int, reason: str, positions: Sequence[int] = ()) -> Invoice:
    """Issue a credit note for an invoice, or for some of its lines.

    Raises:
        ServiceError: the invoice or line does not exist, was already credited, or cost nothing.
    """
    corrected = get(write, number)
    if corrected.credits is not None:
        raise NothingToCredit(f"{number} is a credit note, and credit notes cannot be credited")
    return _note(write, corrected, _credited_lines(write, corrected, positions), reason)


def _credited_lines(write: Write, corrected: Invoice, positions: Sequence[int]) -> tuple[InvoiceLine, ...]:
    done = invoices.credited(write, [corrected.number])[corrected.number]
    wanted = _whole_upgrades(corrected, positions) or {line.position for line in corrected.lines} - set(done)
    unknown = wanted - {line.position for line in corrected.lines}
    if unknown:
        raise UnknownLine(f"invoice {corrected.number} has no line {min(unknown)}")
    again = wanted & set(done)
    if again or not wanted:
        position = min(again or done)
        raise CreditedBefore(
            f"line {position} of invoice {corrected.number} was already credited by {done[position]}"
        )
    chosen = [line for line in corrected.lines if line.position in wanted]
    return tuple(
        replace(
            line,
            position=position,
            net=-line.net,
            tax=-line.tax,
            description=_described(line),
            explanation=_negated(line.explanation),
            credits_invoice=corrected.number,
            credits_position=line.position,
        )
        for position, line in enumerate(chosen, start=1)
    )


def _whole_upgrades(corrected: Invoice, positions: Sequence[int]) -> set[int]:
    """The positions, with both lines of every upgrade that has a line among them."""
    kinds = {line.position: line.kind for line in corrected.lines}
    after = {position + 1 for position in positions if kinds.get(position) == Kind.UPGRADED}
    before = {position - 1 for position in positions if kinds.get(position) == Kind.UPGRADED_FROM}
    return {*positions, *after, *before}


def _described(line: InvoiceLine) -> str:
    """What a line of a credit note reverses: either a charge, or the credit of an upgrade."""
    if line.kind == Kind.UPGRADED_FROM:
        return f"Reversal of: {line.description}"
    return f"Credit for {line.description}"


def _negated(explanation: str) -> str:
    """A calculation with the opposite sign, including the result that it contains."""
    factors, equals, result = explanation.partition(" = ")
    return _opposite(factors, "- ") + equals + (_opposite(result, "-") if equals else "")


def _opposite(text: str, minus: str) -> str:
    return text.removeprefix(minus) if text.startswith(minus) else f"{minus}{text}"


def _note(write: Write, corrected: Invoice, lines: tuple[InvoiceLine, ...], reason: str) -> Invoice:
    number = invoices.next_number(write)
    net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    if net + tax >= 0:
        raise NothingToCredit(f"nothing was billed for that part of invoice {corrected.number}")
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
