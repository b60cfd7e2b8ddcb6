"""Writes the computed parts of docs/scale.md."""

import re
from collections.abc import Iterator
from dataclasses import fields
from math import ceil
from typing import Final

from benchmarks.results import Results
from benchmarks.scale import citus
from benchmarks.scale.costs import Costs
from benchmarks.scale.simulation import Inputs, flows, machines, needed, stored
from benchmarks.servers.names import POSTGRESQL
from benchmarks.servers.ours import HERE

DOCS: Final = HERE / "docs"
PAGE: Final = DOCS / "scale.md"
COSTS: Final = DOCS / "benchmarks" / "costs.json"
RESULTS: Final = DOCS / "benchmarks" / "results.json"
MEASUREMENTS: Final = DOCS / "measurements.md"
PEOPLE: Final = 10_000
LARGE: Final = 1_000_000
COLUMN: Final = "this server, PostgreSQL"


def write() -> None:
    """Write the parts between the marks of the page."""
    PAGE.write_text(written(PAGE.read_text()))


def written(text: str) -> str:
    """The page with its computed parts."""
    costs, inputs = Costs.load(COSTS), Inputs()
    for name, lines in (
        ("costs", _costs(costs)),
        ("inputs", _inputs(inputs)),
        ("flows", _flows(inputs, costs)),
        ("needs", _needs(inputs, costs)),
        ("hot", _hot(inputs)),
        ("citus", ("```sql", *citus.statements(), "```")),
    ):
        begin, end = f"<!-- {name}: written by python -m benchmarks scale -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"{PAGE.name} has no part {name}")
        text = "\n".join((before + begin, *lines, end)) + after
    return text


def _costs(costs: Costs) -> Iterator[str]:
    about = costs.about
    yield f"`{about['command']}`, {about['date']}, {about['cpu']}, {about['cores']} cores,"
    yield f"PostgreSQL {about['postgresql']}, load at the start {about['load at the start']}:\n"
    yield "| request | milliseconds of processor time: this server | PostgreSQL |"
    yield "|---|---|---|"
    for kind, cost in costs.requests.items():
        yield f"| {kind} | {cost.server:.2f} | {cost.database:.2f} |"
    yield "\n| row, with its indexes | bytes | rows measured |"
    yield "|---|---|---|"
    for kind, size in costs.bytes.items():
        yield f"| {kind} | {size:,.0f} | {costs.rows[kind]:,} |"


def _inputs(inputs: Inputs) -> Iterator[str]:
    meanings = dict(_meanings(Inputs.__doc__ or ""))
    yield "| input | value | |"
    yield "|---|---|---|"
    for field in fields(inputs):
        yield f"| {field.name} | {getattr(inputs, field.name):,} | {meanings.get(field.name, '')} |"


def _meanings(text: str) -> Iterator[tuple[str, str]]:
    """The names and meanings of the attributes in a docstring."""
    _, _, attributes = text.partition("Attributes:")
    for line in attributes.splitlines():
        names, _, meaning = line.strip().partition(": ")
        for name in names.split(", "):
            yield name, meaning.removesuffix(".")


def _flows(inputs: Inputs, costs: Costs) -> Iterator[str]:
    yield "| in a second at the peak | requests | cores of servers | cores of PostgreSQL |"
    yield "|---|---|---|---|"
    for flow in flows(inputs):
        parts = [(rate, costs.requests[kind]) for kind, rate in flow.requests.items()]
        server, database = (
            sum(rate * cost.server for rate, cost in parts) / 1000,
            sum(rate * cost.database for rate, cost in parts) / 1000,
        )
        yield f"| {flow.words} | {sum(rate for rate, _ in parts):,.0f} | {server:.2f} | {database:.2f} |"
    total = needed(inputs, costs)
    yield f"| **all** | **{total.requests:,.0f}** | **{total.servers:.2f}** | **{total.databases:.2f}** |"


def _needs(inputs: Inputs, costs: Costs) -> Iterator[str]:
    total = needed(inputs, costs)
    servers, databases = machines(total.servers, inputs), machines(total.databases, inputs)
    by_disk = ceil(total.disk / inputs.terabytes)
    yield "| | |"
    yield "|---|---|"
    yield f"| servers of {inputs.cores} cores, for the load | {servers} |"
    yield f"| servers, if one may fail | {servers + 1} |"
    yield f"| databases of {inputs.cores} cores, for the load | {databases} |"
    yield f"| databases of {inputs.terabytes:g} TB, for the disk | {by_disk} |"
    for kind, count, size in stored(inputs, costs):
        yield f"| rows after {inputs.years} years: {kind} | {count:,.0f}, {size / 1e12:.2f} TB |"
    clients = inputs.workers * (inputs.threads + 2)
    yield f"| connections of one server to its PgBouncer, workers x (threads + 2) | {clients} |"
    yield f"| connections of all PgBouncers to one database | {(servers + 1) * inputs.pool} |"
    busy = total.databases * 1000 / total.requests
    yield f"| processor time of PostgreSQL for a request, on average | {busy:.2f} ms |"


def _hot(inputs: Inputs) -> Iterator[str]:
    rates = {name: rate for name in ("create", "create-10-organizations") if (rate := measured(name))}
    yield "| one organization | |"
    yield "|---|---|"
    create = rates.get("create")
    if create is None:
        raise ValueError("the rate of creates was not measured")
    yield f"| creates a second, 16 clients, {PEOPLE:,} people | {create:,.0f} |"
    if "create-10-organizations" in rates:
        yield f"| the same in ten organizations | {rates['create-10-organizations']:,.0f} |"
    yield f"| creates a second of one provider, each after a search | {inputs.requests_a_second / 2:g} |"
    hours = LARGE / (inputs.requests_a_second / 2) / 3600
    yield f"| hours in which one provider sends {LARGE:,} people | {hours:.0f} |"
    yield f"| minutes for {LARGE:,} creates at the measured rate | {LARGE / create / 60:.0f} |"


def measured(workload: str) -> float | None:
    """The rate of a workload on PostgreSQL: of the full run, or else of the table in the measurements."""
    if RESULTS.exists():
        return Results.load(RESULTS).value(workload, PEOPLE, POSTGRESQL, "rate")
    return rate_in(MEASUREMENTS.read_text(), workload)


def rate_in(page: str, workload: str) -> float | None:
    """The rate in the row of a workload, in the column of this server on PostgreSQL."""
    rows = [[cell.strip() for cell in line.split("|")] for line in page.splitlines()]
    header = next((cells for cells in rows if cells[1:2] == ["workload"]), [])
    row = next((cells for cells in rows if cells[1:2] == [workload] and len(cells) == len(header)), None)
    found = None if row is None else re.search(r"[\d,]+", row[header.index(COLUMN)])
    return None if found is None else float(found[0].replace(",", ""))
