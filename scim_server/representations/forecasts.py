"""When the seats of a tier run out."""

from marshmallow import fields

from scim_server.representations.base import Representation


class TierForecast(Representation):
    """The forecast of one tier; dates are null where it never runs out, or too little is known."""

    tier = fields.String()
    purchased = fields.Integer()
    in_use = fields.Integer()
    per_day = fields.Function(lambda one: round(float(one.forecast.per_day), 2))
    earliest = fields.Date(attribute="forecast.earliest", allow_none=True)
    expected = fields.Date(attribute="forecast.expected", allow_none=True)
    latest = fields.Date(attribute="forecast.latest", allow_none=True)
    enough_history = fields.Boolean(attribute="forecast.enough_history")
    method = fields.String(attribute="forecast.method")


class Forecasts(Representation):
    """The forecasts of an organization's tiers, and how many days of history are known."""

    days_known = fields.Integer()
    tiers = fields.List(fields.Nested(TierForecast))
