"""The seats of an organization, by tier."""

from marshmallow import fields

from scim_server.representations.base import Representation, dump
from seat_policy.availability import Availability


class Tier(Representation):
    """One tier: its seats, and how many are in use."""

    purchased = fields.Integer()
    assigned = fields.Integer()
    held = fields.Integer()
    free = fields.Integer()
    waiting = fields.Integer()


def by_tier(availability: Availability) -> dict[str, object]:
    """The tiers by name, lowest first."""
    return {tier.tier.name: dump(Tier(), tier) for tier in reversed(availability.tiers)}


class Seats(Representation):
    """All tiers by name, and how many people wait for a seat of any tier."""

    tiers = fields.Function(by_tier)
    waiting_any = fields.Integer()
