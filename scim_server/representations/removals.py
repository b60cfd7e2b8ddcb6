"""Mass removals by a provider, and the people in them."""

from marshmallow import fields

from scim_server.representations.base import Quantities, Representation
from scim_server.representations.people import PromotedRepresentation


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


class ConfirmedRepresentation(Representation):
    """The result of confirming a mass removal, or of its preview."""

    preview = fields.Boolean()
    id = fields.String(attribute="reference")
    freed = Quantities()
    promoted = fields.Integer()
    let_in = fields.List(fields.Nested(PromotedRepresentation))


class RestoredPersonRepresentation(Representation):
    """The result for one restored person."""

    person = fields.String()
    user_name = fields.String()
    outcome = fields.String()
    tier = fields.String(allow_none=True)
    seat = fields.Function(lambda one: one.source.value)


class RestoredRepresentation(Representation):
    """The result of restoring a mass removal, next to the purchase."""

    id = fields.String(attribute="reference")
    people = fields.List(fields.Nested(RestoredPersonRepresentation))
    let_in = fields.List(fields.Nested(PromotedRepresentation))


REMOVAL = RemovalRepresentation()
REMOVAL_DETAILS = RemovalDetailsRepresentation()
CONFIRMED = ConfirmedRepresentation()
RESTORED = RestoredRepresentation()
