"""Describes the machine, because figures mean nothing without it."""

import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

from scim_server.store.database.engines import sqlite

SYNCS = 200


def described(folder: Path, postgresql_version: str) -> dict[str, str]:
    """Describe the CPU, cores, memory and versions, and how long the disk takes to sync."""
    return {
        "cpu": _first(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo")),
        "cores": str(os.cpu_count()),
        "memory": f"{int(_first('MemTotal: *([0-9]+)', Path('/proc/meminfo'))) / 2**20:.0f} GB",
        "system": platform.platform(),
        "python": sys.version.split()[0],
        "sqlite": sqlite.sqlite_version,
        "postgresql": postgresql_version,
        "node": _output("node", "--version"),
        "wrk": _output("wrk", "-v").removeprefix("wrk ").split(" Copyright")[0].strip(),
        "fsync": _sync_milliseconds(folder),
        "load at the start": f"{os.getloadavg()[0]:.1f}",
    }


def _first(pattern: str, file: Path) -> str:
    found = re.search(pattern, file.read_text())
    return found[1] if found else "unknown"


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "none"
    return (done.stdout or done.stderr).split("\n", 1)[0].strip()


def _sync_milliseconds(folder: Path) -> str:
    """Measure how long it takes to append a page and sync it, on the disk of the databases."""
    with TemporaryFile(dir=folder) as file:

        def sync() -> None:
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())

        times = [_timed(sync) for _ in range(SYNCS)]
    return f"{statistics.median(times):.2f} ms (p99 {sorted(times)[-SYNCS // 100]:.2f})"


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
