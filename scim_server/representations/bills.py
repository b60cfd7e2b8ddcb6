"""What is owed, before it is an invoice."""

from marshmallow import fields

from scim_server.representations.base import Money, Representation
from seat_policy.invoices import Bill


class Line(Representation):
    """One line; `unit` is the price of a seat for a whole term, `fraction` the part of it that is billed."""

    description = fields.String()
    kind = fields.String()
    tier = fields.String()
    quantity = fields.Integer()
    unit = Money()
    fraction = fields.String()
    explanation = fields.String()
    net = Money()
    tax = Money()


class Billed(Representation):
    """The lines with their sums; `until` is the day after the last one that is billed."""

    currency = fields.String()
    since = fields.Date()
    until = fields.Date(attribute="term.end")
    lines = fields.List(fields.Nested(Line))
    net = Money()
    tax = Money()
    total = Money()


PRICED = tuple(Billed().fields)
"""The names of what a bill shows."""


def priced(bill: Bill | None) -> dict[str, object]:
    """The parts of a bill, each null where nothing is owed."""
    if bill is None:
        return dict.fromkeys(PRICED)
    dumped: dict[str, object] = Billed().dump(bill)
    return dumped
