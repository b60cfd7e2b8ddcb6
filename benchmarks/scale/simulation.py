"""What 100,000 organizations with 100 million people need, from measured costs and stated assumptions."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from benchmarks.scale.costs import Costs

SECONDS_A_DAY: Final = 86_400
DAYS_A_YEAR: Final = 365


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is assumed; every figure can be changed here. The habits of providers are documented by them.

    Attributes:
        organizations: customers.
        people: people of all organizations; one organization has 1,000 on average.
        memberships: groups of a person.
        cycle_minutes: how often a provider compares a directory (Entra ID).
        changes: changes of a person in a year (profile, groups, activation).
        turnover: the share of people who leave in a year and are replaced.
        refused: the share of people who are refused a seat and are tried again every day (Entra ID).
        connecting: organizations that send their whole directory at the same time.
        requests_a_second: what one provider sends while it does so (Entra ID).
        peak: how much more is sent in the busiest hour than on average.
        busy: the share of a core that is used at the peak.
        cores: cores of one machine.
        terabytes: disk of one machine.
        workers: processes of one server, one for each core.
        threads: threads of each process.
        pool: connections of one PgBouncer to PostgreSQL.
        years: for how long events are kept.
    """

    organizations: int = 100_000
    people: int = 100_000_000
    memberships: int = 5
    cycle_minutes: int = 40
    changes: float = 10
    turnover: float = 0.2
    refused: float = 0.01
    connecting: int = 100
    requests_a_second: int = 25
    peak: float = 3
    busy: float = 0.5
    cores: int = 16
    terabytes: float = 2
    workers: int = 16
    threads: int = 8
    pool: int = 20
    years: int = 3


@dataclass(frozen=True, slots=True)
class Flow:
    """Requests of one origin, in a second at the peak.

    Attributes:
        requests: how many there are, by the kind whose cost was measured.
    """

    words: str
    requests: dict[str, float]


def flows(inputs: Inputs) -> list[Flow]:
    """The requests of all providers in a second at the peak."""
    yearly = inputs.people * inputs.peak / (DAYS_A_YEAR * SECONDS_A_DAY)
    changed, replaced = yearly * inputs.changes, yearly * inputs.turnover
    refused = inputs.people * inputs.refused * inputs.peak / SECONDS_A_DAY
    sent = inputs.connecting * inputs.requests_a_second / 2
    return [
        Flow("a search of each cycle", {"lookup": inputs.organizations / (60 * inputs.cycle_minutes)}),
        Flow("changes: a search and a PATCH", {"lookup": changed, "change": changed}),
        Flow(
            "people who leave and come: two searches, a PATCH and a POST",
            {"lookup": 2 * replaced, "change": replaced, "create": replaced},
        ),
        Flow(
            "refused people, tried again: a search and a POST",
            {"lookup": refused, "repeated refusal": refused},
        ),
        Flow(
            f"{inputs.connecting} organizations that connect: a search and a POST for each person",
            {"lookup": sent, "create": sent},
        ),
    ]


@dataclass(frozen=True, slots=True)
class Needed:
    """What the peak and the rows need.

    Attributes:
        servers, databases: cores that are busy with the processes of this server and of PostgreSQL.
        disk: terabytes of tables and indexes after the years.
    """

    requests: float
    servers: float
    databases: float
    disk: float


def needed(inputs: Inputs, costs: Costs) -> Needed:
    """Add up all flows and all rows."""
    sums = {"requests": 0.0, "server": 0.0, "database": 0.0}
    for flow in flows(inputs):
        for kind, rate in flow.requests.items():
            cost = costs.requests[kind]
            sums["requests"] += rate
            sums["server"] += rate * cost.server / 1000
            sums["database"] += rate * cost.database / 1000
    disk = sum(size for _, _, size in stored(inputs, costs)) / 1e12
    return Needed(sums["requests"], sums["server"], sums["database"], disk)


def stored(inputs: Inputs, costs: Costs) -> Iterator[tuple[str, float, float]]:
    """The rows after the years: what they are, how many, and their bytes."""
    yearly = inputs.changes + 2 * inputs.turnover
    rows = {
        "person": inputs.people,
        "membership": inputs.people * inputs.memberships,
        "event": inputs.people * (1 + inputs.years * yearly),
        # One entry for each burst of refusals; repeated attempts are counted on it.
        "refusal": inputs.people * inputs.refused * inputs.years,
    }
    for kind, count in rows.items():
        yield kind, count, count * costs.bytes[kind]


def machines(cores: float, inputs: Inputs) -> int:
    """Machines for this many busy cores."""
    return max(1, ceil(cores / (inputs.cores * inputs.busy)))
