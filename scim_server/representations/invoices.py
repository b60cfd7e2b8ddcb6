"""Invoices and credit notes."""

from typing import Any

from marshmallow import fields

from scim_server.representations.base import Representation, dump
from scim_server.representations.terms import Terms
from scim_server.services.invoicing.invoices import Issued
from scim_server.store.rows import invoices as rows
from seat_policy.money import Money as Amount


def _amount(minor: int, currency: str) -> dict[str, object]:
    return {"amount": str(Amount(minor, currency)), "currency": currency}


class Invoice(Representation):
    """An invoice, or a credit note with the invoice that it `credits` and the reason (`why`)."""

    number = fields.Integer()
    reference = fields.String()
    kind = fields.Function(lambda one: "invoice" if one.credits is None else "credit_note")
    reason = fields.String()
    organization = fields.Function(lambda one: one.inputs["organization"])
    issued = fields.String()
    since = fields.String()
    until = fields.String()
    currency = fields.String()
    lines = fields.Function(lambda one: [_line(line, one.currency) for line in one.lines])
    net = fields.Function(lambda one: _amount(one.net, one.currency))
    tax = fields.Function(lambda one: _amount(one.tax, one.currency))
    total = fields.Function(lambda one: _amount(one.total, one.currency))
    credits = fields.Integer(allow_none=True)
    why = fields.Function(lambda one: one.inputs.get("why"))
    seller = fields.Function(lambda one: one.inputs["seller"])
    bill_to = fields.Function(lambda one: one.inputs["bill_to"])
    by = fields.Function(lambda one: one.inputs["actor"])
    contract = fields.Function(lambda one: dump(Terms(), one.inputs["contract"]))


class _Line(Representation):
    """One billed line."""

    position = fields.Integer()
    description = fields.String()
    kind = fields.String()
    tier = fields.String()
    quantity = fields.Integer()
    fraction = fields.String()
    explanation = fields.String()


def _line(line: rows.InvoiceLine, currency: str) -> dict[str, Any]:
    amounts = {name: _amount(getattr(line, name), currency) for name in ("unit", "net", "tax")}
    return {**dump(_Line(), line), **amounts, "credited_by": None}


def issued(one: Issued) -> dict[str, Any]:
    """An invoice, with its credited lines and their credit notes."""
    shown: dict[str, Any] = dump(Invoice(), one.invoice)
    lines = [line | {"credited_by": one.credited.get(line["position"])} for line in shown["lines"]]
    return shown | {"lines": lines}
