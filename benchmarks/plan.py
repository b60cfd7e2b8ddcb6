"""Which workloads run at which size: about 15 minutes for a full run, 3 for a quick one."""

from dataclasses import dataclass
from typing import Final

from benchmarks.servers.names import IN_MEMORY, OURS, PEERS


@dataclass(frozen=True, slots=True)
class Stage:
    """Servers with directories of one size that run side by side and are measured alternately.

    Attributes:
        workloads: run on every server that supports them.
        ours: more workloads, run only on this server.
        servers: names of the servers to start.
        seconds: length of one run.
    """

    people: int
    workloads: tuple[str, ...]
    ours: tuple[str, ...] = ()
    servers: tuple[str, ...] = (*OURS, *PEERS)
    seconds: float = 1.0
    rounds: int = 3


_FILTERS: Final = ("filter-username", "filter-externalid", "filter-email", "filter-familyname")
_PAGES: Final = ("page-first", "page-deep")
_REFUSED: Final = ("refused-new", "refused-again")

QUICK: Final = (
    Stage(
        10_000,
        ("create", "create-1", "get", "get-1", "filter-username", *_PAGES, "member-100", "active"),
        ours=_REFUSED,
        seconds=0.6,
    ),
)

FULL: Final = (
    Stage(1_000, ("get", "filter-username", *_PAGES)),
    Stage(
        10_000,
        (
            *("get", "get-1", *_FILTERS, *_PAGES, "member-100", "member-10k", "group-10k", "active", "put"),
            *("create-1", "create", "bulk"),
        ),
        ours=("cursor-walk", *_REFUSED, "create-10-organizations", "mixed", "steady"),
    ),
    Stage(
        100_000,
        ("get", "filter-username", "create"),
        ours=(
            *("filter-familyname", "filter-email", *_PAGES, "cursor-walk", "group-100k"),
            *("member-100", "member-10k", "member-100k", "active"),
        ),
        servers=(*OURS, *IN_MEMORY),
    ),
    Stage(
        1_000_000,
        (
            *("get", *_FILTERS, *_PAGES, "cursor-walk", "member-100k", "create", "steady"),
            *("promote-10k", "mapping-10k", "db-check"),
        ),
        servers=OURS,
    ),
)
