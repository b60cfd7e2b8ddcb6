"""Gives the seat of a request: a free one that nobody waits for, or one that is bought for the person.

A request never overtakes people who wait. A seat that is bought for a certain person is not theirs (SEATS 5).
"""

from dataclasses import dataclass

from scim_server.services import roles
from scim_server.services.billing import purchases
from scim_server.services.billing.purchases import Purchase
from scim_server.services.errors import NotLetIn, PeopleWait
from scim_server.services.invoicing import missing_seats
from scim_server.services.left_out import let_in
from scim_server.services.left_out.let_in import Attempt
from scim_server.services.people import manage
from scim_server.services.seat_requests.asker import Asker
from scim_server.services.seats import auto_buy, gate, queue
from scim_server.store.database.session import Write
from scim_server.store.rows import contracts, people, seats
from scim_server.store.rows.people import Person
from seat_policy.admission import Admit
from seat_policy.availability import TierSeats
from seat_policy.bill import Order, Upgrade
from seat_policy.contract import ANY

REASON = "requested"


@dataclass(frozen=True, slots=True)
class NoneFree:
    """No seat is free for the person, and none may be bought with this call. Nothing was changed.

    Attributes:
        tried: the tiers without a seat that the person may take, highest first.
    """

    wants: str
    tried: tuple[TierSeats, ...]

    @property
    def waiting(self) -> int:
        """How many people wait for such a seat."""
        return sum(tier.waiting for tier in self.tried)


@dataclass(frozen=True, slots=True)
class Gift:
    """A seat that the policy of the organization gives without an Owner.

    Attributes:
        bought: whether the seat does not exist yet and is bought up to the ceiling.
    """

    write: Write
    asker: Asker
    tier: str
    bought: bool

    def carry_out(self) -> Person:
        """Give the seat; return the person with it."""
        if self.bought:
            auto_buy.buy(self.write, self.tier)
        return _seated(self.write, self.asker, self.tier, override=False)


def by_policy(write: Write, asker: Asker, wants: str, *, buys: bool) -> Gift | None:
    """The seat that the person gets without an Owner; None if no seat may be given.

    Args:
        buys: whether a seat may be bought, up to the ceiling of its tier.
    """
    if asker.is_admins_decision:
        return None
    decision = gate.offer(write, wants, asker.tier, buys=buys)
    if not isinstance(decision, Admit):
        return None
    if decision.bought and asker.member is None and _people_before(write, decision.tier):
        return None
    return Gift(write, asker, decision.tier, decision.bought)


def by_decision(
    write: Write, asker: Asker, wants: str, *, buys: bool
) -> tuple[Person, Purchase | None] | NoneFree:
    """Give the person a free seat, or buy one.

    Args:
        buys: whether a seat is bought if none is free.

    Raises:
        RoleTooLow: the acting person may not buy seats.
        ServiceError: no seats are assigned now, or the seat cannot be bought.
    """
    gate.require_grants(write, write.moment)
    decision = gate.offer(write, wants, asker.tier, buys=False)
    if isinstance(decision, Admit):
        return _seated(write, asker, decision.tier), None
    if not buys:
        return NoneFree(wants, decision.tried)
    roles.require_buyer(write)
    return _bought(write, asker, wants)


def _seated(write: Write, asker: Asker, tier: str, *, override: bool = True) -> Person:
    if asker.member is None:
        return _let_in(write, asker, tier)
    manage.require_own_choice(write, asker.member, tier)
    person = manage.give(write, asker.member, tier, REASON, override=override)
    queue.move(write)  # The person may have left a seat of a lower tier.
    return person


def _let_in(write: Write, asker: Asker, tier: str) -> Person:
    """Let in a refused person with the values that the provider sent, through the gate."""
    refusal = asker.refusal
    if refusal is None:
        raise NotLetIn(f"{asker.user_name} is no longer refused")
    done = let_in.retried(write, refusal, wants=tier)
    person = people.by_key(write, refusal.user_name_key)
    if done.outcome is not Attempt.SEATED or person is None:
        raise NotLetIn(f"{asker.user_name} could not get the seat: {done.detail or done.outcome}")
    return person


def _bought(write: Write, asker: Asker, wants: str) -> tuple[Person, Purchase]:
    """Buy the one missing seat for the person. A person with a seat has this seat upgraded."""
    tier = wants
    if wants == ANY:
        tier = missing_seats.cheapest(contracts.get(write), seats.availability(write))
    member = asker.member
    if member is None:
        return _bought_for_refused(write, asker, tier)
    order = Order({tier: 1})
    if member.tier is not None:
        order = Order(upgrades=(Upgrade(1, member.tier, tier),))
    bought = purchases.place(write, purchases.Request(order, for_people=(member.id,)))
    return people.get(write, member.id) or member, bought


def _bought_for_refused(write: Write, asker: Asker, tier: str) -> tuple[Person, Purchase]:
    ahead = _people_before(write, tier)
    if ahead:
        raise PeopleWait(
            f"{ahead} {'person waits' if ahead == 1 else 'people wait'} for a {tier} seat and come first. "
            "Let them in first, or give this person the seat of another person"
        )
    found: list[Person] = []
    request = purchases.Request(Order({tier: 1}))
    bought = purchases.place(write, request, serve=lambda work: found.append(_let_in(work, asker, tier)))
    return found[0], bought


def _people_before(write: Write, tier: str) -> int:
    """How many people wait for a seat of a tier."""
    availability = seats.availability(write)
    return availability.wanting(availability.of(tier))
