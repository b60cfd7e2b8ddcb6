"""Forecasts: when the tiers of an organization will be full."""

from marshmallow import fields

from scim_server.representations.base import Representation, dump
from scim_server.services.notifications.queries import Forecasts as Found


class TierForecast(Representation):
    """The forecast of one tier: seats in use, growth per day, and the range of days for the last seat."""

    tier = fields.String()
    purchased = fields.Integer()
    in_use = fields.Integer()
    per_day = fields.Function(lambda one: round(float(one.forecast.per_day), 2), metadata={"type": "number"})
    earliest = fields.Date(attribute="forecast.earliest", allow_none=True)
    expected = fields.Date(attribute="forecast.expected", allow_none=True)
    latest = fields.Date(attribute="forecast.latest", allow_none=True)
    enough_history = fields.Boolean(attribute="forecast.enough_history")
    method = fields.String(attribute="forecast.method")


class Forecasts(Representation):
    """All tiers with seats, and the length of the history in days."""

    days_known = fields.Integer()
    tiers = fields.List(fields.Nested(TierForecast))


class OrganizationForecasts(Forecasts):
    """The forecasts of an organization."""

    organization = fields.String()


def forecasts(slug: str, found: Found) -> dict[str, object]:
    """The forecasts of an organization."""
    return {"organization": slug, **dump(Forecasts(), found)}
