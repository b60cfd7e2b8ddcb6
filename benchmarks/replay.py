"""Sends prepared requests with wrk, a client in C that costs much less CPU than the servers here."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.samples import Sample, WrongAnswers

SCRIPT = Path(__file__).with_name("replay.lua")
PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Request:
    """One request, and the answer that it must get.

    Attributes:
        path: path from the root, with the query.
        token: the token of the organization.
        expected: the correct statuses.
        kind: the kind of request in the statistics.
        check: what the body must contain: `total=1` for results, `resources=100` for a page, `created=1000`
            for a bulk request; `-` means no check.
    """

    method: str
    path: str
    token: str
    expected: tuple[int, ...] = (200,)
    body: bytes = b""
    kind: str = "all"
    check: str = "-"

    def message(self, host: str) -> bytes:
        """The request as it is sent."""
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {self.token}\r\n"
            "Accept: application/scim+json\r\n"
        )
        if self.body:
            head += f"Content-Type: application/scim+json\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body

    def record(self, host: str) -> bytes:
        """The request in the form that replay.lua reads."""
        text = self.message(host)
        statuses = ",".join(map(str, self.expected))
        return f"{len(text)} {self.kind} {self.check} {statuses}\n".encode() + text


@dataclass(frozen=True, slots=True)
class Load:
    """How requests are sent.

    Attributes:
        clients: connections, each with its own share of the requests.
        seconds: after this time, nothing more is sent.
        again: whether a client starts again after its last request; if not, the run ends when the first
            client finishes.
    """

    clients: int
    seconds: float
    again: bool = False


@dataclass
class _Folder:
    """The folder with the requests of each client while they are sent."""

    path: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="scim-seats-benchmark-")))

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path)


def run(port: int, requests: Iterable[Request], load: Load, *, each: int = 1) -> Sample:
    """Send the requests.

    Args:
        each: number of operations in one request.

    Raises:
        WrongAnswers: an answer was wrong or missing.
    """
    host = f"127.0.0.1:{port}"
    records = [request.record(host) for request in requests]
    with _Folder() as folder:
        for client in range(load.clients):
            # If there are fewer requests than clients, some clients send the same ones.
            share = list(islice(records, client % len(records), None, load.clients))
            (folder / f"{client + 1}.requests").write_bytes(b"".join(share))
        return measured(_wrk(host, folder, load), each)


def _wrk(host: str, folder: Path, load: Load) -> list[dict[str, Any]]:
    command = [
        *("wrk", "-s", str(SCRIPT), "-t", str(load.clients), "-c", str(load.clients)),
        *("-d", f"{PATIENCE_SECONDS}s", "--timeout", f"{PATIENCE_SECONDS}s"),
        *(f"http://{host}/", "--", str(folder), "again" if load.again else "once", str(load.seconds)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10 * PATIENCE_SECONDS)
    _, found, lines = done.stdout.partition("--samples--\n")
    if done.returncode or not found:
        raise WrongAnswers(f"wrk failed: {done.stderr[-500:]}{done.stdout[-500:]}")
    return [json.loads(line) for line in lines.splitlines() if line.startswith("{")]


def measured(threads: Sequence[dict[str, Any]], each: int) -> Sample:
    """The measurements of all connections together.

    Raises:
        WrongAnswers: an answer was wrong or lost, or there was no answer.
    """
    wrong = sum(thread["wrong"] for thread in threads)
    examples = [example for thread in threads for example in thread["examples"]]
    # The count is over all connections, and each connection reports it.
    lost = max(thread["lost"] for thread in threads)
    if wrong or lost:
        raise WrongAnswers(f"{wrong} wrong answers, {lost} lost: {examples[:3]}")
    answered = [thread for thread in threads if thread["micros"]]
    if not answered:
        raise WrongAnswers("nothing was answered")
    times: dict[str, list[int]] = {}
    for thread in answered:
        for kind, micros in zip(thread["kinds"], thread["micros"], strict=True):
            times.setdefault(kind, []).append(micros)
    began = min(thread["began"] for thread in answered)
    ended = max(thread["ended"] for thread in answered)
    return Sample((ended - began) / 1e6, times, each)
