"""Organizations with contracts of every kind, signed and renewed by the operator's commands.

The commands run in processes that have the command line loaded already: started anew, each would spend a
second on its imports, and concurrent commands would not overlap.
"""

import json
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing.pool import Pool
from typing import Any, Final

from click.testing import CliRunner

from scim_server.cli import main
from tests.campaigns.amounts import term
from tests.support.servers import forking
from tests.support.servers.running import Organization

PATIENCE: Final = 60
CLERKS: Final = 3
KINDS: Final = (
    ("overdue", "ahead", "ending", "late"),
    ("overdue", "ahead", "closing", "late ending"),
)
"""For the organizations of a round, in turn.

overdue: terms of it are over, and the first write renews it. ahead: renewed before its term is over.
ending: over, and not renewed. closing: as ahead, but it will end. late, late ending: the seats are granted
until a contract is signed under load whose term is over, to be renewed or not.
"""
WITHOUT_RENEWAL: Final = ("ending", "closing", "late ending")
PRICES: Final = (("USD", "20.00", "100.00"), ("JPY", "3000", "9000"), ("KWD", "6.125", "31.250"))
ZONES: Final = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland")
METHODS: Final = ("monthly_exact", "month_started", "month_completed", "day_actual")
TAXES: Final = (None, {"percent": "19", "inclusive": False}, {"percent": "8.875", "inclusive": True})


@dataclass(frozen=True, slots=True)
class Customer:
    """An organization; `signed` are the terms of its contract, as invoices print them."""

    kind: str
    overflow: str
    signed: Mapping[str, Any]
    organization: Organization

    @property
    def slug(self) -> str:
        """For the organization."""
        return self.organization.slug


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The result of a command."""

    arguments: tuple[str, ...]
    status: int
    output: str
    error: str

    @property
    def json(self) -> dict[str, Any]:
        """Its output with --json."""
        printed: dict[str, Any] = json.loads(self.output)
        return printed


@dataclass(frozen=True, slots=True)
class Errand:
    """A command to run at a moment."""

    arguments: tuple[str, ...]
    at: float = 0.0


def _command(errand: Errand) -> CommandResult:
    time.sleep(max(errand.at - time.monotonic(), 0))
    result = CliRunner().invoke(main, errand.arguments)
    broken = "" if isinstance(result.exception, SystemExit | None) else repr(result.exception)
    return CommandResult(errand.arguments, result.exit_code, result.stdout, result.stderr + broken)


@dataclass(frozen=True)
class Clerks:
    """Processes that run the operator's commands."""

    pool: Pool

    def give(self, errands: Sequence[Errand]) -> list[CommandResult]:
        """Run the commands concurrently, each in a separate process."""
        return self.pool.map_async(_command, errands, chunksize=1).get(PATIENCE)

    def found(self, kinds: Sequence[str], number: int, chance: random.Random) -> list[Customer]:
        """New organizations."""
        drawn = [
            (kind, ("queue", "reject")[(place + number // 2) % 2], contract(kind, chance))
            for place, kind in enumerate(kinds)
        ]
        errands = []
        for kind, overflow, signed in drawn:
            slug = f"b{chance.getrandbits(64):016x}"
            seats = [f"--seats=standard={chance.randint(0, 12)}", f"--seats=premium={chance.randint(0, 4)}"]
            said = [] if kind.startswith("late") else [*options(signed)]
            if said and chance.random() < 0.3:
                said.append("--bill-opening")
            errands.append(Errand(("org", "create", slug, *seats, "--overflow", overflow, *said, "--json")))
        customers = []
        for (kind, overflow, signed), answer in zip(drawn, self.give(errands), strict=True):
            assert answer.status == 0, answer
            made = answer.json
            place = Organization(made["org"], made["base_url"], made["token"])
            customers.append(Customer(kind, overflow, signed, place))
        return customers


def _set(environment: Mapping[str, str]) -> None:
    os.environ.update(environment)


@contextmanager
def clerks(environment: Mapping[str, str]) -> Iterator[Clerks]:
    """Start the processes for the block."""
    with forking.context().Pool(CLERKS, initializer=_set, initargs=(dict(environment),)) as pool:
        yield Clerks(pool)
        pool.close()
        pool.join()


def contract(kind: str, chance: random.Random) -> dict[str, Any]:
    """The terms of a kind of contract."""
    today, months = datetime.now(UTC).date(), chance.randint(1, 12)
    if kind in ("ahead", "closing"):
        ago = chance.randint(2, months * 28 - 2)
    else:
        ago = chance.randint(months * 31 + 2, months * 31 * 3)
    currency, *amounts = chance.choice(PRICES)
    per = chance.choice(("month", "term"))
    return {
        "start": (today - timedelta(days=ago)).isoformat(),
        "months": months,
        "currency": currency,
        "prices": {
            tier: {"amount": amount, "per": per}
            for tier, amount in zip(("standard", "premium"), amounts, strict=True)
        },
        "time_zone": chance.choice(ZONES),
        "method": chance.choice(METHODS),
        "minimum": chance.choice((0, 3, 12)),
        "auto_renew": kind not in WITHOUT_RENEWAL,
        "renewal": chance.choice(("in_use", "purchased")),
        "tax": chance.choice(TAXES),
    }


def options(signed: Mapping[str, Any]) -> Iterator[str]:
    """The options for these terms."""
    for name in ("start", "months", "currency", "time_zone", "method", "minimum", "renewal"):
        yield f"--{name.replace('_', '-')}={signed[name]}"
    for tier, price in signed["prices"].items():
        yield f"--{'price' if price['per'] == 'month' else 'term-price'}={tier}={price['amount']}"
    if signed["tax"] is not None:
        yield f"--tax={signed['tax']['percent']}"
        yield "--inclusive" if signed["tax"]["inclusive"] else "--exclusive"
    if not signed["auto_renew"]:
        yield "--no-auto-renew"


def errands(customers: Sequence[Customer], begin: float, end: float) -> list[list[Errand]]:
    """The commands of the operator in a round; those in one list run at the same time."""
    done = []
    for number, customer in enumerate(customers):
        at = begin + (end - begin) * (0.2 + 0.15 * number)
        if customer.kind == "overdue":
            done.append([Errand(("renew", customer.slug, "--yes", "--json"), begin + 0.1)] * CLERKS)
        elif customer.kind in ("ahead", "closing"):
            day = next_term(customer.signed)
            done.append(
                [Errand(("renew", customer.slug, "--as-of", f"{day}", "--yes", "--json"), at)] * CLERKS
            )
        elif customer.kind.startswith("late"):
            done.append([Errand(("contract", "set", customer.slug, *options(customer.signed), "--json"), at)])
    return done


def next_term(signed: Mapping[str, Any]) -> date:
    """The first day of the term after the first."""
    return term(signed, 1)[1]
