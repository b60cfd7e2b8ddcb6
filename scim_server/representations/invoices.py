"""Invoices and credit notes."""

from dataclasses import asdict
from typing import Any, Final

from marshmallow import fields

from scim_server.representations.base import Money, Representation, dump
from scim_server.representations.terms import Terms
from scim_server.services.confirmations import Done
from scim_server.services.invoicing.queries import REASONS, Issued
from scim_server.store.rows import invoices as rows
from seat_policy.money import Money as Amount

_TEXT: Final = {"type": "string"}


class _Amount(Money):
    """An amount in minor units of the currency of its invoice."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> object:  # noqa: ANN401 - the library's own signature
        return super()._serialize(Amount(value, obj.currency), attr, obj, **kwargs)


class InvoiceLine(Representation):
    """One billed line; `credited_by` is the number of the credit note that credited it."""

    position = fields.Integer()
    description = fields.String()
    kind = fields.String()
    tier = fields.String()
    quantity = fields.Integer()
    fraction = fields.String(metadata={"description": "The billed part of the term, such as 74/93."})
    explanation = fields.String()
    unit = Money(metadata={"description": "The price of one seat for a whole term."})
    net = Money()
    tax = Money()
    credited_by = fields.Integer(allow_none=True)


class _Lines(fields.List[Any]):
    """The lines, whose currency is that of their invoice."""

    def __init__(self) -> None:
        super().__init__(fields.Nested(InvoiceLine))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[Any]:  # noqa: ANN401, ARG002 - as above
        return [_line(line, obj.currency) for line in obj.lines]


class Invoice(Representation):
    """An invoice, or a credit note with the invoice that it `credits` and the reason (`why`)."""

    number = fields.Integer()
    reference = fields.String()
    kind = fields.Function(
        lambda one: "invoice" if one.credits is None else "credit_note",
        metadata={"type": "string", "enum": ["invoice", "credit_note"]},
    )
    reason = fields.String(metadata={"enum": list(REASONS)})
    organization = fields.Function(lambda one: one.inputs["organization"], metadata=_TEXT)
    issued = fields.String()
    since = fields.String()
    until = fields.String()
    currency = fields.String()
    lines = _Lines()
    net = _Amount()
    tax = _Amount()
    total = _Amount()
    credits = fields.Integer(allow_none=True)
    why = fields.Function(lambda one: one.inputs.get("why"), metadata={"type": ["string", "null"]})
    seller = fields.Function(lambda one: one.inputs["seller"], metadata={"type": ["string", "null"]})
    bill_to = fields.Function(lambda one: one.inputs["bill_to"], metadata=_TEXT)
    by = fields.Function(lambda one: one.inputs["actor"], metadata=_TEXT)
    contract = fields.Nested(Terms, attribute="inputs.contract")


class CreditResult(Invoice):
    """A credit note, or the preview of one."""

    preview = fields.Boolean()
    confirmation = fields.String(
        allow_none=True, metadata={"description": "Confirms exactly this result in the real call."}
    )


def _line(line: rows.InvoiceLine, currency: str) -> dict[str, Any]:
    amounts = {name: Amount(getattr(line, name), currency) for name in ("unit", "net", "tax")}
    return dump(InvoiceLine(), {**asdict(line), **amounts, "credited_by": None})


def credit(done: Done[rows.Invoice]) -> dict[str, object]:
    """A credit note, or its preview."""
    return {"preview": done.preview, **dump(Invoice(), done.result), "confirmation": done.confirmation}


def issued(one: Issued) -> dict[str, Any]:
    """An invoice, with its credited lines and their credit notes."""
    shown: dict[str, Any] = dump(Invoice(), one.invoice)
    lines = [line | {"credited_by": one.credited.get(line["position"])} for line in shown["lines"]]
    return shown | {"lines": lines}
