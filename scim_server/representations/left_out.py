"""People who are left out, the queue, and the results for refused people."""

from marshmallow import fields

from scim_server.representations.base import Quantities, Representation, dump
from scim_server.representations.bills import Billed
from scim_server.representations.people import PromotedRepresentation
from scim_server.representations.purchases import OrderResult, order
from scim_server.services.confirmations import Done
from scim_server.services.left_out.clear import Cleared


class WaitingRepresentation(Representation):
    """A person in the queue."""

    place = fields.Integer()
    person = fields.String(attribute="person.id")
    user_name = fields.String(attribute="person.user_name")
    wants = fields.String(attribute="person.wants")
    tier = fields.String(attribute="person.tier", allow_none=True)
    since = fields.String(attribute="person.waiting_since", allow_none=True)
    priority = fields.Integer(attribute="person.priority")
    way_in = fields.String(attribute="person.way_in")


class RejectedRepresentation(Representation):
    """An open refusal."""

    id = fields.String(attribute="reference")
    user_name = fields.String(attribute="refusal.user_name", allow_none=True)
    person = fields.String(attribute="refusal.person", allow_none=True)
    wants = fields.String(attribute="refusal.wants")
    reason = fields.String(attribute="refusal.reason")
    detail = fields.String(attribute="refusal.detail")
    provider_told = fields.String(attribute="provider_answer")
    first_attempt = fields.String(attribute="refusal.first_attempt")
    last_attempt = fields.String(attribute="refusal.last_attempt")
    attempts = fields.Integer(attribute="refusal.attempts")
    recent = fields.Boolean()


class WantsBetterRepresentation(Representation):
    """A person with a seat who was refused the tier that their groups give."""

    id = fields.String(attribute="reference")
    user_name = fields.String(attribute="person.user_name")
    person = fields.String(attribute="person.id")
    tier = fields.String()
    wants = fields.String()
    reason = fields.String()
    detail = fields.String()
    provider_told = fields.String(attribute="provider_answer")
    at = fields.String()


class LeftOutRepresentation(Representation):
    """All people without the seat they want."""

    waiting = fields.List(fields.Nested(WaitingRepresentation))
    rejected = fields.List(fields.Nested(RejectedRepresentation))
    wants_better_tier = fields.List(fields.Nested(WantsBetterRepresentation))


class RetriedRepresentation(Representation):
    """The result of one retry."""

    id = fields.String(attribute="reference")
    user_name = fields.String(allow_none=True)
    outcome = fields.Function(lambda one: one.outcome.value, metadata={"type": "string"})
    detail = fields.String(allow_none=True)


class AttemptsRepresentation(Representation):
    """The results of retries."""

    retried = fields.List(fields.Nested(RetriedRepresentation), attribute="tried")
    not_tried = fields.List(fields.Nested(RetriedRepresentation))


class DismissedRepresentation(Representation):
    """A refusal that was closed without giving a seat."""

    preview = fields.Boolean()
    id = fields.String(attribute="reference")
    user_name = fields.String(allow_none=True)
    tier = fields.String(allow_none=True)
    closed = fields.String()


class LeftOutSummary(Representation):
    """How many people are left out, and the price of letting everyone in now."""

    waiting = Quantities(metadata={"description": "People who wait, by the wanted tier or `any`."})
    refused = Quantities(
        metadata={"description": "People who were refused in the last 7 days, by the wanted tier or `any`."}
    )
    older = fields.Integer(
        metadata={"description": "Older refusals. They are let in only if their ids are given."}
    )
    wants_better_tier = Quantities(
        metadata={"description": "People who keep a seat and were refused a better tier, by that tier."}
    )
    asking = fields.Integer(metadata={"description": "Open requests for a seat or a better tier."})
    missing_seats = Quantities(
        attribute="missing",
        metadata={"description": "The seats to buy so that everyone gets the wanted seat."},
    )
    price = fields.Nested(
        Billed,
        attribute="bill",
        allow_none=True,
        metadata={"description": "Their price now; null if nothing is missing or seats are not sold now."},
    )
    standstill = fields.String(
        allow_none=True, metadata={"description": "Why no seats are assigned now; null if they are."}
    )


class ClearedRepresentation(Representation):
    """The result of buying for all people, next to the purchase."""

    promoted = fields.Integer()
    let_in = fields.List(fields.Nested(PromotedRepresentation))
    retried = fields.List(fields.Nested(RetriedRepresentation))


class LeftOutPurchase(OrderResult, ClearedRepresentation):
    """The seats that are bought for people who are left out, and the result for each person."""


def cleared(slug: str, done: Done[Cleared]) -> dict[str, object]:
    """The purchase for people who are left out, or its preview."""
    result = done.result
    return {
        "organization": slug,
        "preview": done.preview,
        **order(result.purchase, result.order, preview=done.preview),
        **dump(CLEARED, result),
        "confirmation": done.confirmation,
    }


WAITING = WaitingRepresentation()
REJECTED = RejectedRepresentation()
WANTS_BETTER = WantsBetterRepresentation()
LEFT_OUT = LeftOutRepresentation()
ATTEMPTS = AttemptsRepresentation()
DISMISSED = DismissedRepresentation()
CLEARED = ClearedRepresentation()
