"""Organizations: create, list, read, configure, suspend and resume."""

from http import HTTPStatus
from typing import Any, Final

from flask import Response, request
from marshmallow import fields, validate

from scim_server.admin import auth, lists
from scim_server.admin.parsing import Input, Named, Quantities, choice, flag, text
from scim_server.admin.problems import Problem, answer
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.admin.terms import TermsInput, terms_of
from scim_server.documents.sign_in import link_url
from scim_server.representations import organizations as shapes
from scim_server.services.access.commands import Scope
from scim_server.services.console import commands as console
from scim_server.services.context import Context
from scim_server.services.errors import (
    BuyNeedsCeiling,
    BuyNeedsContract,
    DeletionScheduled,
    InvalidSeats,
    InvalidSlug,
    InvalidTerms,
    InvalidTier,
    NoDeletion,
    OwnerWithoutSeat,
    PriceMissing,
    SeatsInUse,
    SlugNotRepeated,
    SlugTaken,
)
from scim_server.services.invitations.commands import LANGUAGES
from scim_server.services.organizations import commands, queries
from scim_server.services.organizations.commands import Changes, CreatedOrganization, NewOrganization
from scim_server.services.organizations.queries import Listed
from seat_policy.contract import DEFAULT_TIERS, Tier
from seat_policy.modes import Mode
from seat_policy.overflow import Overflow
from seat_policy.requests import RequestPolicy

organizations = Noun("organizations", "The vendor's customers, each with its seats and settings.")

_POLICIES: Final = [one.value for one in Overflow]
_MODES: Final = [one.value for one in Mode]


def _policies() -> Named:
    return Named(
        fields.String(validate=validate.OneOf(_POLICIES), allow_none=True),
        metadata={"description": "The policies by tier; null means the policy of the organization."},
    )


class OwnerInput(Input):
    """The Primary Owner of a new organization."""

    email = text(required=True, about="The address, which is also the userName.")
    active = flag(load_default=False, about="Give the owner a seat at once, without an invitation.")
    language = choice(LANGUAGES, load_default=LANGUAGES[0], about="The language of the invitation.")


class OrganizationInput(Input):
    """A new organization."""

    slug = text(required=True, longest=63, about="The name in addresses: a-z, 0-9 and hyphens.")
    seats = Quantities(required=True, metadata={"description": "The seats by tier."})
    tiers = fields.List(
        fields.String(validate=validate.Length(1, 32)),
        validate=validate.Length(1, 50),
        metadata={"description": "The tiers, lowest first; usually standard and premium."},
    )
    mode = choice(_MODES, load_default=Mode.SCIM.value, about="How people become members.")
    overflow = choice(_POLICIES, load_default=Overflow.REJECT.value, about="What happens if no seat is free.")
    tier_overflow = _policies()
    ceilings = Quantities(metadata={"description": "The most seats that `buy` buys in one term, by tier."})
    owner = fields.Nested(OwnerInput)
    contract = fields.Nested(TermsInput, metadata={"description": "Without it, seats cost nothing."})
    bill_opening = flag(load_default=False, about="Invoice the opening seats for the whole term.")


class SettingsInput(Input):
    """The settings that change. All of them change in one transaction, or none."""

    mode = choice(_MODES, about="How people become members.")
    overflow = choice(_POLICIES, about="What happens if no seat is free.")
    tier_overflow = _policies()
    ceilings = Quantities(metadata={"description": "The most seats that `buy` buys in one term, by tier."})
    seats = Quantities(metadata={"description": "The total of granted seats by tier, without a contract."})
    strict = flag(about="Refuse SCIM requests that break an RFC instead of tolerating them.")
    require_if_match = flag(about="Refuse SCIM changes that do not send the version on which they are based.")
    allow_invitations = flag(about="Allow invitations in all modes.")
    seat_requests = choice(
        [one.value for one in RequestPolicy], about="What happens when a person asks for a seat."
    )
    hold_removals = flag(about="After a mass removal by a provider, hold the seats until it is confirmed.")
    seat_extension = flag(
        allow_none=True, about="Whether SCIM shows the seats; null means unless the policy is `reject`."
    )


@organizations.do(
    "/organizations",
    Scope.ORGANIZATIONS_WRITE,
    shapes.Created,
    OrganizationInput,
    status=HTTPStatus.CREATED,
    raises=(SlugTaken, InvalidSlug, InvalidTier, InvalidTerms, PriceMissing, OwnerWithoutSeat),
    example={
        "slug": "acme",
        "seats": {"standard": 50, "premium": 10},
        "overflow": "queue",
        "owner": {"email": "owner@example.com"},
    },
)
def create(body: dict[str, Any]) -> dict[str, object]:
    """Create an organization with seats and its first SCIM token.

    The token and the console link are shown once. A console link is created only if there is an owner.
    """
    new = _new(body)
    founded = commands.create(auth.database(), auth.actor(), new)
    return shapes.created(new, founded, auth.config().scim_url(new.slug), _console_url(founded, new))


def _new(body: dict[str, Any]) -> NewOrganization:
    owner, contract = body.get("owner"), body.get("contract")
    tiers = tuple(Tier(name, rank) for rank, name in enumerate(body.get("tiers", ()), start=1))
    active = None if owner is None or not owner["active"] else owner["email"]
    return NewOrganization(
        body["slug"],
        body["seats"],
        tiers=tiers or DEFAULT_TIERS,
        overflow=Overflow(body["overflow"]),
        policies=_parsed(body.get("tier_overflow", {})),
        ceilings=body.get("ceilings", {}),
        owner=active,
        invite_owner=None if owner is None or active is not None else owner["email"],
        language=LANGUAGES[0] if owner is None else owner["language"],
        terms=None if contract is None else terms_of(contract),
        bill_opening=body["bill_opening"],
        mode=Mode(body["mode"]),
    )


