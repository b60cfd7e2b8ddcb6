"""Results of simulations."""

from typing import Any

from marshmallow import fields

from scim_server.representations.base import Quantities, Representation
from scim_server.representations.bills import Billed
from scim_server.services.simulation.queries import Simulated


class ForeseenRepresentation(Representation):
    """The result for one person."""

    line = fields.Integer(attribute="simulated.line", allow_none=True)
    user_name = fields.String(attribute="simulated.user_name")
    now = fields.String(attribute="before", allow_none=True)
    outcome = fields.Function(lambda one: one.outcome.value, metadata={"type": "string"})
    tier = fields.String(allow_none=True)
    waits_for = fields.String(allow_none=True)
    wants = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class TierSummaryRepresentation(Representation):
    """The result for one tier."""

    free = fields.Integer(allow_none=True)
    seated = fields.Integer()
    waiting = fields.Integer()
    refused = fields.Integer()
    free_then = fields.Integer(allow_none=True)


class AutomaticRepresentation(Representation):
    """The seats that would be bought automatically, with their price."""

    seats = Quantities(attribute="bought")
    price = fields.Nested(Billed, attribute="price_of_bought", allow_none=True)


class SimulatedRepresentation(Representation):
    """A simulation. All people are counted; the people with the chosen outcome are listed."""

    organization = fields.String()
    summary = fields.Method(
        "summarise",
        metadata={"type": "object", "description": "How many people have each outcome, and the tiers."},
    )
    standstill = fields.String(attribute="simulation.standstill", allow_none=True)
    missing = Quantities(attribute="simulation.missing")
    waiting_already = fields.Integer(attribute="simulation.waiting_already")
    bad = fields.Method(
        "describe_bad",
        metadata={
            "type": "array",
            "items": {"type": "object"},
            "description": "The wrong entries that were ignored, each with its problem.",
        },
    )
    unused_columns = fields.List(fields.String(), attribute="file.unused")
    people = fields.List(fields.Nested(ForeseenRepresentation), attribute="listed")
    price = fields.Nested(Billed, attribute="simulation.price", allow_none=True)
    automatic = fields.Nested(AutomaticRepresentation, attribute="simulation")

    def summarise(self, simulated: Simulated) -> dict[str, Any]:
        """The counts of all people, including people who are not listed."""
        found = simulated.simulation
        return {
            **{outcome.value: count for outcome, count in found.counted.items()},
            "reactivated": found.reactivated,
            "tiers": {one.tier: TIER_SUMMARY.dump(one) for one in found.tiers},
        }

    def describe_bad(self, simulated: Simulated) -> list[dict[str, Any]]:
        """The faults of the file, by line or entry."""
        return [{simulated.file.unit: one.line, "problem": one.problem} for one in simulated.file.bad]


TIER_SUMMARY = TierSummaryRepresentation()
SIMULATED = SimulatedRepresentation()
