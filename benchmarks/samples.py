"""What one run of a workload measured."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class WrongAnswers(Exception):
    """A server gave a wrong answer, so its speed means nothing."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whether a client that sends at fixed times kept up, so that it did not limit what was measured.

    Attributes:
        cpu: the share of one core that it used, in percent.
        late: how long after their time the requests were sent, in microseconds.
    """

    cpu: float
    late: Sequence[int]

    @property
    def measures(self) -> dict[str, float]:
        """What is kept of it in results."""
        return {"client CPU": self.cpu, "sent late p99": percentile(self.late, 99) / 1000}


@dataclass(frozen=True, slots=True)
class Sample:
    """The answers of one run.

    Attributes:
        seconds: from the first request to the last answer.
        micros: how long each answer took, by kind of request.
        each: number of operations in one request.
        sender: the client, if it sends at fixed times.
    """

    seconds: float
    micros: Mapping[str, Sequence[int]]
    each: int = 1
    sender: Sender | None = None

    @property
    def answers(self) -> int:
        """How many answers there were, of any kind."""
        return sum(len(times) for times in self.micros.values())

    @property
    def rate(self) -> float:
        """Operations per second."""
        return self.answers * self.each / self.seconds

    def milliseconds(self, percent: float, kind: str | None = None) -> float:
        """The time within which the given percentage was answered, for one kind of request or for all."""
        return percentile(self._times(kind), percent) / 1000

    def _times(self, kind: str | None) -> list[int]:
        if kind is not None:
            return list(self.micros[kind])
        return [time for times in self.micros.values() for time in times]


def percentile(times: Sequence[float], percent: float) -> float:
    """The smallest time that the given percentage of the times does not exceed."""
    ordered = sorted(times)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, min(len(ordered), int(rank)) - 1)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
