"""Purchases, upgrades, creates, releases and renewals of the same organizations, all at once.

Every few seconds other organizations take their places, so that contracts are renewed by whichever write
comes first. Afterwards the invoices have to explain every seat, and every answer its invoice.
"""

import random
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from tests.campaigns import billing_checks, books, checks, ledger, load
from tests.campaigns.buyers import PATIENCE, Buyers, buyers
from tests.campaigns.customers import KINDS, Clerks, CommandResult, Customer, Errand, clerks, errands
from tests.campaigns.load import LAST, Crew, Record, Request, create
from tests.campaigns.replay import replayed
from tests.campaigns.sales import Basket, Sale
from tests.campaigns.stage import Result, Stage, log, rounds

ROUND_SECONDS: Final = 5.0
CLIENTS: Final = 2
"""Number for each organization."""
REQUESTS: Final = 2_000
"""Requests of each client: more than are answered in a round."""
LONGEST_SECONDS: Final = 15.0
"""Nobody waits longer for an answer."""
OUTCOMES: Final = ("bought", "repeated", "changed", "reused", "refused", "failed")


@dataclass
class Round:
    """The records of the organizations of a round."""

    customers: Sequence[Customer]
    records: dict[str, list[Record]] = field(default_factory=dict)
    sales: list[Sale] = field(default_factory=list)
    said: list[CommandResult] = field(default_factory=list)


@dataclass
class Staff:
    """All participants: clients of each place, buyers, and the operator's commands."""

    stage: Stage
    crews: Sequence[Crew]
    buyers: Buyers
    clerks: Clerks


def run(
    stage: Stage,
    size: float,
    seed: int,
    seconds: float = ROUND_SECONDS,
    *,
    longest: float = LONGEST_SECONDS,
    until: Collection[str] = (),
) -> Result:
    """Race for `size` seconds, a few organizations at a time, each for some seconds; then recount each.

    Args:
        seconds: the length of a round.
        longest: seconds that anybody may wait for an answer.
        until: figures that are to be there; as long as one is missing, rounds follow.
    """
    chance, result = random.Random(seed), Result()
    figures: Counter[str] = Counter()
    waits = {"clients": 0.0, "buyers": 0.0, "seats commands": 0.0}
    with ExitStack() as stack:
        crews = [stack.enter_context(load.crew(1)) for _ in KINDS[0]]
        sellers = stack.enter_context(buyers(stage.database_url))
        staff = Staff(stage, crews, sellers, stack.enter_context(clerks(stage.server.environment)))
        for number in rounds(size, seconds, figures, until):
            customers = staff.clerks.found(KINDS[number % len(KINDS)], number, chance)
            raced = race(staff, customers, min(size, seconds), f"{seed}/{number}")
            answered = [record for records in raced.records.values() for record in records]
            for customer in customers:
                result.faults += [
                    f"{customer.slug} ({customer.kind}, {customer.overflow}): {fault}"
                    for fault in recount(stage, customer, raced, figures, longest)
                ]
            result.faults += commands(raced)
            log(f"round {number + 1}: {len(answered)} requests, {len(raced.sales)} orders")
            count(figures, raced, answered)
            waited(waits, raced, answered)
    if (held := ledger.deadlocks(stage.database_url)) > 0:
        result.faults.append(f"{held} transactions held one another")
    result.faults += stage.db_check()
    result.figures = dict(sorted(figures.items())) | {"longest_seconds": waits}
    return result


def race(staff: Staff, customers: Sequence[Customer], seconds: float, seed: str) -> Round:
    """Start all participants at the same moment."""
    raced = Round(customers)
    slugs = [customer.slug for customer in customers]
    begin = time.monotonic() + 0.5
    end = begin + seconds
    work = [requests(f"{seed}/{customer.slug}") for customer in customers]
    selling = staff.buyers.begin(slugs, begin, end, seed)
    with ThreadPoolExecutor(2) as threads:
        given = threads.submit(_give, staff.clerks, errands(customers, begin, end))
        sold = threads.submit(_sell, staff.stage, slugs, end, random.Random(seed))
        # At times the clients are first to find a contract to be renewed, at times the buyers.
        time.sleep(max(begin + random.Random(seed).choice((0, 0.2)) - time.monotonic(), 0))
        for crew, customer, mine in zip(staff.crews, customers, work, strict=True):
            crew.begin(customer.organization, mine)
        time.sleep(max(end - time.monotonic(), 0))
        for crew, customer in zip(staff.crews, customers, strict=True):
            raced.records[customer.slug] = crew.finish(stop=True)
        raced.sales += [sale for sales in selling.get(PATIENCE) for sale in sales]
        raced.sales += sold.result()
        raced.said += given.result()
    return raced


def requests(seed: str) -> list[list[Request]]:
    """Create people; deactivate some and reactivate a part of them; delete some."""
    chance = random.Random(seed)
    work = []
    for client in range(CLIENTS):
        mine: list[Request] = []
        while len(mine) < REQUESTS:
            mine.append(create(f"c{client}n{len(mine)}@example.com"))
            if chance.random() < 0.35:
                mine.append(load.activate(LAST, active=False))
                if chance.random() < 0.4:
                    mine.append(load.activate(LAST, active=True))
            if chance.random() < 0.15:
                mine.append(Request("DELETE", f"/Users/{LAST}"))
        work.append(mine)
    return work