def _parsed(policies: dict[str, str | None]) -> dict[str, Overflow | None]:
    return {tier: None if one is None else Overflow(one) for tier, one in policies.items()}


def _console_url(founded: CreatedOrganization, new: NewOrganization) -> str | None:
    """The link with which the owner signs in; for an invited owner, it also accepts the invitation."""
    owner = new.owner or new.invite_owner
    if owner is None:
        return None
    link = console.create_link(Context(auth.database(), founded.organization.id, auth.actor()), owner)
    return link_url(auth.config().public_url, new.slug, link.secret)


@organizations.list("/organizations", Scope.ORGANIZATIONS_READ, shapes.Organization, bound=True)
def list_organizations(query: dict[str, Any]) -> dict[str, object]:
    """List the organizations with their settings and seats, by slug.

    A key for one organization lists this organization alone.
    """
    page = queries.page(auth.database(), after=lists.after(query), limit=query["limit"], only=auth.bound_to())
    return lists.listed([_shape(one) for one in page.data], page.next_cursor)


@organizations.show(OF_ORGANIZATION, Scope.ORGANIZATIONS_READ, shapes.Organization)
def show() -> Response:
    """One organization with its settings and seats.

    The ETag changes with the settings, and not with the seats in use.
    """
    return _with_tag(queries.show(auth.context()))


@organizations.change(
    OF_ORGANIZATION,
    Scope.ORGANIZATIONS_WRITE,
    shapes.Organization,
    SettingsInput,
    if_match=True,
    raises=(InvalidTier, InvalidSeats, SeatsInUse, BuyNeedsContract, BuyNeedsCeiling),
    example={"overflow": "queue", "hold_removals": True},
)
def change(body: dict[str, Any]) -> Response:
    """Change settings in one transaction; what is left out keeps its value.

    With If-Match, the change is made only if nothing else has changed the settings since they were read.
    Otherwise the answer is 412 with the present settings. People who already wait continue to wait.
    """
    said = dict(body)
    policies, ceilings = said.pop("tier_overflow", {}), said.pop("ceilings", {})
    totals = said.pop("seats", {})
    for name, kind in (("mode", Mode), ("overflow", Overflow), ("seat_requests", RequestPolicy)):
        if name in said:
            said[name] = kind(said[name])
    commands.configure(
        auth.context(), Changes(said, totals, _parsed(policies), ceilings), require=_require_match
    )
    return _with_tag(queries.show(auth.context()))


def _require_match(before: Listed) -> None:
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        return
    now = _tag(before)
    if now.removeprefix("W/") not in (one.strip().removeprefix("W/") for one in wanted.split(",")):
        raise Problem(
            "changed",
            "The settings have changed since they were read. `current` has the present ones.",
            more={"current": _shape(before)},
            headers={"ETag": now},
        )


def _with_tag(one: Listed) -> Response:
    response = answer(_shape(one))
    response.headers["ETag"] = _tag(one)
    return response


def _tag(one: Listed) -> str:
    return f'W/"{shapes.version(one)}"'


def _shape(one: Listed) -> dict[str, object]:
    return shapes.organization(one, auth.config().scim_url(one.organization.slug))


@organizations.do(
    f"{OF_ORGANIZATION}/suspend", Scope.ORGANIZATIONS_WRITE, shapes.SuspensionResult, preview=True
)
def suspend(*, preview: bool) -> dict[str, object]:
    """Suspend an organization: no seats are assigned, and nobody signs in.

    People keep their seats. Providers can read, deactivate and delete people, and are refused (403) when they
    create or activate people. Sign-ins are refused, and console sessions end. No data changes.
    """
    return shapes.suspension(commands.suspend(auth.context(), preview=preview), preview=preview)


@organizations.do(
    f"{OF_ORGANIZATION}/resume",
    Scope.ORGANIZATIONS_WRITE,
    shapes.SuspensionResult,
    preview=True,
    raises=(DeletionScheduled,),
)
def resume(*, preview: bool) -> dict[str, object]:
    """End the suspension of an organization. Waiting people get the free seats at once.

    If a deletion is scheduled, it must be cancelled first.
    """
    return shapes.suspension(commands.resume(auth.context(), preview=preview), preview=preview)


class DeletionInput(Input):
    """The confirmation of a deletion."""

    slug = text(required=True, longest=63, about="The name of the organization, repeated.")


@organizations.do(
    f"{OF_ORGANIZATION}/deletion",
    Scope.ORGANIZATIONS_WRITE,
    shapes.DeletionResult,
    DeletionInput,
    preview=True,
    raises=(SlugNotRepeated,),
    example={"slug": "acme"},
)
def schedule_deletion(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Suspend an organization, and schedule its deletion after 30 days.

    Until then nothing is deleted, and the deletion can be cancelled. A second call keeps the day.
    """
    done = commands.schedule_deletion(auth.context(), body["slug"], preview=preview)
    return shapes.deletion(done, preview=preview)


@organizations.remove(
    f"{OF_ORGANIZATION}/deletion", Scope.ORGANIZATIONS_WRITE, shapes.DeletionResult, raises=(NoDeletion,)
)
def cancel_deletion() -> dict[str, object]:
    """Cancel a scheduled deletion. The organization stays suspended until it is resumed."""
    return shapes.deletion(commands.cancel_deletion(auth.context()), preview=False)
