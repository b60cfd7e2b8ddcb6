"""People, changes to them, and answers to sign-ins."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields, post_dump

from scim_server.representations.base import Representation, dump
from scim_server.representations.events import HistoryEventRepresentation
from scim_server.services.people.queries import Answer


class PersonRepresentation(Representation):
    """A member."""

    id = fields.String()
    user_name = fields.String()
    status = fields.String()
    tier = fields.String(allow_none=True)
    waits_for = fields.String(attribute="wants", allow_none=True)
    waiting_since = fields.String(allow_none=True)
    reason = fields.String(attribute="unseated", allow_none=True)
    role = fields.String()
    priority = fields.Integer()
    way_in = fields.String()
    unconfirmed = fields.String(allow_none=True)
    touched = fields.String(allow_none=True)
    created = fields.String()


class _OfPerson(Representation):
    """Data about one member, together with the member's own keys."""

    person = fields.Nested(PersonRepresentation)

    @post_dump
    def beside(self, dumped: dict[str, Any], **_: object) -> dict[str, Any]:
        """Put the member's keys before the other data."""
        return {**dumped.pop("person"), **dumped}


class MemberWithHistory(PersonRepresentation):
    """A member with their history, newest first, as `HistoryRepresentation` writes it."""

    history = fields.List(fields.Nested(HistoryEventRepresentation))


class IdleRepresentation(_OfPerson):
    """A member who has not signed in for a while."""

    signed_in = fields.String(allow_none=True)


class HistoryRepresentation(_OfPerson):
    """A member with their history."""

    history = fields.List(fields.Nested(HistoryEventRepresentation), attribute="entries")


class PromotedRepresentation(Representation):
    """A person who left the queue for a seat."""

    person = fields.String()
    user_name = fields.String(allow_none=True)
    tier = fields.String(allow_none=True)


class ChangedRepresentation(Representation):
    """The result of a change of people, or of its preview."""

    preview = fields.Boolean()
    people = fields.List(fields.Nested(PersonRepresentation))
    promoted = fields.Integer(metadata={"description": "How many waiting people got a seat."})
    let_in = fields.List(fields.Nested(PromotedRepresentation))
    confirmation = fields.String(
        allow_none=True, metadata={"description": "Confirms exactly this result in the real call."}
    )


class AnswerRepresentation(Representation):
    """The answer to the vendor's app about a person."""

    decision = fields.Function(lambda answer: answer.decision.value)
    person = fields.String(allow_none=True)
    tier = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    detail = fields.String(allow_none=True)
    reference = fields.String(allow_none=True)

    @post_dump
    def leave_out(self, dumped: dict[str, Any], **_: object) -> dict[str, Any]:
        """Leave out the key `reference` if its value is None."""
        if dumped["reference"] is None:
            del dumped["reference"]
        return dumped


class EntitlementRepresentation(AnswerRepresentation):
    """Whether a person may use the app. Asking does not count as a sign-in."""

    entitled = fields.Boolean()


class Entitlements(Representation):
    """The entitlements of several people."""

    data = fields.List(fields.Nested(EntitlementRepresentation))
    not_found = fields.List(fields.String(), metadata={"description": "The ids that no person has."})


PERSON = PersonRepresentation()
IDLE = IdleRepresentation()
HISTORY = HistoryRepresentation()
CHANGED = ChangedRepresentation()
ANSWER = AnswerRepresentation()
ENTITLEMENT = EntitlementRepresentation()


def entitlements(ids: Sequence[str], found: Mapping[str, Answer]) -> dict[str, object]:
    """The entitlements of people in the order of their ids, and the ids that no person has."""
    return {
        "data": [dump(ENTITLEMENT, found[one]) for one in ids if one in found],
        "not_found": [one for one in ids if one not in found],
    }
