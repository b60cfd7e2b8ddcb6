"""Credit notes: created for invoices or for some of their lines, listed and shown."""

from typing import Any, Final

from marshmallow import fields, validate

from scim_server.admin import auth
from scim_server.admin.invoices import listed
from scim_server.admin.parsing import text
from scim_server.admin.previews import carry_out
from scim_server.admin.routes import OF_ORGANIZATION, Confirmed, Noun
from scim_server.representations.invoices import CreditResult, Invoice, credit, issued
from scim_server.services.access.commands import Scope
from scim_server.services.errors import (
    CreditedBefore,
    NothingToCredit,
    ReasonMissing,
    UnknownInvoice,
    UnknownLine,
)
from scim_server.services.invoicing import commands, queries

credit_notes = Noun("credit-notes", "Corrections of invoices. They are numbered together with the invoices.")

_NOTES: Final = f"{OF_ORGANIZATION}/credit-notes"
_MOST_LINES: Final = 1_000
_GREATEST: Final = 10**15 - 1


class CreditNoteInput(Confirmed):
    """The invoice that is corrected, with the reason."""

    invoice = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, _GREATEST),
        metadata={"description": "The number of the invoice."},
    )
    reason = text(required=True, longest=1_000, about="The reason; it is shown on the credit note.")
    lines = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, _GREATEST)),
        load_default=list,
        validate=validate.Length(max=_MOST_LINES),
        metadata={"description": "The positions of the lines that are credited; without it, all lines."},
    )


@credit_notes.do(
    _NOTES,
    Scope.BILLING_WRITE,
    CreditResult,
    CreditNoteInput,
    preview=True,
    raises=(UnknownInvoice, UnknownLine, CreditedBefore, NothingToCredit, ReasonMissing),
    example={"invoice": 1, "reason": "ordered by mistake", "lines": [1]},
)
def create(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Correct an invoice, or some of its lines, with a credit note. The seats do not change.

    Each line is credited at most once. The charge and the credit of an upgrade are credited together.
    """
    return carry_out(
        lambda shown, code: commands.credit(
            auth.context(),
            body["invoice"],
            reason=body["reason"],
            positions=body["lines"],
            preview=shown,
            confirmation=code,
        ),
        credit,
        preview=preview,
        body=body,
    )


@credit_notes.list(_NOTES, Scope.BILLING_READ, Invoice)
def list_credit_notes(query: dict[str, Any]) -> dict[str, object]:
    """List the credit notes, the newest first, with the invoices that they credit."""
    return listed(query, queries.CREDIT)


@credit_notes.show(f"{_NOTES}/<credit_note>", Scope.BILLING_READ, Invoice, raises=(UnknownInvoice,))
def show(credit_note: str) -> dict[str, object]:
    """One credit note, with the reason (`why`) and the credited lines."""
    return issued(queries.credit_note(auth.context(), credit_note))
