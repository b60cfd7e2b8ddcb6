"""Entries of the log."""

from marshmallow import fields

from scim_server.representations.base import Representation


class EventRepresentation(Representation):
    """An event about a person."""

    id = fields.String(attribute="reference")
    at = fields.String(attribute="entry.at")
    outcome = fields.String()
    person = fields.String(attribute="entry.person", allow_none=True)
    user_name = fields.String(attribute="entry.user_name", allow_none=True)
    way_in = fields.String(attribute="entry.way_in")
    actor = fields.String(attribute="entry.actor")
    reason = fields.String(attribute="entry.reason", allow_none=True)
    status = fields.Integer(attribute="entry.status", allow_none=True)
    detail = fields.String(attribute="entry.detail", allow_none=True)
    attempts = fields.Integer(attribute="entry.attempts")
    last_attempt = fields.String(attribute="entry.last_attempt")
    open = fields.Boolean(attribute="is_open")
    closed = fields.String(attribute="entry.closed", allow_none=True)
    closed_by = fields.String(allow_none=True)
    override = fields.Boolean(attribute="entry.override")
    details = fields.Raw(attribute="entry.details")
    request_id = fields.String(attribute="entry.request_id", allow_none=True)
    seats = fields.Raw(attribute="entry.seats")


class HistoryEventRepresentation(EventRepresentation):
    """An event in the history of one person, which also has the key `event`."""

    event = fields.Function(lambda one: one.outcome)


EVENT = EventRepresentation()
