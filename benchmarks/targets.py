"""The promised ratios, and whether a run met them. Figures of other machines are never compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.results import Results
from benchmarks.servers.names import DJANGO, IN_MEMORY, POSTGRESQL, SCIM2_SERVER, SQLITE

K10, K100, M1 = 10_000, 100_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure on some servers; if there are several, the best value counts.

    Attributes:
        people: the size of the directory; None for the largest at which the workload was measured.
    """

    workload: str
    people: int | None
    measure: str = "rate"
    servers: tuple[str, ...] = ()

    def of(self, results: Results, server: str) -> float | None:
        """The value for the servers in `servers`; without any, for the server that the target is about."""
        people = results.largest(self.workload) if self.people is None else self.people
        values = [
            value
            for name in self.servers or (server,)
            if (value := results.value(self.workload, people, name, self.measure)) is not None
        ]
        if not values:
            return None
        return max(values) if self.measure == "rate" else min(values)


@dataclass(frozen=True, slots=True)
class Target:
    """One promise: our value divided by the other value is at least or at most a factor.

    Attributes:
        other: the value by which ours is divided; if None, the factor itself is the limit.
        factors: the factor for each server; a minimum if the measure is a rate, otherwise a maximum.
    """

    words: str
    ours: Measured
    other: Measured | None
    factors: dict[str, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one target in one run.

    Attributes:
        ratio: None if one of the values was not measured.
    """

    target: Target
    server: str
    factor: float
    ours: float | None
    other: float | None
    ratio: float | None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None if it was not measured."""
        if self.ratio is None:
            return None
        return self.ratio >= self.factor if self.wants_more else self.ratio <= self.factor

    @property
    def wants_more(self) -> bool:
        return self.target.ours.measure == "rate"


def judge(results: Results, targets: Sequence[Target]) -> list[Verdict]:
    """Judge every target, for every server that it is about."""
    return [
        _verdict(results, target, server, factor)
        for target in targets
        for server, factor in target.factors.items()
    ]


def _verdict(results: Results, target: Target, server: str, factor: float) -> Verdict:
    ours = target.ours.of(results, server)
    other = 1.0 if target.other is None else target.other.of(results, server)
    ratio = ours / other if ours is not None and other else None
    return Verdict(target, server, factor, ours, other, ratio)


def _both(sqlite: float, postgresql: float | None = None) -> dict[str, float]:
    return {SQLITE: sqlite, POSTGRESQL: sqlite if postgresql is None else postgresql}


_EVERY_PEER: Final = (*IN_MEMORY, DJANGO)

TARGETS: Final = (
    *(
        Target(
            f"create, 16 clients, {words} people, against the fastest peer in memory",
            Measured("create", people),
            Measured("create", people, servers=IN_MEMORY),
            _both(1.2),
        )
        for people, words in ((K10, "10k"), (K100, "100k"))
    ),
    Target(
        "create, 16 clients, ten organizations, against one organization",
        Measured("create-10-organizations", K10),
        Measured("create", K10),
        {POSTGRESQL: 2.0},
    ),
    Target(
        "GET, 16 clients, against the fastest peer in memory",
        Measured("get", K10),
        Measured("get", K10, servers=IN_MEMORY),
        _both(2.5, 1.5),
    ),
    Target(
        "GET, 1 client, against the fastest peer in memory",
        Measured("get-1", K10),
        Measured("get-1", K10, servers=IN_MEMORY),
        _both(1.5, 1.0),
    ),
    Target(
        "filter userName eq, 1 client, 100k people, against the fastest peer in memory",
        Measured("filter-username", K100),
        Measured("filter-username", K100, servers=IN_MEMORY),
        _both(2.0, 1.5),
    ),
    *(
        Target(
            f"last page of 100 at {words} people, against the first",
            Measured("page-deep", people, "p50"),
            Measured("page-first", people, "p50"),
            _both(2.0),
        )
        for people, words in ((K100, "100k"), (M1, "1M"))
    ),
    Target(
        "add a new member to a group of 100k, against a group of 100",
        Measured("member-100k", K100, "add p50"),
        Measured("member-100", K100, "add p50"),
        _both(1.3),
    ),
    Target(
        "add a new member to a group of 100k, against the fastest peer at a group of 100",
        Measured("member-100k", K100, "add p50"),
        Measured("member-100", K10, "add p50", servers=_EVERY_PEER),
        _both(0.5),
    ),
    Target(
        "PATCH of active, 16 clients, against the fastest peer in memory",
        Measured("active", K10),
        Measured("active", K10, servers=IN_MEMORY),
        _both(1.3, 1.0),
    ),
    *(
        Target(f"{words}, against a create", Measured(name, K10), Measured("create", K10), _both(1.0))
        for name, words in (
            ("refused-new", "refused create of new people"),
            ("refused-again", "refused create of the same people"),
        )
    ),
    Target(
        "filter familyName eq at 100k people, against userName eq",
        Measured("filter-familyname", K100, "p50"),
        Measured("filter-username", K100, "p50"),
        _both(5.0),
    ),
    Target(
        "Bulk of 1,000 creates, against single creates of 1 client",
        Measured("bulk", K10),
        Measured("create-1", K10),
        _both(3.0),
    ),
    Target(
        "memory of the server's processes after load at 100k people, against scim2-server",
        Measured("memory-loaded", K100, "MB"),
        Measured("memory-loaded", K100, "MB", servers=(SCIM2_SERVER,)),
        _both(0.25),
    ),
    Target(
        "p99 of creates of 16 clients, against p50",
        Measured("create", K10, "p99"),
        Measured("create", K10, "p50"),
        _both(4.0),
    ),
    *(
        Target(
            f"ten organizations x 25 requests a second, the largest directory in one: p99 of {kind}s, ms",
            Measured("steady", None, f"{kind} p99"),
            None,
            _both(limit),
        )
        for kind, limit in (("read", 100.0), ("write", 250.0))
    ),
)