def _give(clerks: Clerks, todo: Sequence[Sequence[Errand]]) -> list[CommandResult]:
    """The operator's contracts and renewals, each at its moment."""
    ordered = sorted(todo, key=lambda each: each[0].at)
    return [said for each in ordered for said in clerks.give(each)]


def _sell(stage: Stage, slugs: Sequence[str], end: float, chance: random.Random) -> list[Sale]:
    """`scim-seats seats add` and `upgrade`, one after the other, in separate processes."""
    sales = []
    while time.monotonic() < end:
        slug, number = chance.choice(slugs), chance.randint(1, 3)
        if chance.random() < 0.7:
            basket, said = Basket({"standard": number}), ("add", slug, f"standard={number}")
        else:
            basket = Basket({}, ((number, "standard", "premium"),))
            said = ("upgrade", slug, f"standard={number}:premium")
        sent = time.monotonic()
        done = stage.server.separately("seats", *said, "--yes", "--json", check=False)
        ours = done.returncode == 1 and done.stderr.startswith(('{"error":', "scim-seats:"))
        outcome = "bought" if done.returncode == 0 else "refused" if ours else "failed"
        invoice = None
        if done.returncode == 0 and (printed := ledger.parsed(done.stdout)["invoice"]) is not None:
            invoice = printed["number"]
        sales.append(
            Sale(
                slug,
                basket,
                None,
                outcome,
                done.stderr,
                invoice,
                command=True,
                sent=sent,
                answered=time.monotonic(),
            )
        )
    return sales


def recount(
    stage: Stage, customer: Customer, raced: Round, figures: Counter[str], longest: float
) -> list[str]:
    """The books and the ledger of an organization against everything that was answered in it."""
    slug, signed = customer.slug, customer.signed
    records = raced.records[slug]
    sales = [sale for sale in raced.sales if sale.slug == slug]
    found, recorded_ledger = books.read(stage.database_url, slug), ledger.read(stage.database_url, slug)
    still = billing_checks.over(recorded_ledger, signed, datetime.now(UTC).isoformat())
    # A refused activation names no userName.
    named = [
        record for record in records if (record.method, record.status) != ("PATCH", HTTPStatus.FORBIDDEN)
    ]
    figures.update(Counter(f"{entry.type} {entry.reason or ''}".strip() for entry in recorded_ledger.entries))
    figures.update(Counter(f"invoices {invoice.reason}" for invoice in recorded_ledger.invoices))
    figures[f"organizations {customer.kind}"] += 1
    return [
        *checks.recount(found, still=still),
        *checks.kept(named, found),
        *checks.promoted_in_order(found.events),
        *billing_checks.answers(records, sales, longest),
        *billing_checks.refused_buyers(sales, signed),
        *billing_checks.invoiced(recorded_ledger, signed),
        *billing_checks.claimed(recorded_ledger, sales),
        *billing_checks.keyed(recorded_ledger, sales),
        *billing_checks.confirmed(recorded_ledger, sales),
        *billing_checks.released(recorded_ledger.entries, records, sales),
        *replayed(recorded_ledger, signed, ahead=int(customer.kind == "ahead")),
    ]


def commands(raced: Round) -> list[str]:
    """Every command succeeded; of several renewals of one term, exactly one reported that it renewed."""
    wrong = [f"{said.arguments} ended with {said.status}: {said.error}" for said in raced.said if said.status]
    for customer in raced.customers:
        ahead = [
            said for said in raced.said if "--as-of" in said.arguments and customer.slug in said.arguments
        ]
        steps = [step["outcome"] for said in ahead if not said.status for step in said.json["steps"]]
        expected = ["renewed_ahead"] if customer.signed["auto_renew"] else ["will_end"] * len(ahead)
        if ahead and steps != expected:
            wrong.append(f"{customer.slug} was renewed ahead by {len(ahead)} commands: {steps}")
    return wrong


def count(figures: Counter[str], raced: Round, answered: Iterable[Record]) -> None:
    """Counts for the report."""
    for record in answered:
        figures[f"{record.method} {int(record.status) or 'no answer'}"] += 1
    for sale in raced.sales:
        figures[f"orders {sale.outcome}"] += 1
        figures["orders of a preview bought"] += sale.confirmed and sale.outcome == "bought"
        figures["orders for people bought"] += bool(sale.basket.named) and sale.outcome == "bought"
    figures["renewal and contract commands"] += len(raced.said)


def waited(waits: dict[str, float], raced: Round, answered: Iterable[Record]) -> None:
    """The longest wait of each kind of participant for an answer."""
    for record in answered:
        waits["clients"] = max(waits["clients"], round(record.answered - record.sent, 2))
    for sale in raced.sales:
        kind = "seats commands" if sale.command else "buyers"
        waits[kind] = max(waits[kind], round(sale.answered - sale.sent, 2))
