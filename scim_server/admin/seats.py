"""Seats: read, bought, scheduled, and moved between people."""

from collections.abc import Callable
from typing import Any, Final

from marshmallow import fields, validate

from scim_server.admin import auth
from scim_server.admin.acting import Acting, context_of, person_of
from scim_server.admin.parsing import Input, Named, Quantities, text
from scim_server.admin.previews import carry_out
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.representations.base import dump
from scim_server.representations.contracts import Contract
from scim_server.representations.contracts import contract as contract_shape
from scim_server.representations.forecasts import OrganizationForecasts, forecasts
from scim_server.representations.people import CHANGED, ChangedRepresentation
from scim_server.representations.purchases import PurchaseResult, purchase
from scim_server.representations.seats import OrganizationSeats, Seats
from scim_server.services.access.commands import Scope
from scim_server.services.billing import commands as billing
from scim_server.services.billing.commands import Request
from scim_server.services.errors import (
    AlreadySeated,
    GivenByGroup,
    InvalidDay,
    InvalidOrder,
    InvalidSeats,
    LastOwner,
    NoContract,
    NoFreeSeat,
    NoSeatGiven,
    NotEligible,
    OccupantsNotNamed,
    PersonInactive,
    PrimaryOwnerProtected,
    RoleTooLow,
    SameTier,
    UnknownPerson,
    UnknownTier,
    WithoutSeat,
)
from scim_server.services.notifications import queries as notifications
from scim_server.services.people import commands as people
from scim_server.services.people.commands import Changed, NoSeatFree
from scim_server.services.seats import queries
from seat_policy.bill import Order, Upgrade

seats = Noun("seats", "The seats of an organization, by tier.")

_SEATS: Final = f"{OF_ORGANIZATION}/seats"
_MOST_NAMED: Final = 1_000
_MOST: Final = 10_000_000
_BUYING: Final = (
    InvalidOrder,
    InvalidDay,
    UnknownPerson,
    UnknownTier,
    NoContract,
    NoSeatGiven,
    NotEligible,
    OccupantsNotNamed,
    RoleTooLow,
)
_MOVING: Final = (UnknownPerson, PersonInactive, GivenByGroup, RoleTooLow, NoSeatGiven)


def _people(about: str) -> fields.List[str]:
    return fields.List(
        text(),
        load_default=list,
        validate=validate.Length(max=_MOST_NAMED),
        metadata={"description": about},
    )


class OrderInput(Acting):
    """The fields of every order."""

    on = fields.Date(
        load_default=None,
        metadata={"description": "The day on which it takes effect, at most 31 days ago; usually today."},
    )


class AddInput(OrderInput):
    """Seats that are added."""

    seats = Quantities(required=True, least=1, metadata={"description": "How many seats, by tier."})
    for_people = _people("The ids or userNames of people who get a seat before the queue moves.")


class UpgradeInput(Input):
    """Seats of one tier that become seats of a higher tier."""

    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MOST))
    source = text(required=True, longest=32, data_key="from", about="The present tier.")
    target = text(required=True, longest=32, data_key="to", about="The higher tier.")


class UpgradesInput(OrderInput):
    """Seats that are upgraded."""

    upgrades = fields.List(fields.Nested(UpgradeInput), required=True, validate=validate.Length(1, 50))
    for_people = _people("The people whose seats are upgraded, in addition to free seats.")


class ChangeInput(OrderInput):
    """Seats that are added and upgraded in one purchase."""

    seats = Quantities(load_default=dict, least=1, metadata={"description": "Seats to add, by tier."})
    upgrades = fields.List(fields.Nested(UpgradeInput), load_default=list, validate=validate.Length(max=50))
    for_people = _people("The people who get a seat first, or whose seats are upgraded.")


class ScheduleInput(Input):
    """The seats of the next term."""

    seats = Named(
        fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, _MOST)),
        required=True,
        metadata={"description": "How many seats the next term has, by tier; null cancels the setting."},
    )


class AssignInput(Acting):
    """The person who gets a free seat."""

    person = text(required=True, about="The id or userName.")
    tier = text(load_default=None, longest=32, about="Usually the highest tier with a free seat.")


class PersonInput(Acting):
    """One person."""

    person = text(required=True, about="The id or userName.")


class ReassignInput(Acting):
    """The person whose seat another person gets."""

    giver = text(required=True, data_key="from", about="The id or userName of the person with the seat.")
    taker = text(required=True, data_key="to", about="The id or userName of the person who gets it.")


class SwapInput(Acting):
    """Two people who exchange their tiers."""

    people = fields.List(
        text(), required=True, validate=validate.Length(equal=2), metadata={"description": "Two people."}
    )


@seats.show(_SEATS, Scope.SEATS_READ, OrganizationSeats)
def show() -> dict[str, object]:
    """The seats of every tier: purchased, assigned, held, free, and how many people wait."""
    return {"organization": auth.organization().slug, **dump(Seats(), queries.show(auth.context()))}


@seats.show(f"{_SEATS}/forecast", Scope.SEATS_READ, OrganizationForecasts)
def forecast() -> dict[str, object]:
    """When each tier will be full, as a range of days, if it grows as in the last four weeks."""
    return forecasts(auth.organization().slug, notifications.forecasts(auth.context()))


