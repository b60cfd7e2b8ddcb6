"""The command line of the benchmark."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from benchmarks.campaign import Campaign
from benchmarks.compare import Comparison
from benchmarks.page import into_measurements, summary, targets, write
from benchmarks.plan import FULL, QUICK
from benchmarks.samples import WrongAnswers
from benchmarks.scale import costs
from benchmarks.scale import page as page_of_scale
from benchmarks.servers import ours, peers
from benchmarks.servers.names import OURS, PEERS
from benchmarks.sizes import size_of
from benchmarks.targets import TARGETS, judge
from benchmarks.workloads import WORKLOADS


@click.group()
def main() -> None:
    """Compare the speed of this server with others."""


@main.command("all")
@click.option(
    "--quick", is_flag=True, help="Run only the main workloads, at 10,000 people, in about 3 minutes."
)
@click.option("--size", "sizes", multiple=True, help="Run only with this number of people, such as 100k.")
@click.option("--rounds", type=click.IntRange(1), help="Number of rounds instead of the planned number.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the results and the page.  [default: docs/benchmarks; "
    "benchmarks/.cache/partly for a part]",
)
def everything(*, quick: bool, sizes: tuple[str, ...], rounds: int | None, folder: Path | None) -> None:
    """Run every workload on every server; write results and a page with the targets."""
    wanted = {size_of(size) for size in sizes}
    stages = [stage for stage in (QUICK if quick else FULL) if not wanted or stage.people in wanted]
    try:
        results = Campaign().run([replace(stage, rounds=rounds or stage.rounds) for stage in stages])
    except WrongAnswers as error:
        raise click.ClickException(str(error)) from error
    partly = quick or sizes or rounds
    place = folder or (ours.CACHE / "partly" if partly else ours.HERE / "docs" / "benchmarks")
    if not partly:
        into_measurements(results, ours.HERE / "docs" / "measurements.md")
    verdicts = judge(results, TARGETS)
    for line in targets(one for one in verdicts if one.met is not None):
        click.echo(line)
    page = write(results, place)
    if not partly:
        page_of_scale.write()
    click.echo(f"{summary(verdicts)}; {results.about['minutes']} minutes; see {page}")


@main.command("costs")
@click.option("--people", default=30_000, show_default=True, help="How many people the directory has.")
@click.option("--seconds", default=4.0, show_default=True, help="How long each kind of request is sent.")
def measure_costs(people: int, seconds: float) -> None:
    """Measure the processor time of requests and the bytes of rows on PostgreSQL; write docs/scale.md."""
    peers.install("client")
    costs.measure(people, seconds, click.echo).save(page_of_scale.COSTS)
    page_of_scale.write()


@main.command("scale")
def write_scale() -> None:
    """Compute docs/scale.md from the measured costs, the measurements and the tables."""
    page_of_scale.write()


@main.command()
@click.option("--workload", "workloads", type=click.Choice(sorted(WORKLOADS)), multiple=True, required=True)
@click.option(
    "--size", default="10k", show_default=True, help="How many people the directory has at the start."
)
@click.option("--database", "databases", type=click.Choice(OURS), multiple=True, default=OURS)
@click.option(
    "--peer",
    "peer_names",
    type=click.Choice(PEERS),
    multiple=True,
    help="Another server to measure; repeatable.",
)
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="Length of each run.")
@click.option(
    "--against",
    "others",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Another checkout of this server, also measured; repeatable.",
)
@click.option(
    "--variant",
    "variants",
    metavar="NAME=VALUE,...",
    multiple=True,
    help="This server with other settings, such as SCIM_SEATS_WORKERS=1,SCIM_SEATS_THREADS=16.",
)
def run(**compared: Any) -> None:  # noqa: ANN401 - the fields of a comparison
    """Measure some workloads on each server, alternately, and print the medians."""
    try:
        for line in Comparison(**compared).lines():
            click.echo(line)
    except WrongAnswers as error:
        raise click.ClickException(str(error)) from error
