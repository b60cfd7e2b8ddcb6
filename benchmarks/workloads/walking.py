"""Reads the whole list, page by page; each page continues where the previous one ended."""

import json
import time
from urllib.parse import quote

from benchmarks.client import Client
from benchmarks.samples import Sample, WrongAnswers
from benchmarks.servers.running import Server
from benchmarks.workloads.workload import Turn, Workload

PAGE = 100


def walk(server: Server, turn: Turn) -> Sample:
    """Follow the cursors from the first person to the last, or until the time is over."""
    times: list[int] = []
    began = time.perf_counter()
    cursor, seen = "", 0
    with Client(server.port, server.main) as client:
        while time.perf_counter() - began < turn.seconds:
            received, seconds = client.send("GET", f"/Users?count={PAGE}&cursor={quote(cursor)}")
            times.append(round(seconds * 1e6))
            page = json.loads(received)
            seen += len(page["Resources"])
            cursor = page.get("nextCursor", "")
            if not cursor:
                if seen < server.main.people:
                    raise WrongAnswers(f"the cursors ended after {seen} of {server.main.people} people")
                break
    return Sample(sum(times) / 1e6, {"all": times}, each=PAGE)


WORKLOADS = (
    Workload(
        "cursor-walk", f"people read by cursor, {PAGE} a page, 1 client", walk, needs=frozenset({"cursor"})
    ),
)
