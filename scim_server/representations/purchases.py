"""Seats that a command bought or would buy."""

from marshmallow import fields

from scim_server.representations.base import Money, Quantities, Representation, dump
from scim_server.representations.bills import PRICED, Billed, Line, priced
from scim_server.representations.invoices import Invoice
from scim_server.representations.people import PromotedRepresentation
from scim_server.representations.seats import Seats
from scim_server.services.billing.purchases import Purchase
from scim_server.services.confirmations import Done
from seat_policy.bill import Order


class Upgrade(Representation):
    """Seats of one tier that are upgraded to another."""

    quantity = fields.Integer()
    source = fields.String(data_key="from")
    target = fields.String(data_key="to")


class PurchaseResult(Billed, Seats):
    """A purchase of seats or its preview, with its bill, and the seats after it.

    The fields of the bill are null if nothing is owed.
    """

    organization = fields.String()
    preview = fields.Boolean()
    repeated = fields.Boolean()
    seated_for = fields.List(
        fields.String(), metadata={"description": "The people who get a seat before the queue moves."}
    )
    moved_for = fields.List(fields.String(), metadata={"description": "The people whose seat is upgraded."})
    promoted = fields.Integer(metadata={"description": "How many waiting people get a seat."})
    let_in = fields.List(fields.Nested(PromotedRepresentation))
    confirmation = fields.String(
        allow_none=True, metadata={"description": "Confirms exactly this result in the real call."}
    )
    added = Quantities()
    upgraded = fields.List(fields.Nested(Upgrade))
    invoice = fields.Nested(Invoice, allow_none=True)
    currency = fields.String(allow_none=True)
    since = fields.Date(allow_none=True)
    until = fields.Date(allow_none=True)
    lines = fields.List(fields.Nested(Line), allow_none=True)


class OrderResult(Representation):
    """The seats that an action buys, with their bill. Each field is null if nothing is owed."""

    organization = fields.String()
    preview = fields.Boolean()
    added = Quantities()
    upgraded = fields.List(fields.Nested(Upgrade))
    currency = fields.String(allow_none=True)
    since = fields.Date(allow_none=True)
    until = fields.Date(allow_none=True)
    lines = fields.List(fields.Nested(Line), allow_none=True)
    net = Money(allow_none=True)
    tax = Money(allow_none=True)
    total = Money(allow_none=True)
    invoice = fields.Nested(Invoice, allow_none=True)
    confirmation = fields.String(
        allow_none=True, metadata={"description": "Confirms exactly this result in the real call."}
    )


def order(done: Purchase | None, ordered: Order, *, preview: bool) -> dict[str, object]:
    """The order with its bill; each part is null if nothing is bought or nothing is owed.

    Args:
        preview: whether the order was rolled back; then its invoice does not exist, unless the key was used
            before.
    """
    shown: dict[str, object] = priced(None if done is None else done.bill)
    exists = done is not None and done.invoice is not None and (not preview or done.repeated)
    invoice = dump(Invoice(), done.invoice) if done is not None and exists else None
    if invoice is not None and done is not None and done.bill is None:
        shown = {name: invoice[name] for name in PRICED}
    return {
        "added": dict(ordered.adds),
        "upgraded": Upgrade(many=True).dump(ordered.upgrades),
        **shown,
        "invoice": invoice,
    }


def purchase(slug: str, done: Done[Purchase]) -> dict[str, object]:
    """A purchase of seats, with the people who get a seat, and the seats after it."""
    bought = done.result
    return {
        "organization": slug,
        "preview": done.preview,
        "repeated": bought.repeated,
        "seated_for": list(bought.seated),
        "moved_for": list(bought.moved),
        "promoted": bought.promoted,
        "let_in": PromotedRepresentation(many=True).dump(bought.let_in),
        "confirmation": done.confirmation,
        **order(bought, bought.order, preview=done.preview),
        **dump(Seats(), bought.after),
    }
