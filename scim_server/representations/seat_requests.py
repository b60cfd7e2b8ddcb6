"""Requests for seats, and what approving one does."""

from marshmallow import fields

from scim_server.representations.base import Representation, dump
from scim_server.representations.people import PersonRepresentation, PromotedRepresentation
from scim_server.representations.purchases import order
from scim_server.services.confirmations import Done
from scim_server.services.seat_requests.commands import Approved
from seat_policy.bill import Order


class SeatRequestRepresentation(Representation):
    """A request for a seat, with the present seat of the person."""

    id = fields.String(attribute="reference")
    person = fields.String(attribute="request.person", allow_none=True)
    user_name = fields.String(attribute="request.user_name")
    wants = fields.String(attribute="request.wants")
    reason = fields.String(attribute="request.reason")
    state = fields.Function(lambda one: one.request.state.value)
    tier = fields.String(allow_none=True)
    waits_for = fields.String(allow_none=True)
    opened = fields.String(attribute="request.opened")
    way_in = fields.String(attribute="request.way_in")
    opened_by = fields.String(attribute="request.actor")
    closed = fields.String(attribute="request.closed", allow_none=True)
    decided_by = fields.String(attribute="request.decider", allow_none=True)
    decision_reason = fields.String(attribute="request.why", allow_none=True)


class PrioritisedRepresentation(Representation):
    """A changed priority in the queue, or its preview."""

    preview = fields.Boolean()
    person = fields.Nested(PersonRepresentation, attribute="after")
    priority_before = fields.Integer(attribute="before.priority")
    priority = fields.Integer(attribute="after.priority")
    place_before = fields.Integer()
    place = fields.Integer(attribute="place_after")
    passed = fields.List(fields.Pluck(PersonRepresentation, "user_name"))
    passed_count = fields.Integer(attribute="count")


SEAT_REQUEST = SeatRequestRepresentation()
PRIORITISED = PrioritisedRepresentation()


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
