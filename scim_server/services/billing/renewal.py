"""The end of a term: the next term begins, or the contract ends. People keep their seats (SEATS 6, 10)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date

from scim_server.history import ContractEnded, ContractRenewed, ContractRenewedAhead
from scim_server.services.errors import InvalidDay, NoContract
from scim_server.services.holds import expire as expiry
from scim_server.services.invoicing import due_dates as plans
from scim_server.services.invoicing import invoices
from scim_server.services.seats import auto_buy as automatic
from scim_server.services.seats import queue
from scim_server.store.database.session import Read, Write, timestamp
from scim_server.store.rows import contracts, events, seats
from scim_server.store.rows.contracts import Plan
from scim_server.store.rows.invoices import Invoice
from seat_policy.bill import Bill, Kind, whole_term
from seat_policy.contract import Contract
from seat_policy.proration import Term
from seat_policy.renewal import TierRenewal, renewed_seats


@dataclass(frozen=True, slots=True)
class Renewed:
    """A renewal: the next term.

    Attributes:
        contract: the contract in the new term.
        ahead: whether the term was billed before its first day; the seats change on the first day
            of the term.
        bill: the amount owed now.
        invoice: the invoice; None if nothing is owed.
    """

    contract: Contract
    tiers: tuple[TierRenewal, ...]
    ahead: bool
    bill: Bill
    invoice: Invoice | None

    @property
    def term(self) -> Term:
        """The new term."""
        return self.contract.running

    @property
    def by_tier(self) -> dict[str, TierRenewal]:
        """The renewals of the tiers by name."""
        return {tier.tier: tier for tier in self.tiers}

    @property
    def shown(self) -> list[object]:
        """The parts of the preview except the price, for a confirmation code."""
        tiers = [[tier.tier, tier.purchased, tier.renewed] for tier in self.tiers]
        return [self.contract.term, self.ahead, self.term.start.isoformat(), self.term.end.isoformat(), tiers]

    @property
    def words(self) -> str:
        """The same as a short text."""
        tiers = ", ".join(f"{tier.renewed} {tier.tier}" for tier in self.tiers)
        return f"term {self.contract.term} from {self.term.start} with {tiers}"

    @property
    def bill_in_use(self) -> Bill:
        """The price of renewing the seats in use."""
        return _bill(self.contract, {tier.tier: tier.in_use for tier in self.tiers})

    @property
    def bill_purchased(self) -> Bill:
        """The price of renewing the purchased seats."""
        return _bill(self.contract, {tier.tier: tier.purchased for tier in self.tiers})


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a contract that is not renewed.

    Attributes:
        ahead: whether the end is in the future; then nothing was changed.
    """

    number: int
    term: Term
    ahead: bool = False

    @property
    def shown(self) -> list[object]:
        """The parts of the preview, for a confirmation code."""
        return [self.number, self.ahead, self.term.end.isoformat()]

    @property
    def words(self) -> str:
        """The same as a short text."""
        return f"the end of term {self.number}"


def renew(write: Write, as_of: date | None = None) -> tuple[Renewed | Ended, ...]:
    """Apply the renewals or the end that are due by a day; several renewals may be due after a long stop."""
    plan = contracts.get(write)
    if plan is None:
        raise NoContract("the organization has no contract to renew, because its seats are granted")
    if plan.ended is not None:
        raise NoContract(f"the contract ended on {plan.contract.running.last_day}. Sign a new contract")
    today = plan.contract.day(write.moment)
    plan, steps = advance(write, plan, min(as_of or today, today))
    if as_of is not None and as_of > today:
        steps += _ahead(write, plan, as_of)
    return steps


