"""People who are left out, the queue, and the results for refused people."""

from marshmallow import fields

from scim_server.representations.base import Representation
from scim_server.representations.people import PromotedRepresentation


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
    outcome = fields.Function(lambda one: one.outcome.value)
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


class ClearedRepresentation(Representation):
    """The result of buying for all people, next to the purchase."""

    promoted = fields.Integer()
    let_in = fields.List(fields.Nested(PromotedRepresentation))
    retried = fields.List(fields.Nested(RetriedRepresentation))


WAITING = WaitingRepresentation()
LEFT_OUT = LeftOutRepresentation()
ATTEMPTS = AttemptsRepresentation()
DISMISSED = DismissedRepresentation()
CLEARED = ClearedRepresentation()
