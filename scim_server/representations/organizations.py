"""Organizations and their settings."""

import hashlib

import orjson
from marshmallow import fields

from scim_server.representations.base import Quantities, Representation, dump
from scim_server.representations.contracts import contract
from scim_server.representations.seats import Seats, Tier
from scim_server.services.organizations.commands import (
    CreatedOrganization,
    Deletion,
    NewOrganization,
    Suspension,
)
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


class TierSettings(Tier):
    """One tier: its seats, and its policy if no seat is free."""

    overflow = fields.String(
        allow_none=True, metadata={"description": "Null means the policy of the organization."}
    )
    ceiling = fields.Integer(
        allow_none=True,
        metadata={"description": "The most seats that the policy `buy` buys in one term; null means none."},
    )


class Organization(Settings):
    """An organization with its settings and seats."""

    base_url = fields.String(metadata={"description": "The SCIM base URL for the provider."})
    suspended = fields.String(
        allow_none=True, metadata={"description": "When it was suspended; null if it is not."}
    )
    deletes = fields.String(
        allow_none=True,
        metadata={"description": "The end of the grace period before its deletion; null without one."},
    )
    tiers = fields.Dict(keys=fields.String(), values=fields.Nested(TierSettings))
    waiting_any = fields.Integer(metadata={"description": "How many people wait for a seat of any tier."})


class OwnerStatus(Representation):
    """The Primary Owner of a new organization."""

    email = fields.String()
    status = fields.String(metadata={"enum": ["active", "invited"]})


class Created(Representation):
    """A new organization with the values for its provider."""

    org = fields.String(metadata={"description": "The same as `organization`."})
    organization = fields.String()
    base_url = fields.String(metadata={"description": "The SCIM base URL for the provider."})
    token = fields.String(metadata={"description": "The secret of the first SCIM token, shown once."})
    owner = fields.Nested(OwnerStatus, metadata={"description": "Missing without an owner."})
    console_url = fields.String(
        metadata={
            "description": "The link with which the owner signs in at the console. It works once, for ten "
            "minutes. Missing without an owner."
        }
    )
    contract = fields.Dict(metadata={"description": "The contract. Missing without one."})


class ModeEffect(Representation):
    """The effect of another mode."""

    organization = fields.String()
    preview = fields.Constant(True)
    before = fields.String()
    after = fields.String()
    meaning = fields.String()
    members = Quantities()
    removed = fields.Constant(0)


class SuspensionResult(Seats):
    """The suspension of an organization or its end, or the preview of it, with the seats after it."""

    organization = fields.String()
    suspended = fields.Boolean()
    changed = fields.Boolean()
    promoted = fields.Integer(metadata={"description": "How many waiting people got a seat."})
    preview = fields.Boolean()


class DeletionResult(Representation):
    """A scheduled deletion, its preview, or its end."""

    organization = fields.String()
    preview = fields.Boolean()
    deletes = fields.String(
        allow_none=True, metadata={"description": "The end of the grace period; null after a cancellation."}
    )
    people = fields.Integer(metadata={"description": "How many members it has."})


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
        "deletes": one.organization.deletes,
        "tiers": tiers,
        "waiting_any": one.seats.waiting_any,
    }


def version(one: Listed) -> str:
    """A short text that changes with the settings and policies, but not with the seats in use."""
    tiers = {name: [policy.overflow, policy.ceiling] for name, policy in one.tiers.items()}
    purchased = {tier.tier.name: tier.purchased for tier in one.seats.tiers}
    settings = [dump(Settings(), one.organization), one.organization.seat_extension, tiers, purchased]
    content = orjson.dumps([settings, one.suspended, one.organization.deletes], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]


def deletion(one: Deletion, *, preview: bool) -> dict[str, object]:
    """A scheduled deletion, its preview, or its end."""
    return {
        "organization": one.organization,
        "preview": preview,
        "deletes": one.deletes,
        "people": one.people,
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
