"""The seat gate as it stands in a transaction, and the operator's seats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scim_server.protocol.normalise import user_name_key
from scim_server.services.errors import OperatorError
from scim_server.store import events, people, seats
from scim_server.store.events import Event
from scim_server.store.organizations import Organization
from scim_server.store.people import Person
from scim_server.store.session import Actor, Database, Write
from seat_policy.admission import Decision, Overflow, Policy, Reject, Request, decide
from seat_policy.availability import Availability, TierSeats
from seat_policy.errors import PolicyError
from seat_policy.waitlist import next_promotion


def ask(write: Write, organization: Organization, wants: str) -> Decision:
    """Decide one request for a seat, on the counters that this transaction has locked."""
    policy = Policy(Overflow(organization.overflow))
    return decide(Request(wants), seats.availability(write), policy)


def release(write: Write, person: Person) -> None:
    """Give back what a person holds: the seat, the place in the queue. The queue moves afterwards."""
    if person.tier is not None:
        seats.move(write, person.tier, assigned=-1)
    if person.wants is not None:
        seats.count_waiting(write, person.wants, -1)


def held_by(person: Person, sign: int) -> dict[str, tuple[int, int, int]]:
    """The seat delta of a person taking (+1) or giving back (-1) their seat."""
    return {} if person.tier is None else {person.tier: (0, sign, 0)}


def move_queue(write: Write) -> int:
    """Give every free seat that somebody waits for to who is first; returns how many got one."""
    before = write.clock.sequence
    while (step := next_promotion(seats.availability(write))) is not None:
        seats.promote(write, step)
    return write.clock.sequence - before


def refusal_detail(reject: Reject, reference: str) -> str:
    """What a provider's admin reads (DESIGN, wire 3)."""
    # The lowest tier first, as admins think of them; a tier without seats says nothing beside others.
    tiers = [tier for tier in reversed(reject.tried) if tier.purchased] or reject.tried
    tried = " and ".join(_in_use(tier) for tier in tiers)
    return f"No free seat: {tried} seats are in use. An Owner can add seats. Reference: {reference}"


def _in_use(tier: TierSeats) -> str:
    waiting = f" ({tier.waiting} waiting)" if tier.waiting else ""
    return f"{tier.purchased - tier.free} of {tier.purchased} {tier.tier.name}{waiting}"


@dataclass(frozen=True, slots=True)
class Added:
    """What adding seats did, or would do.

    Attributes:
        before, after: the seats.
        seated: userNames of those named by `--for`.
        promoted: how many waiting people got in.
    """

    before: Availability
    after: Availability
    seated: tuple[str, ...]
    promoted: int


class _Undo(Exception):
    def __init__(self, added: Added) -> None:
        super().__init__()
        self.added = added


def add(
    database: Database,
    organization: str,
    actor: Actor,
    quantities: Mapping[str, int],
    *,
    for_people: Sequence[str] = (),
    preview: bool = False,
) -> Added:
    """Grant seats; named people are seated first, then the queue moves.

    Args:
        quantities: by tier, each more than 0.
        for_people: ids or userNames.
        preview: do it, read the outcome, and undo it.

    Raises:
        OperatorError: a quantity, tier or person is wrong.
    """

    def work(write: Write) -> Added:
        added = add_in(write, quantities, for_people)
        if preview:
            raise _Undo(added)
        return added

    try:
        return database.write(organization, actor, work)
    except _Undo as undo:
        return undo.added


def add_in(write: Write, quantities: Mapping[str, int], for_people: Sequence[str]) -> Added:
    """Grant seats in an open transaction."""
    if not quantities or any(quantity <= 0 for quantity in quantities.values()):
        raise OperatorError("seats are added in whole numbers above 0, as in standard=5")
    before = _availability_with(write, quantities)
    for tier, quantity in quantities.items():
        seats.move(write, tier, purchased=quantity)
    deltas = {tier: (quantity, 0, 0) for tier, quantity in quantities.items()}
    events.append(write, Event("seats.added", reason="granted", seats=deltas))
    seated = tuple(_seat(write, name, quantities) for name in for_people)
    promoted = move_queue(write)
    return Added(before, seats.availability(write), seated, promoted)


def _availability_with(write: Write, quantities: Mapping[str, int]) -> Availability:
    """The seats, in an organization that has all these tiers."""
    availability = seats.availability(write)
    for tier in quantities:
        try:
            availability.of(tier)
        except PolicyError as error:
            raise OperatorError(str(error)) from None
    return availability


def _seat(write: Write, name: str, quantities: Mapping[str, int]) -> str:
    """Seat one named person on a tier of those added that has a free seat."""
    person = people.get(write, name) or people.by_key(write, user_name_key(name))
    if person is None:
        raise OperatorError(f"there is nobody called '{name}' in this organization")
    if person.status not in ("waiting", "none"):
        raise OperatorError(
            f"{person.user_name} is {person.status}; only active people without a seat can be seated"
        )
    free = [
        tier.tier.name
        for tier in seats.availability(write).tiers
        if tier.tier.name in quantities and tier.free
    ]
    if not free:
        raise OperatorError("more people are named than seats are added")
    release(write, person)
    seats.move(write, free[0], assigned=1)
    events.append(
        write,
        Event(
            "person.provisioned",
            person=person.id,
            reason="seat_added_for",
            seats={free[0]: (0, 1, 0)},
            personal={"userName": person.user_name},
        ),
    )
    people.change(write, person, replace(person.without_seat(), tier=free[0]))
    return person.user_name


def grant(database: Database, organization: str, actor: Actor, totals: Mapping[str, int]) -> Availability:
    """Set the granted seats of tiers to totals, which may be lower than before but not than what is in use.

    Only for organizations without a contract: bought seats are never removed during the term (SEATS 3).

    Raises:
        OperatorError: a total is negative or below what is in use, or a tier does not exist.
    """

    def work(write: Write) -> Availability:
        before = _availability_with(write, totals)
        deltas: dict[str, tuple[int, int, int]] = {}
        for tier, total in totals.items():
            now = before.of(tier)
            in_use = now.assigned + now.held
            if total < in_use:
                raise OperatorError(
                    f"{in_use} {tier} seats are in use; their number cannot be set to {total}"
                )
            if total != now.purchased:
                deltas[tier] = (total - now.purchased, 0, 0)
                seats.move(write, tier, purchased=total - now.purchased)
        if deltas:
            events.append(write, Event("seats.granted", seats=deltas))
            move_queue(write)
        return seats.availability(write)

    return database.write(organization, actor, work)


def show(database: Database, organization: str) -> Availability:
    """The seats of an organization."""
    with database.read(organization) as read:
        return seats.availability(read)
