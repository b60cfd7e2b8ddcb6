"""`python -m tests.campaigns`: some campaigns, or all, each against a server and a separate database."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.campaigns import (
    billing,
    bills,
    drain,
    feed,
    filters,
    importing,
    kill,
    machine,
    members,
    nodes,
    one_seat,
    seats,
    webhooks,
)
from tests.campaigns.load import Crew, crew
from tests.campaigns.stage import Result, Stage, log, stage

SIZES: Final = {
    "seats": 10_000,
    "one-seat": 64,
    "kill": 8_000,
    "nodes": 8_000,
    "drain": 50,
    "billing": 60,
    "members": 60,
    "feed": 200,
    "webhooks": 100_000,
    "machine": 100,
    "filters": 20_000,
    "bills": 200_000,
    "importing": 100_000,
}
"""The unit of `--size` in each campaign, as in README.md."""
ROUNDS: Final = {
    "seats": 1,
    "one-seat": 100,
    "kill": 20,
    "nodes": 14,
    "drain": 1,
    "billing": 1,
    "members": 1,
    "feed": 40,
    "webhooks": 100,
    "machine": 500,
    "filters": 1,
    "bills": 1,
    "importing": 5,
}
ON_POSTGRESQL: Final = {"nodes"}
"""They are left out on SQLite, whose file belongs to one machine."""
SHOWN_FAULTS: Final = 50


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    parser.add_argument("campaigns", nargs="+", choices=[*SIZES, "all"], help="what is run, in this order")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--size", type=int, help=f"default by campaign: {SIZES}")
    parser.add_argument("--rounds", type=int, help=f"default by campaign: {ROUNDS}")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(given)


def run(name: str, where: Stage, clients: Crew, size: int, rounds: int, seed: int) -> Result:
    """Run one campaign."""
    campaigns: dict[str, Callable[[], Result]] = {
        "seats": lambda: seats.run(where, clients, size, seed),
        "one-seat": lambda: one_seat.run(where, clients, size, rounds, seed),
        "kill": lambda: kill.run(where, clients, size, rounds, seed),
        "nodes": lambda: nodes.run(where, clients, size, rounds, seed),
        "drain": lambda: drain.run(where, clients, size),
        "billing": lambda: billing.run(where, size, seed),
        "members": lambda: members.run(where, size, seed),
        "feed": lambda: feed.run(where, size, rounds, seed),
        "webhooks": lambda: webhooks.run(where, size, rounds, seed),
        "machine": lambda: machine.run(where, size, rounds, seed),
        "filters": lambda: filters.run(where, size, seed),
        "bills": lambda: bills.run(where, size, seed),
        "importing": lambda: importing.run(where, size, rounds, seed),
    }
    return campaigns[name]()


def main(given: list[str] | None = None) -> int:
    """Print one JSON object; return 1 if anything was lost or is faulty."""
    options = arguments(given)
    names = list(SIZES) if "all" in options.campaigns else options.campaigns
    results: dict[str, Any] = {}
    with crew() as clients:
        for name in names:
            if name in ON_POSTGRESQL and options.database == "sqlite":
                log(f"{name} needs PostgreSQL and is left out")
                continue
            began = time.monotonic()
            log(f"{name} on {options.database}, seed {options.seed}")
            size, rounds = options.size or SIZES[name], options.rounds or ROUNDS[name]
            with tempfile.TemporaryDirectory() as folder, stage(options.database, Path(folder)) as where:
                result = run(name, where, clients, size, rounds, options.seed)
            results[name] = {
                "size": size,
                "rounds": rounds,
                "seconds": round(time.monotonic() - began, 1),
                "figures": result.figures,
                "faults": len(result.faults),
                "first_faults": result.faults[:SHOWN_FAULTS],
            }
    sound = not any(result["faults"] for result in results.values())
    whole = {"database": options.database, "seed": options.seed, "sound": sound, "campaigns": results}
    sys.stdout.write(json.dumps(whole, indent=2) + "\n")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
