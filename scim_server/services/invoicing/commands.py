"""Corrects an invoice with a credit note, with preview and confirmation, because this changes money."""

from collections.abc import Sequence

from scim_server.services import confirmations
from scim_server.services.confirmations import Done, Part, Stale
from scim_server.services.context import Context
from scim_server.services.errors import ReasonMissing
from scim_server.services.invoicing import credit_notes
from scim_server.store.rows.invoices import Invoice
from seat_policy.money import Money

__all__ = [
    "Done",
    "credit",
]


def credit(
    context: Context,
    number: int,
    *,
    reason: str,
    positions: Sequence[int] = (),
    preview: bool = False,
    confirmation: str | None = None,
) -> Done[Invoice] | Stale:
    """Issue a credit note for an invoice, or for some of its lines. The seats do not change.

    The charge and the credit of an upgrade are credited together.

    Raises:
        ReasonMissing: the reason is missing.
        ServiceError: the invoice or line does not exist, was already credited, or cost nothing.
    """
    if not reason.strip():
        raise ReasonMissing("a credit note needs a reason, which is shown to the customer")
    return confirmations.carry_out(
        context,
        "invoice.credit",
        lambda write: credit_notes.issue(write, number, reason.strip(), positions),
        _shows,
        preview=preview,
        confirmation=confirmation,
    )


def _shows(note: Invoice) -> tuple[Part, ...]:
    lines = [[line.credits_position, line.net, line.tax] for line in note.lines]
    positions = ", ".join(str(line.credits_position) for line in note.lines)
    total = f"{Money(note.total, note.currency)} {note.currency}"
    why = str(note.inputs["why"])
    return (
        Part("the invoice is", note.credits, str(note.credits)),
        Part("the credited lines are", lines, positions),
        Part("the credit is", [note.total, note.currency], total),
        Part("the reason is", why, f"'{why}'"),
    )
