"""Amounts owed that are not on an invoice yet."""

from marshmallow import fields

from scim_server.representations.base import Money, Representation, dump
from seat_policy.bill import Bill


class _LineOf(Representation):
    """The fields of a line except the amounts; `fraction` is the billed part of the term."""

    description = fields.String()
    kind = fields.String()
    tier = fields.String()
    quantity = fields.Integer()
    fraction = fields.String()
    explanation = fields.String()


class Line(_LineOf):
    """One line; `unit` is the price of a seat for a whole term."""

    unit = Money()
    net = Money()
    tax = Money()


class _PlainLine(_LineOf):
    """A line of a quote, whose amounts are text."""

    unit = fields.String()
    net = fields.String()
    tax = fields.String()


class _BillOf(Representation):
    """The fields of a bill except the amounts; `until` is the day after the last billed day."""

    currency = fields.String()
    since = fields.Date()
    until = fields.Date(attribute="term.end")


class Billed(_BillOf):
    """The lines with their sums."""

    lines = fields.List(fields.Nested(Line))
    net = Money()
    tax = Money()
    total = Money()


class QuotedPrice(Billed):
    """The price of an order. Nothing is stored."""

    organization = fields.String()


class Quote(_BillOf):
    """A price computed from the terms alone. Its amounts are text, because scripts read them."""

    lines = fields.List(fields.Nested(_PlainLine))
    net = fields.String()
    tax = fields.String()
    total = fields.String()


PRICED = tuple(Billed().fields)
"""The field names of a bill."""


def quoted(slug: str, bill: Bill) -> dict[str, object]:
    """The price of an order of an organization."""
    return {"organization": slug, **dump(Billed(), bill)}


def priced(bill: Bill | None) -> dict[str, object]:
    """The parts of a bill; each part is null if nothing is owed."""
    if bill is None:
        return dict.fromkeys(PRICED)
    dumped: dict[str, object] = Billed().dump(bill)
    return dumped
