"""Compares some workloads on some servers, for a developer who changes something."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.samples import Sample, median
from benchmarks.servers import ours, peers, postgresql
from benchmarks.servers.names import DJANGO, POSTGRESQL
from benchmarks.servers.running import Server
from benchmarks.sizes import size_of
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.workload import Turn, Workload


@dataclass(frozen=True, slots=True)
class Comparison:
    """The workloads and servers to compare.

    Attributes:
        workloads, databases, peer_names: the names of what is compared.
        size: number of people, such as 10k.
        seconds: length of one run.
        others: other checkouts of this server to measure.
        variants: settings with which this server is also measured, such as SCIM_SEATS_WORKERS=1.
    """

    workloads: tuple[str, ...]
    size: str
    databases: tuple[str, ...]
    peer_names: tuple[str, ...]
    rounds: int
    seconds: float
    others: tuple[Path, ...]
    variants: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """Run it; what was found, as lines of text."""
        peers.install(*(("client",) if not self.peer_names else ()))
        turns = (Turn(number, self.seconds) for number in count(1))
        with ExitStack() as stack:
            servers = self._start(stack)
            for workload in (WORKLOADS[name] for name in self.workloads):
                samples: dict[str, list[Sample]] = {}
                for _ in range(1 if workload.once else self.rounds):
                    for server in filter(workload.suits, servers):
                        sample = workload.measure(server, next(turns))
                        samples.setdefault(server.name, []).append(sample)
                yield workload.words
                yield from (_line(workload, name, measured) for name, measured in samples.items())

    def _start(self, stack: ExitStack) -> list[Server]:
        people = size_of(self.size)
        cluster = None
        if POSTGRESQL in self.databases or DJANGO in self.peer_names:
            cluster = stack.enter_context(postgresql.started(ours.CACHE / "postgresql"))
        servers = [
            stack.enter_context(
                ours.started(
                    f"{database}{words}",
                    people,
                    cluster=cluster if database == POSTGRESQL else None,
                    checkout=checkout,
                    settings=settings,
                )
            )
            for database in self.databases
            for words, checkout, settings in self._ours()
        ]
        return servers + [
            stack.enter_context(peers.started(name, people, cluster)) for name in self.peer_names
        ]

    def _ours(self) -> Iterator[tuple[str, Path, Mapping[str, str]]]:
        yield "", ours.HERE, {}
        for checkout in self.others:
            yield f" of {checkout.name}", checkout.resolve(), {}
        for variant in self.variants:
            pairs = [setting.partition("=")[::2] for setting in variant.split(",")]
            yield f" with {variant}", ours.HERE, dict(pairs)


def _line(workload: Workload, name: str, samples: list[Sample]) -> str:
    rates = [sample.rate for sample in samples]
    times = [
        f"{kind or ''} p50 {_middle(samples, 50, kind):.2f} ms p99 {_middle(samples, 99, kind):.2f} ms"
        for kind in workload.kinds or (None,)
    ]
    rounds = " ".join(f"{rate:.0f}" for rate in rates)
    for sender in (sample.sender for sample in samples if sample.sender is not None):
        times += [f"{measure} {value:.1f}" for measure, value in sender.measures.items()]
    return f"  {name:24} {median(rates):8,.0f}/s {' '.join(times)}  rounds: {rounds}"


def _middle(samples: list[Sample], percent: float, kind: str | None) -> float:
    return median([sample.milliseconds(percent, kind) for sample in samples])