def advance(write: Write, plan: Plan, day: date) -> tuple[Plan, tuple[Renewed | Ended, ...]]:
    """Renew a plan until the term of a day that is not in the future, in an open transaction.

    Seats of invitations that expire before the end of a term are not counted in its renewal (SEATS 36).
    """
    steps: list[Renewed | Ended] = []
    if plan.unbilled_day is not None and plan.unbilled_day < day:
        plan = automatic.bill(write, plan)
    while plan.ended is None and plan.contract.running.end <= day:
        expiry.expire(write, timestamp(plan.contract.begins(plan.contract.running.end)))
        plan, step = _renewed(write, plan) if plan.contract.auto_renew else _ended(write, plan)
        steps.append(step)
    expiry.expire(write, write.at)
    queue.move(write)
    return plan, tuple(steps)


def _renewed(write: Write, plan: Plan) -> tuple[Plan, Renewed]:
    """Begin the next term with its quantities.

    Quantities that were billed in advance are not billed again.
    """
    tiers = _tiers(write, plan)
    contract = replace(plan.contract, term=plan.contract.term + 1)
    after = replace(plan, contract=contract, scheduled={}, billed_ahead=None)
    plans.keep(write, after)
    seats.begin_term(write)
    deltas = {}
    for tier in tiers:
        change = tier.renewed - tier.purchased
        if change:
            seats.move(write, tier.tier, purchased=change)
            deltas[tier.tier] = (change, 0, 0)
    bill = _bill(contract, {tier.tier: tier.renewed - tier.billed for tier in tiers})
    event = ContractRenewed(term=contract.term, tiers=_described(tiers), seats=deltas)
    _, invoice = invoices.record(write, after, bill, "renewal", event)
    return after, Renewed(contract, tiers, ahead=False, bill=bill, invoice=invoice)


def _ahead(write: Write, plan: Plan, day: date) -> tuple[Renewed | Ended, ...]:
    """Bill the next term before it begins. The seats of the current term do not change."""
    running = plan.contract.running
    if plan.ended is not None or day < running.end:
        return ()
    following = foreseen(write, plan)
    if isinstance(following, Ended):
        return (following,)
    if day >= following.term.end:
        raise InvalidDay(f"{day} is after the end of the next term, which ends on {following.term.last_day}")
    if plan.billed_ahead is not None:
        return ()
    tiers = following.tiers
    after = replace(plan, billed_ahead={tier.tier: tier.renewed for tier in tiers})
    plans.keep(write, after)
    event = ContractRenewedAhead(term=following.contract.term, tiers=_described(tiers))
    billed = replace(after, contract=following.contract)
    _, invoice = invoices.record(write, billed, following.bill, "renewal", event)
    return (replace(following, invoice=invoice),)


def foreseen(read: Read, plan: Plan) -> Renewed | Ended:
    """The next term as it would begin with the present seats, or the end. Nothing is written."""
    if not plan.contract.auto_renew:
        return Ended(plan.contract.term, plan.contract.running, ahead=True)
    contract = replace(plan.contract, term=plan.contract.term + 1)
    tiers = _tiers(read, plan)
    bill = _bill(contract, {tier.tier: tier.renewed - tier.billed for tier in tiers})
    return Renewed(contract, tiers, ahead=True, bill=bill, invoice=None)


def _tiers(read: Read, plan: Plan) -> tuple[TierRenewal, ...]:
    return renewed_seats(seats.availability(read), plan.contract, plan.scheduled, plan.billed_ahead)


def _bill(contract: Contract, quantities: Mapping[str, int]) -> Bill:
    return whole_term(contract, Kind.RENEWED, quantities)


def _described(tiers: tuple[TierRenewal, ...]) -> dict[str, object]:
    return {tier.tier: described(tier) for tier in tiers}


def described(tier: TierRenewal) -> dict[str, object]:
    """The renewal of a tier, as JSON."""
    return {**asdict(tier), "clamped": tier.clamped}


def _ended(write: Write, plan: Plan) -> tuple[Plan, Ended]:
    after = replace(plan, ended=write.at, scheduled={})
    plans.keep(write, after)
    events.append(write, ContractEnded(term=plan.contract.term))
    return after, Ended(plan.contract.term, plan.contract.running)
