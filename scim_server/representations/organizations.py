"""Organizations and their settings."""

from marshmallow import fields

from scim_server.representations.base import Quantities, Representation, dump
from scim_server.representations.contracts import contract
from scim_server.representations.seats import Seats, Tier
from scim_server.services.organizations.commands import CreatedOrganization, NewOrganization, Suspension
from scim_server.services.organizations.queries import Listed


class Settings(Representation):
    """The settings of an organization."""

    organization = fields.String(attribute="slug")
    mode = fields.String()
    overflow = fields.String()
    seat_requests = fields.String()
    strict = fields.Boolean()
    require_if_match = fields.Boolean()
    allow_invitations = fields.Boolean()
    hold_removals = fields.Boolean()
    seat_extension = fields.Boolean(attribute="shows_seats")


class ModeEffect(Representation):
    """The effect of another mode."""

    organization = fields.String()
    preview = fields.Constant(True)
    before = fields.String()
    after = fields.String()
    meaning = fields.String()
    members = Quantities()
    removed = fields.Constant(0)


class _Suspension(Representation):
    """The suspension of an organization, or its end."""

    organization = fields.String()
    suspended = fields.Boolean()
    changed = fields.Boolean()
    promoted = fields.Integer()


def organization(one: Listed, base_url: str) -> dict[str, object]:
    """An organization with its settings, its seats and its policies by tier."""
    tiers = {
        tier.tier.name: {
            **dump(Tier(), tier),
            "overflow": one.tiers[tier.tier.name].overflow,
            "ceiling": one.tiers[tier.tier.name].ceiling,
        }
        for tier in reversed(one.seats.tiers)
    }
    return {
        **dump(Settings(), one.organization),
        "base_url": base_url,
        "suspended": one.suspended,
        "tiers": tiers,
        "waiting_any": one.seats.waiting_any,
    }


def suspension(one: Suspension, *, preview: bool) -> dict[str, object]:
    """The suspension of an organization or its end, with the seats after it."""
    return {**dump(_Suspension(), one), "preview": preview, **dump(Seats(), one.seats)}


def created(
    new: NewOrganization, founded: CreatedOrganization, base_url: str, console_url: str | None
) -> dict[str, object]:
    """A new organization with the values for its provider. `org` is the same as `organization`."""
    result: dict[str, object] = {
        "org": new.slug,
        "organization": new.slug,
        "base_url": base_url,
        "token": founded.token.secret,
    }
    if founded.invited is not None:
        result["owner"] = {"email": founded.invited.email, "status": "invited"}
    elif new.owner is not None:
        result["owner"] = {"email": new.owner, "status": "active"}
    if console_url is not None:
        result["console_url"] = console_url
    if founded.signed is not None:
        result["contract"] = contract(new.slug, founded.signed)
    return result
