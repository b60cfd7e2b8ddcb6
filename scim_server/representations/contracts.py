"""Contracts, and their renewal or end."""

from typing import Final

from marshmallow import fields

from scim_server.representations.base import Money, Quantities, Representation, dump
from scim_server.representations.bills import Line
from scim_server.representations.invoices import Invoice
from scim_server.representations.people import PromotedRepresentation
from scim_server.representations.terms import Terms
from scim_server.services.billing.commands import Renewal
from scim_server.services.billing.contracts import Signed
from scim_server.services.billing.renewal import Ended, Renewed
from scim_server.services.confirmations import Done
from scim_server.services.invoicing.invoices import described

_STATES: Final = ["none", "not_started", "active", "renewal_due", "ended"]
_OUTCOMES: Final = ["renewed", "renewed_ahead", "ended", "will_end"]
_TIERS: Final = {"type": "object", "additionalProperties": {"type": "integer"}}


class Beside(Representation):
    """The fields next to the terms of an organization's contract."""

    status = fields.String(metadata={"enum": _STATES})
    suspended = fields.String(allow_none=True)
    purchased = fields.Function(
        lambda signed: {one.tier.name: one.purchased for one in reversed(signed.seats.tiers)}, metadata=_TIERS
    )
    scheduled = Quantities(attribute="plan.scheduled")
    seller = fields.String(attribute="plan.seller", allow_none=True)
    ended = fields.String(attribute="plan.ended", allow_none=True)
    invoice = fields.Nested(Invoice, attribute="opening", allow_none=True)


class Contract(Terms, Beside):
    """The contract of an organization. With the status `none`, it has no other fields."""

    organization = fields.String()
    bill_to = fields.String(metadata={"description": "The customer on invoices."})


def contract(slug: str, signed: Signed | None) -> dict[str, object]:
    """The contract of an organization; the status is `none` if its seats are granted."""
    if signed is None:
        return {"organization": slug, "status": "none"}
    beside = dump(Beside(), signed)
    terms = dump(Terms(), described(signed.plan.contract))
    return {"organization": slug, **terms, **beside, "bill_to": signed.plan.bill_to or slug}


class TierRenewal(Representation):
    """The seats of a tier before and after a renewal."""

    tier = fields.String()
    purchased = fields.Integer()
    in_use = fields.Integer()
    scheduled = fields.Integer(allow_none=True)
    padding = fields.Integer()
    renewed = fields.Integer()
    billed = fields.Integer()
    clamped = fields.Boolean()


class NextTerm(Representation):
    """The next term, with its bill and the price of other quantities.

    If the contract ends instead, there are only `outcome`, `term` and `end`.
    """

    outcome = fields.Function(
        lambda step: "renewed_ahead" if step.ahead else "renewed",
        metadata={"type": "string", "enum": _OUTCOMES},
    )
    term = fields.Integer(attribute="contract.term")
    start = fields.Date(attribute="contract.running.start")
    end = fields.Date(attribute="contract.running.end")
    tiers = fields.Dict(keys=fields.String(), values=fields.Nested(TierRenewal), attribute="by_tier")
    currency = fields.String(attribute="bill.currency")
    since = fields.Date(attribute="bill.since")
    until = fields.Date(attribute="bill.term.end")
    lines = fields.List(fields.Nested(Line), attribute="bill.lines")
    net = Money(attribute="bill.net")
    tax = Money(attribute="bill.tax")
    total = Money(attribute="bill.total")
    total_in_use = Money(attribute="bill_in_use.total")
    total_purchased = Money(attribute="bill_purchased.total")
    invoice = fields.Nested(Invoice, allow_none=True)


class LastTerm(Representation):
    """The end of a contract that does not renew."""

    outcome = fields.Function(lambda step: "will_end" if step.ahead else "ended")
    term = fields.Integer(attribute="number")
    end = fields.Date(attribute="term.end")


class RenewalResult(Representation):
    """What a renewal did, or would do."""

    organization = fields.String()
    preview = fields.Boolean()
    steps = fields.List(
        fields.Nested(NextTerm),
        metadata={"description": "The next terms, or the end of the contract. Empty if nothing is due."},
    )
    promoted = fields.Integer(metadata={"description": "How many waiting people get a seat."})
    let_in = fields.List(fields.Nested(PromotedRepresentation))
    confirmation = fields.String(
        allow_none=True, metadata={"description": "Confirms exactly this result in the real call."}
    )


class ForeseenRenewal(Representation):
    """The next term as it would begin with the present seats."""

    organization = fields.String()
    next_term = fields.Nested(
        NextTerm,
        allow_none=True,
        metadata={"description": "Null if there is no contract, or it has ended."},
    )


def foreseen(slug: str, step: Renewed | Ended | None) -> dict[str, object]:
    """The next term, or the end of the contract."""
    return {"organization": slug, "next_term": None if step is None else _step(step, preview=True)}


def renewal(slug: str, done: Done[Renewal]) -> dict[str, object]:
    """The changes that were due by a day. In a preview, there are no invoices."""
    return {
        "organization": slug,
        "preview": done.preview,
        "steps": [_step(step, preview=done.preview) for step in done.result.steps],
        "promoted": len(done.result.let_in),
        "let_in": PromotedRepresentation(many=True).dump(done.result.let_in),
        "confirmation": done.confirmation,
    }


def _step(step: Renewed | Ended, *, preview: bool) -> dict[str, object]:
    if isinstance(step, Ended):
        return dump(LastTerm(), step)
    return dump(NextTerm(), step) | ({"invoice": None} if preview else {})
