"""Mappings of groups, and the effect of changes to them."""

from typing import Final

from marshmallow import fields

from scim_server.representations.base import Quantities, Representation, dump
from scim_server.representations.bills import Billed
from scim_server.services.mappings.effects import Saved


class Mapping(Representation):
    """What a group gives."""

    group = fields.String(attribute="name")
    tier = fields.String(attribute="gives.tier", allow_none=True)
    role = fields.String(attribute="gives.role", allow_none=True)
    priority = fields.Integer(attribute="gives.priority", allow_none=True)


class UnmappedChoice(Representation):
    """What people get if none of their groups gives a tier."""

    unmapped = fields.Function(lambda found: found.unmapped.value, metadata={"type": "string"})


_CHANGE: Final = {"type": "object", "description": "The value before (`from`) and after (`to`)."}


class Effect(Representation):
    """The change for one person."""

    user_name = fields.String(attribute="after.user_name")
    role = fields.Function(
        lambda effect: {"from": effect.before.role, "to": effect.after.role}, metadata=_CHANGE
    )
    status = fields.Function(
        lambda effect: {"from": effect.before.status, "to": effect.after.status}, metadata=_CHANGE
    )
    tier = fields.Function(
        lambda effect: {"from": effect.before.tier, "to": effect.after.tier}, metadata=_CHANGE
    )
    waits_for = fields.String(attribute="after.wants", allow_none=True)
    refused = fields.String(allow_none=True)


class MappingsChange(Representation):
    """A change of the mappings, saved or previewed."""

    organization = fields.String()
    preview = fields.Boolean()
    mappings = fields.List(fields.Nested(Mapping))
    unmapped = fields.String()
    effects = fields.List(fields.Nested(Effect))
    missing_seats = Quantities(attribute="missing")
    price = fields.Nested(Billed, allow_none=True)
    bought_seats = Quantities(attribute="bought")
    bought_price = fields.Nested(Billed, allow_none=True)
    confirmation = fields.String()


def saved(one: Saved, *, preview: bool) -> dict[str, object]:
    """A change of the mappings with its effect on people, seats and the bill."""
    return {**dump(MappingsChange(), one), "preview": preview}
