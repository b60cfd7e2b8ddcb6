"""Writes the results as a page of Markdown with targets, tables and plots."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.plots import bars
from benchmarks.results import Results
from benchmarks.servers.names import OURS, PEERS
from benchmarks.sizes import size_name
from benchmarks.targets import TARGETS, Verdict, judge
from benchmarks.workloads import WORKLOADS

BEGIN: Final = "<!-- Written by make bench. -->"
END: Final = "<!-- Until here. -->"
SERVERS: Final = (*OURS, *PEERS)


def write(results: Results, folder: Path) -> Path:
    """Write the results, the page and its plots; return the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    results.save(folder / "results.json")
    sizes = sorted({key.people for key in results.rounds})
    parts = [
        "# Benchmark\n",
        "Servers and clients ran on one machine, with real HTTP. The servers ran alternately; figures are "
        "medians.",
        "Every answer's status was checked. Compare only figures of this run, not figures of other "
        "machines.\n",
        *(f"- {name}: {value}" for name, value in results.about.items()),
        "\n## Targets\n",
        *targets(judge(results, TARGETS)),
    ]
    if len(sizes) > 1:
        parts += ["\n## Growth\n", *growth(results, sizes)]
    for people in sizes:
        plot = folder / f"rates-{size_name(people)}.svg"
        plot.write_text(bars(rates(results, people), SERVERS))
        parts += [f"\n## {people:,} people\n", f"![rates at {people:,} people]({plot.name})\n"]
        parts += table(results, people)
    page = folder / "README.md"
    page.write_text("\n".join(parts) + "\n")
    return page


def targets(verdicts: Iterable[Verdict]) -> list[str]:
    """One row for each target and database."""
    lines = ["| target | server | ours | other | ratio | wanted | |", "|---|---|---|---|---|---|---|"]
    for one in verdicts:
        wanted = f"{'at least' if one.wants_more else 'at most'} {one.factor:g}"
        verdict = {True: "met", False: "**missed**", None: "not measured"}[one.met]
        lines.append(
            f"| {one.target.words} | {one.server} | {_figure(one.ours)} | {_figure(one.other)} "
            f"| {'' if one.ratio is None else f'{one.ratio:.2f}'} | {wanted} | {verdict} |"
        )
    return lines


def growth(results: Results, sizes: Sequence[int]) -> list[str]:
    """How the median time of an answer of this server grows with the number of people."""
    lines = [
        "Median milliseconds of an answer of this server, by the number of people.\n",
        f"| | | {' | '.join(size_name(people) for people in sizes)} |",
        "|---" * (len(sizes) + 2) + "|",
    ]
    for name, workload in WORKLOADS.items():
        for server in OURS:
            measure = f"{workload.kinds[0]} p50" if workload.kinds else "p50"
            values = [results.value(name, people, server, measure) for people in sizes]
            if sum(value is not None for value in values) > 1:
                cells = " | ".join(_figure(value) for value in values)
                lines.append(f"| {workload.words} | {server} | {cells} |")
    return lines


def into_measurements(results: Results, file: Path) -> None:
    """Write the targets with their figures between the two marks in docs/measurements.md."""
    before, _, rest = file.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    about = f"`make bench`, {results.about['date']}, {results.about['cpu']}, {results.about['cores']} cores:"
    lines = [BEGIN, about, "", *targets(judge(results, TARGETS)), "", END]
    file.write_text(before + "\n".join(lines) + after)


def rates(results: Results, people: int) -> dict[str, dict[str, float]]:
    """The table of rates by workload and server."""
    found: dict[str, dict[str, float]] = {}
    for name in WORKLOADS:
        values = {server: results.value(name, people, server, "rate") for server in SERVERS}
        known = {server: value for server, value in values.items() if value is not None}
        if known:
            found[name] = known
    return found


def table(results: Results, people: int) -> list[str]:
    """The rate and p50 / p99 in milliseconds of every workload and server, and the memory."""
    shown = [one for one in SERVERS if any(k.server == one and k.people == people for k in results.rounds)]
    lines = [f"| | {' | '.join(shown)} |", "|---" * (len(shown) + 1) + "|"]
    for name, workload in WORKLOADS.items():
        for kind in workload.kinds or ("",):
            cells = [_cell(results, name, people, server, kind) for server in shown]
            if any(cells):
                words = f"{workload.words}{f': {kind}' if kind else ''}"
                lines.append(f"| {words} | {' | '.join(cells)} |")
        clients = [_client(results, name, people, server) for server in shown]
        if any(clients):
            lines.append(f"| its client: % of a core (p99 of how late it sent, ms) | {' | '.join(clients)} |")
    for name, words in (("memory-started", "memory after the start"), ("memory-loaded", "memory after load")):
        cells = [_memory(results, name, people, server) for server in shown]
        lines.append(f"| {words}, MB (of its database server) | {' | '.join(cells)} |")
    return ["Operations a second; in brackets p50 / p99 in milliseconds.\n", *lines]


def _cell(results: Results, name: str, people: int, server: str, kind: str) -> str:
    prefix = f"{kind} " if kind else ""
    rate = results.value(name, people, server, "rate")
    times = [results.value(name, people, server, f"{prefix}{percent}") for percent in ("p50", "p99")]
    if rate is None or None in times:
        return ""
    shown = " / ".join(_figure(time) for time in times)
    return f"({shown})" if kind else f"{_figure(rate)} ({shown})"


def _client(results: Results, name: str, people: int, server: str) -> str:
    cpu, late = (results.value(name, people, server, measure) for measure in ("client CPU", "sent late p99"))
    return "" if cpu is None else f"{_figure(cpu)} ({_figure(late)})"


def _memory(results: Results, name: str, people: int, server: str) -> str:
    value = results.value(name, people, server, "MB")
    database = results.value(name, people, server, "MB of the database")
    return _figure(value) + (f" ({_figure(database)})" if database is not None else "")


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{decimals}f}"


def summary(verdicts: Sequence[Verdict]) -> str:
    """A sentence for the terminal: how many targets are met."""
    counted = [one.met for one in verdicts if one.met is not None]
    return f"{counted.count(True)} of {len(counted)} measured targets are met"
