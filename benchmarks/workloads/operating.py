"""Commands of an operator that change thousands of people. The time includes the start of the command."""

import time
from collections.abc import Callable
from typing import Final

from benchmarks.samples import Sample
from benchmarks.servers.running import Server
from benchmarks.sizes import WAITING, group_name
from benchmarks.workloads.workload import Turn, Workload

MANY: Final = 10_000


def command(*arguments: str, before: tuple[str, ...] = (), each: int = 1) -> Callable[[Server, Turn], Sample]:
    """Time one command.

    Args:
        before: another command that runs first and is not timed.
        each: how many people the command changes.
    """

    def measure(server: Server, _turn: Turn) -> Sample:
        assert server.operate is not None
        if before:
            server.operate(*before)
        began = time.perf_counter()
        server.operate(*arguments)
        seconds = time.perf_counter() - began
        return Sample(seconds, {"all": [round(seconds * 1e6)]}, each)

    return measure


_OPERATED: Final = frozenset({"seats"})

WORKLOADS = (
    Workload(
        "promote-10k",
        f"seats for {MANY:,} people who wait: one command",
        command("seats", "add", WAITING, f"standard={MANY}", "--yes", each=MANY),
        needs=_OPERATED,
        group=MANY,
        once=True,
    ),
    Workload(
        "mapping-10k",
        f"a group of {MANY:,} gets another tier: one command",
        command(
            *("mapping", "set", "main", group_name(MANY), "--tier", "premium", "--yes"),
            before=("org", "set", "main", "--seats", f"premium={2 * MANY}"),
            each=MANY,
        ),
        needs=_OPERATED,
        group=MANY,
        once=True,
    ),
    Workload(
        "db-check", "db check: every counter recounted", command("db", "check"), needs=_OPERATED, once=True
    ),
)