@seats.do(
    f"{_SEATS}/add",
    Scope.SEATS_BUY,
    PurchaseResult,
    AddInput,
    preview=True,
    raises=_BUYING,
    example={"seats": {"standard": 5}},
)
def add(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Add seats. Waiting people get them at once, in the order of the queue.

    With a contract, the seats are billed for the rest of the term, and an invoice is issued. Without one,
    they are free of charge, and an acting Owner cannot add any.
    """
    return _buy(body, Order(body["seats"]), preview=preview)


@seats.do(
    f"{_SEATS}/upgrade",
    Scope.SEATS_BUY,
    PurchaseResult,
    UpgradesInput,
    preview=True,
    raises=_BUYING,
    example={"upgrades": [{"quantity": 1, "from": "standard", "to": "premium"}]},
)
def upgrade(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Upgrade seats to a higher tier: first free seats, then the seats of the given people."""
    return _buy(body, Order({}, upgrades_of(body)), preview=preview)


@seats.do(
    f"{_SEATS}/change",
    Scope.SEATS_BUY,
    PurchaseResult,
    ChangeInput,
    preview=True,
    raises=_BUYING,
    example={
        "seats": {"standard": 5},
        "upgrades": [{"quantity": 1, "from": "standard", "to": "premium"}],
    },
)
def change(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Add and upgrade seats in one purchase, with one invoice."""
    return _buy(body, Order(body["seats"], upgrades_of(body)), preview=preview)


def upgrades_of(body: dict[str, Any]) -> tuple[Upgrade, ...]:
    """The upgrades of a loaded body."""
    return tuple(Upgrade(one["quantity"], one["source"], one["target"]) for one in body["upgrades"])


def _buy(body: dict[str, Any], order: Order, *, preview: bool) -> dict[str, object]:
    context, request = context_of(body), Request(order, tuple(body["for_people"]), body["on"])
    return carry_out(
        lambda shown, code: billing.buy(context, request, preview=shown, confirmation=code),
        lambda done: purchase(auth.organization().slug, done),
        preview=preview,
        body=body,
    )


@seats.do(
    f"{_SEATS}/schedule",
    Scope.SEATS_WRITE,
    Contract,
    ScheduleInput,
    raises=(NoContract, UnknownTier, InvalidSeats),
    example={"seats": {"standard": 4}},
)
def schedule(body: dict[str, Any]) -> dict[str, object]:
    """Set how many seats of a tier the next term has. The present seats stay until then."""
    signed = billing.schedule(auth.context(), body["seats"])
    return contract_shape(auth.organization().slug, signed)


@seats.do(
    f"{_SEATS}/assign",
    Scope.SEATS_WRITE,
    ChangedRepresentation,
    AssignInput,
    preview=True,
    raises=(*_MOVING, AlreadySeated, NoFreeSeat),
    example={"person": "ada@example.com", "tier": "standard"},
)
def assign(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Give a person a free seat, or move a person to a free seat of another tier."""
    context, person = context_of(body), person_of(body["person"])

    def run(shown: bool, code: str | None) -> Changed:  # noqa: FBT001 - as carry_out calls it
        done = people.assign(context, person, body["tier"], preview=shown, confirmation=code)
        if isinstance(done, NoSeatFree):
            raise NoFreeSeat(done.detail)
        return done

    return _moved(run, body, preview=preview)


@seats.do(
    f"{_SEATS}/unassign",
    Scope.SEATS_WRITE,
    ChangedRepresentation,
    PersonInput,
    preview=True,
    raises=(UnknownPerson, WithoutSeat, PrimaryOwnerProtected, LastOwner, RoleTooLow),
    example={"person": "ada@example.com"},
)
def unassign(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Remove a person's seat or place in the queue. The person stays a member without access."""
    context, person = context_of(body), person_of(body["person"])
    return _moved(
        lambda shown, code: people.unassign(context, person, preview=shown, confirmation=code),
        body,
        preview=preview,
    )


@seats.do(
    f"{_SEATS}/reassign",
    Scope.SEATS_WRITE,
    ChangedRepresentation,
    ReassignInput,
    preview=True,
    raises=(*_MOVING, WithoutSeat, AlreadySeated, PrimaryOwnerProtected, LastOwner),
    example={"from": "ada@example.com", "to": "grace@example.com"},
)
def reassign(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Give one person's seat to another person, even if other people wait."""
    context, giver, taker = context_of(body), person_of(body["giver"]), person_of(body["taker"])
    return _moved(
        lambda shown, code: people.reassign(context, giver, taker, preview=shown, confirmation=code),
        body,
        preview=preview,
    )


@seats.do(
    f"{_SEATS}/swap",
    Scope.SEATS_WRITE,
    ChangedRepresentation,
    SwapInput,
    preview=True,
    raises=(*_MOVING, WithoutSeat, SameTier),
    example={"people": ["ada@example.com", "boss@example.com"]},
)
def swap(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Exchange the tiers of two people with a seat. A free seat is not needed."""
    context, (one, other) = context_of(body), map(person_of, body["people"])
    return _moved(
        lambda shown, code: people.swap(context, one, other, preview=shown, confirmation=code),
        body,
        preview=preview,
    )


def _moved(
    run: Callable[[bool, str | None], Changed], body: dict[str, Any], *, preview: bool
) -> dict[str, object]:
    return carry_out(run, lambda done: dump(CHANGED, done), preview=preview, body=body)
