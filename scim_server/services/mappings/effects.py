"""The exact effect of a change of the mappings, on people and on the bill."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import orjson

from scim_server.services.entitlements import apply as entitlements
from scim_server.services.entitlements.apply import Effect
from scim_server.services.errors import OwnRoleLost
from scim_server.services.invoicing import missing_seats as shortfall
from scim_server.store.database.session import Write
from scim_server.store.rows import contracts, mappings, members, organizations, seats
from scim_server.store.rows.mappings import Mapped
from scim_server.store.rows.people import Person
from seat_policy.availability import Availability
from seat_policy.bill import Bill
from seat_policy.mapping import Unmapped
from seat_policy.shortfall import LeftOut, missing_seats


@dataclass(frozen=True, slots=True)
class Saved:
    """The result of saving a change of the mappings, or of its preview.

    Attributes:
        organization: its slug.
        mappings: all mappings after the change.
        unmapped: what people get if their groups give no tier.
        effects: all people whose role, tier or place in the queue changes, or who are refused the tier that
            they should get.
        missing: the seats, by tier, that are missing for all people who wait or are refused because of the
            change.
        price: the price of the missing seats now; None if no seats are missing or there is no contract.
        bought: the seats, by tier, that the policy `buy` adds for these people.
        bought_price: the price of the bought seats, on the invoice of this contract day; None if no seats are
            bought.
        seats: the seats after the change.
        confirmation: the confirmation code for this organization, these effects and this price.
    """

    organization: str
    mappings: tuple[Mapped, ...]
    unmapped: Unmapped
    effects: tuple[Effect, ...]
    missing: Mapping[str, int]
    price: Bill | None
    bought: Mapping[str, int]
    bought_price: Bill | None
    seats: Availability
    confirmation: str


@dataclass(frozen=True, slots=True)
class Stale:
    """The effect differs from the confirmed preview, so nothing was saved.

    Attributes:
        now: the effect that saving would have now.
    """

    detail: ClassVar[str] = "the result would differ from the preview, so nothing was saved"
    now: Saved


class NotConfirmed(Exception):
    """Rolls back a change whose effect differs from the confirmed preview."""

    def __init__(self, now: Saved) -> None:
        super().__init__()
        self.now = now


def carry_out(
    write: Write, change: Callable[[Write], set[str]], saver: str | None, confirmation: str | None
) -> Saved:
    """Make a change of the mappings, and give the affected people their new entitlements.

    Args:
        change: makes the change, and returns the ids of the affected people.
        saver: the id of the person who saves the change.

    Raises:
        OwnRoleLost: the saver would lose their role.
        NotConfirmed: the effect differs from the confirmed preview.
    """
    unbilled = Counter(seats.unbilled(write))
    waiting = members.queue(write)
    concerned = change(write)
    effects = _settled(write, waiting, entitlements.follow(write, organizations.get(write), concerned))
    _keep_own_role(effects, saver)
    availability = seats.availability(write)
    missing = _missing(write, effects, availability)
    bought = Counter(seats.unbilled(write)) - unbilled
    saved = Saved(
        organization=organizations.get(write).slug,
        mappings=tuple(mappings.every(write)),
        unmapped=mappings.unmapped(write),
        effects=tuple(effects),
        missing=missing,
        price=shortfall.price(contracts.get(write), missing, write.moment),
        bought=bought,
        bought_price=shortfall.price(contracts.get(write), bought, write.moment),
        seats=availability,
        confirmation="",
    )
    saved = replace(saved, confirmation=_confirmation(saved))
    if confirmation not in (None, saved.confirmation):
        raise NotConfirmed(saved)
    return saved


def _confirmation(saved: Saved) -> str:
    """A digest of the preview: the organization, the mappings, people's changes and the price."""
    price = saved.bought_price
    shown = [
        saved.organization,
        [[one.key, one.gives.tier, one.gives.role, one.gives.priority] for one in saved.mappings],
        saved.unmapped,
        [_shown(effect) for effect in saved.effects],
        dict(saved.bought),
        None if price is None else [str(price.total), price.currency],
    ]
    return hashlib.sha256(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _shown(effect: Effect) -> list[object]:
    before, after = effect.before, effect.after
    return [
        after.id,
        [before.role, before.status, before.tier],
        [after.role, after.status, after.tier, after.wants],
        effect.refused,
    ]


def _settled(write: Write, waiting: list[Person], effects: list[Effect]) -> list[Effect]:
    """The effects after the queue has moved. Waiting people may have got seats that other people freed."""
    before = {one.id: one for one in waiting} | {effect.before.id: effect.before for effect in effects}
    refused = {effect.before.id: effect for effect in effects if effect.refused}
    return [
        replace(refused.get(one.id, Effect(before[one.id], one)), after=one)
        for one in members.of_ids(write, before)
        if one != before[one.id] or one.id in refused
    ]


def _keep_own_role(effects: list[Effect], saver: str | None) -> None:
    """Check that the person who saves the change keeps the Owner or Admin role (SEATS 23)."""
    for effect in effects:
        before, after = effect.before.role, effect.after.role
        if effect.before.id == saver and after.rank < before.rank:
            raise OwnRoleLost(
                f"this would change your own role ({effect.before.user_name}) from {before.value} "
                f"to {after.value}. Ask another Owner to save it, or join a group that gives your "
                "present role"
            )


def _missing(write: Write, effects: list[Effect], availability: Availability) -> dict[str, int]:
    left_wanting = ((effect.wanted or effect.after.wants, effect.after.tier) for effect in effects)
    lacking = Counter(LeftOut(wants, tier) for wants, tier in left_wanting if wants is not None)
    return missing_seats(availability, lacking, shortfall.cheapest(contracts.get(write), availability))
