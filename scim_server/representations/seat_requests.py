"""Requests for seats, what approving one does, and changed priorities in the queue."""

from marshmallow import fields

from scim_server.representations.base import Money, Representation, dump
from scim_server.representations.bills import Line
from scim_server.representations.invoices import Invoice
from scim_server.representations.people import PersonRepresentation, PromotedRepresentation
from scim_server.representations.purchases import Upgrade, order
from scim_server.services.confirmations import Done
from scim_server.services.left_out.priority import Prioritised
from scim_server.services.seat_requests.commands import Approved
from seat_policy.bill import Order


class SeatRequest(Representation):
    """A request for a seat, with the present seat of the person."""

    id = fields.String(attribute="reference", metadata={"description": "Its id, such as acme-12."})
    person = fields.String(
        attribute="request.person",
        allow_none=True,
        metadata={"description": "The member who asks; null for a refused person who is no member yet."},
    )
    user_name = fields.String(attribute="request.user_name")
    wants = fields.String(
        attribute="request.wants", metadata={"description": "The requested tier, or `any`."}
    )
    reason = fields.String(attribute="request.reason", metadata={"description": "The words of the person."})
    state = fields.String(
        attribute="request.state",
        metadata={
            "description": "`open`, `approved`, `declined`, `withdrawn`, or `lapsed`: ended by itself."
        },
    )
    tier = fields.String(allow_none=True, metadata={"description": "The tier of the person's seat now."})
    waits_for = fields.String(
        allow_none=True, metadata={"description": "The tier that the person waits for now, or `any`."}
    )
    opened = fields.String(attribute="request.opened")
    way_in = fields.String(attribute="request.way_in")
    opened_by = fields.String(attribute="request.actor")
    closed = fields.String(attribute="request.closed", allow_none=True)
    decided_by = fields.String(attribute="request.decider", allow_none=True)
    decision_reason = fields.String(attribute="request.why", allow_none=True)


class ApprovedSeatRequest(Representation):
    """An approved request, or the preview of it. Without a purchase, the fields of the bill are null."""

    organization = fields.String()
    preview = fields.Boolean()
    request = fields.Nested(SeatRequest)
    promoted = fields.Integer()
    let_in = fields.List(
        fields.Nested(PromotedRepresentation),
        metadata={"description": "The waiting people who get a seat that becomes free."},
    )
    added = fields.Dict(keys=fields.String(), values=fields.Integer())
    upgraded = fields.List(fields.Nested(Upgrade))
    currency = fields.String(allow_none=True)
    since = fields.Date(allow_none=True)
    until = fields.Date(allow_none=True)
    lines = fields.List(fields.Nested(Line), allow_none=True)
    net = Money(allow_none=True)
    tax = Money(allow_none=True)
    total = Money(allow_none=True)
    invoice = fields.Nested(Invoice, allow_none=True)
    confirmation = fields.String(allow_none=True)


class PriorityChange(Representation):
    """A changed priority in the queue, or the preview of it."""

    preview = fields.Boolean()
    person = fields.Nested(PersonRepresentation)
    priority_before = fields.Integer()
    priority = fields.Integer()
    place_before = fields.Integer(
        metadata={"description": "The place among the people who may get the same seats; 1 is served first."}
    )
    place = fields.Integer()
    passed = fields.List(
        fields.String(),
        metadata={"description": "The first userNames of the people who are passed, or who pass the person."},
    )
    passed_count = fields.Integer()
    confirmation = fields.String(allow_none=True)


SEAT_REQUEST = SeatRequest()


def approved(slug: str, done: Done[Approved]) -> dict[str, object]:
    """An approved request with its purchase; the order is empty if a free seat is given."""
    result = done.result
    ordered = Order() if result.purchase is None else result.purchase.order
    return {
        "organization": slug,
        "preview": done.preview,
        "request": dump(SEAT_REQUEST, result.listed),
        "promoted": result.promoted,
        "let_in": PromotedRepresentation(many=True).dump(result.let_in),
        **order(result.purchase, ordered, preview=done.preview),
        "confirmation": done.confirmation,
    }


def prioritised(done: Done[Prioritised]) -> dict[str, object]:
    """A changed priority with the people between the two places."""
    changed = done.result
    return {
        "preview": done.preview,
        "person": dump(PersonRepresentation(), changed.after),
        "priority_before": changed.before.priority,
        "priority": changed.after.priority,
        "place_before": changed.place_before,
        "place": changed.place_after,
        "passed": [one.user_name for one in changed.passed],
        "passed_count": changed.count,
        "confirmation": done.confirmation,
    }
