"""Mass removals by a provider, and the people in them."""

from marshmallow import fields

from scim_server.representations.base import Quantities, Representation, dump
from scim_server.representations.people import PromotedRepresentation
from scim_server.representations.purchases import OrderResult, order
from scim_server.services.confirmations import Done
from scim_server.services.mass_removals.commands import Confirmed, Restored


class RemovalRepresentation(Representation):
    """A mass removal in a list."""

    id = fields.String(attribute="reference")
    at = fields.String(attribute="removal.at")
    people = fields.Integer(attribute="count")
    of = fields.Integer(attribute="removal.members")
    back = fields.Integer(attribute="count_back")
    holds = fields.Boolean(attribute="removal.holds")
    held = Quantities()
    state = fields.String(attribute="removal.state")
    closed = fields.String(attribute="removal.closed", allow_none=True)


class RemovedRepresentation(Representation):
    """A person in a mass removal, and what the person had."""

    person = fields.String(attribute="removed.person")
    user_name = fields.String(attribute="removed.user_name")
    at = fields.String(attribute="removed.at")
    tier = fields.String(attribute="removed.tier", allow_none=True)
    wants = fields.String(attribute="removed.wants", allow_none=True)
    held = fields.Boolean()
    back = fields.Boolean()


class RemovalDetailsRepresentation(RemovalRepresentation):
    """A mass removal with the people in it."""

    left = fields.List(fields.Nested(RemovedRepresentation), attribute="removed_people")


class ConfirmedRemoval(Representation):
    """The result of confirming a mass removal, or of its preview."""

    preview = fields.Boolean()
    id = fields.String(attribute="reference")
    freed = Quantities()
    promoted = fields.Integer()
    let_in = fields.List(fields.Nested(PromotedRepresentation))
    confirmation = fields.String(
        allow_none=True, metadata={"description": "Confirms exactly this result in the real call."}
    )


class RestoredPersonRepresentation(Representation):
    """The result for one restored person."""

    person = fields.String()
    user_name = fields.String()
    outcome = fields.String()
    tier = fields.String(allow_none=True)
    seat = fields.Function(
        lambda one: one.source.value,
        metadata={"type": "string", "description": "`held`, `free`, `missing` or `not_needed`."},
    )


class RestoredRepresentation(Representation):
    """The result of restoring a mass removal, next to the purchase."""

    id = fields.String(attribute="reference")
    people = fields.List(fields.Nested(RestoredPersonRepresentation))
    let_in = fields.List(fields.Nested(PromotedRepresentation))


class RestoredRemoval(OrderResult, RestoredRepresentation):
    """The restored people, and the seats that were bought for them."""


def confirmed(done: Done[Confirmed]) -> dict[str, object]:
    """A confirmed mass removal, or the preview of it."""
    return {**dump(CONFIRMED, done.result), "confirmation": done.confirmation}


def restored(slug: str, done: Done[Restored]) -> dict[str, object]:
    """A restored mass removal, or the preview of it."""
    result = done.result
    return {
        "organization": slug,
        "preview": done.preview,
        **order(result.purchase, result.order, preview=done.preview),
        **dump(RESTORED, result),
        "confirmation": done.confirmation,
    }


REMOVAL = RemovalRepresentation()
REMOVAL_DETAILS = RemovalDetailsRepresentation()
CONFIRMED = ConfirmedRemoval()
RESTORED = RestoredRepresentation()
