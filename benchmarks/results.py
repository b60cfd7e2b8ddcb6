"""The results of a run of the benchmark, kept as JSON and read by name."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.samples import Sample, median
from benchmarks.workloads.workload import Workload


@dataclass(frozen=True, slots=True)
class Key:
    """What was measured: a measure, a server, and a size."""

    workload: str
    people: int
    server: str


@dataclass
class Results:
    """The results of every round of every workload.

    Attributes:
        about: the time, the machine and the command.
        rounds: for each round, the measures by name.
    """

    about: dict[str, str] = field(default_factory=dict)
    rounds: dict[Key, list[dict[str, float]]] = field(default_factory=dict)

    def add(self, key: Key, measures: dict[str, float]) -> None:
        self.rounds.setdefault(key, []).append(measures)

    def value(self, workload: str, people: int, server: str, measure: str) -> float | None:
        """The median of a measure over the rounds; None if it was not measured."""
        found = self.rounds.get(Key(workload, people, server), [])
        values = [one[measure] for one in found if measure in one]
        return median(values) if values else None

    def largest(self, workload: str) -> int:
        """The largest size at which a workload was measured; 0 if it was not measured."""
        return max((key.people for key in self.rounds if key.workload == workload), default=0)

    def keys(self, workload: str, people: int) -> Iterator[Key]:
        return (key for key in self.rounds if (key.workload, key.people) == (workload, people))

    def save(self, file: Path) -> None:
        rounds = [{**asdict(key), "rounds": measured} for key, measured in self.rounds.items()]
        file.write_text(json.dumps({"about": self.about, "results": rounds}, indent=1) + "\n")

    @classmethod
    def load(cls, file: Path) -> "Results":
        kept: dict[str, Any] = json.loads(file.read_text())
        return cls(
            kept["about"],
            {Key(one["workload"], one["people"], one["server"]): one["rounds"] for one in kept["results"]},
        )


def measures(workload: Workload, sample: Sample) -> dict[str, float]:
    """What is kept of one round: the rate, and times in milliseconds, also by kind of request."""
    kept = {"rate": sample.rate, "p50": sample.milliseconds(50), "p99": sample.milliseconds(99)}
    for kind in workload.kinds:
        if sample.micros.get(kind):
            kept[f"{kind} p50"] = sample.milliseconds(50, kind)
            kept[f"{kind} p99"] = sample.milliseconds(99, kind)
    if sample.sender is not None:
        kept |= sample.sender.measures
    return {name: round(value, 3) for name, value in kept.items()}
