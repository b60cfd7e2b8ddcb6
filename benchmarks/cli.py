"""The command line of the benchmark."""

from contextlib import ExitStack
from pathlib import Path

import click

from benchmarks.campaign import Campaign
from benchmarks.page import summary, targets, write
from benchmarks.plan import FULL, QUICK
from benchmarks.samples import Sample, median
from benchmarks.servers import ours, peers, postgresql
from benchmarks.servers.names import OURS, PEERS
from benchmarks.servers.running import Server
from benchmarks.sizes import size_of
from benchmarks.targets import TARGETS, judge
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.workload import Turn, Workload


@click.group()
def main() -> None:
    """Time this server beside others."""


@main.command("all")
@click.option(
    "--quick", is_flag=True, help="In 3 minutes: the ten workloads that matter most, at 10,000 people."
)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where results and page go.  [default: docs/benchmarks, or benchmarks/.cache/quick]",
)
def everything(*, quick: bool, folder: Path | None) -> None:
    """Run every workload on every server; write results and a page with the targets."""
    results = Campaign().run(QUICK if quick else FULL)
    place = folder or (ours.CACHE / "quick" if quick else ours.HERE / "docs" / "benchmarks")
    verdicts = judge(results, TARGETS)
    for line in targets(one for one in verdicts if one.met is not None):
        click.echo(line)
    click.echo(f"{summary(verdicts)}; {results.about['minutes']} minutes; see {write(results, place)}")


@main.command()
@click.option("--workload", "names", type=click.Choice(sorted(WORKLOADS)), multiple=True, required=True)
@click.option("--size", default="10k", show_default=True, help="People who are there before.")
@click.option("--database", "databases", type=click.Choice(OURS), multiple=True, default=OURS)
@click.option("--peer", "peer_names", type=click.Choice(PEERS), multiple=True, help="Timed in turn.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=3, show_default=True, help="Of each run.")
@click.option(
    "--against",
    "others",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Another checkout of this server, timed in turn.",
)
def run(
    *,
    names: tuple[str, ...],
    size: str,
    databases: tuple[str, ...],
    peer_names: tuple[str, ...],
    rounds: int,
    seconds: int,
    others: tuple[Path, ...],
) -> None:
    """Time some workloads, server by server in turn, and print the medians."""
    with ExitStack() as stack:
        servers = _servers(stack, size_of(size), databases, others)
        if peer_names:
            peers.install()
        servers += [stack.enter_context(peers.started(name, size_of(size))) for name in peer_names]
        turns = iter(range(1, 1_000_000))
        for workload in (WORKLOADS[name] for name in names):
            samples: dict[str, list[Sample]] = {server.name: [] for server in servers}
            for _ in range(rounds):
                for server in filter(workload.suits, servers):
                    samples[server.name].append(workload.measure(server, Turn(next(turns), seconds)))
            _print(workload, samples)


def _servers(
    stack: ExitStack, people: int, databases: tuple[str, ...], others: tuple[Path, ...]
) -> list[Server]:
    cluster = None
    if "postgresql" in databases:
        cluster = stack.enter_context(postgresql.started(ours.CACHE / "postgresql"))
    return [
        stack.enter_context(
            ours.started(
                f"{database}{'' if checkout == ours.HERE else f' of {checkout.name}'}",
                people,
                cluster=cluster if database == "postgresql" else None,
                checkout=checkout.resolve(),
            )
        )
        for database in databases
        for checkout in (ours.HERE, *others)
    ]


def _print(workload: Workload, samples: dict[str, list[Sample]]) -> None:
    click.echo(workload.words)
    for name, measured in samples.items():
        if not measured:
            continue
        rates = [sample.rate for sample in measured]
        times = [median([one.milliseconds(percent) for one in measured]) for percent in (50, 99)]
        click.echo(
            f"  {name:32} {median(rates):8.0f}/s  p50 {times[0]:8.2f} ms  p99 {times[1]:8.2f} ms"
            f"   rounds: {' '.join(f'{rate:.0f}' for rate in rates)}"
        )
