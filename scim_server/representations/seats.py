"""The seats of an organization, by tier."""

from typing import Any

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


class _ByTier(fields.Dict):
    """The tiers by name, lowest first."""

    def _serialize(
        self,
        value: Any,  # noqa: ANN401 - the library's own signature
        attr: str | None,  # noqa: ARG002 - as above
        obj: Any,  # noqa: ANN401 - as above
        **kwargs: Any,  # noqa: ANN401, ARG002 - as above
    ) -> Any:  # noqa: ANN401 - as above
        return None if value is None else by_tier(obj)


class OrganizationSeats(Representation):
    """The seats of an organization."""

    organization = fields.String()
    tiers = fields.Dict(keys=fields.String(), values=fields.Nested(Tier))
    waiting_any = fields.Integer(metadata={"description": "How many people wait for a seat of any tier."})


class Seats(Representation):
    """All tiers by name, and how many people wait for a seat of any tier."""

    tiers = _ByTier(keys=fields.String(), values=fields.Nested(Tier))
    waiting_any = fields.Integer()
