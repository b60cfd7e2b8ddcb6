"""The exact effect of a change of the mappings, on people and on the bill."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

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
from seat_policy.invoices import Bill
from seat_policy.mapping import Unmapped
from seat_policy.roles import Role
from seat_policy.shortfall import LeftOut, missing_seats


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did, or would do.

    Attributes:
        organization: its slug.
        mappings: all of them, as they are then.
        unmapped: what people get who are in no group that gives a tier.
        effects: everybody whose role, tier or place changes, or who is refused the tier wanted for them.
        missing: seats by tier that would let everyone in who was refused or waits by it.
        price: what those cost now; None where nothing is missing or there is no contract.
        bought: seats by tier that the policy `buy` adds for them.
        bought_price: what those cost, on the invoice of this contract day; None where there are none.
        seats: as they are then.
        confirmation: stands for this organization, these effects and this price.
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
    """The effect is no longer the one that was confirmed; nothing was saved.

    Attributes:
        now: what saving would do now.
    """

    now: Saved


class NotConfirmed(Exception):
    """Undoes a change whose effect is not the one that was confirmed."""

    def __init__(self, now: Saved) -> None:
        super().__init__()
        self.now = now


def carry_out(
    write: Write, change: Callable[[Write], set[str]], saver: str | None, confirmation: str | None
) -> Saved:
    """Carry out a change of the mappings, and bring the people that it concerns to what they then get.

    Args:
        change: returns the ids of those people.
        saver: the id of the person who saves it.

    Raises:
        OwnRoleLost: the saver's own role would go with it.
        NotConfirmed: the effect is not the one that was confirmed.
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
    """A digest of what a preview shows: the organization, the mappings, people's changes and the price."""
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
    """The effects once the queue has moved too: waiting people may have got seats that others left."""
    before = {one.id: one for one in waiting} | {effect.before.id: effect.before for effect in effects}
    refused = {effect.before.id: effect for effect in effects if effect.refused}
    return [
        replace(refused.get(one.id, Effect(before[one.id], one)), after=one)
        for one in members.of_ids(write, before)
        if one != before[one.id] or one.id in refused
    ]


def _keep_own_role(effects: list[Effect], saver: str | None) -> None:
    """Nobody locks themselves out (SEATS 23)."""
    for effect in effects:
        before, after = Role(effect.before.role), Role(effect.after.role)
        if effect.before.id == saver and after.rank < before.rank:
            raise OwnRoleLost(
                f"this would make you, {effect.before.user_name}, a {after.value} instead of {before.value}: "
                "let another Owner save it, or add yourself to a group that keeps your role"
            )


def _missing(write: Write, effects: list[Effect], availability: Availability) -> dict[str, int]:
    left_wanting = ((effect.wanted or effect.after.wants, effect.after.tier) for effect in effects)
    lacking = Counter(LeftOut(wants, tier) for wants, tier in left_wanting if wants is not None)
    return missing_seats(availability, lacking, shortfall.cheapest(contracts.get(write), availability))
