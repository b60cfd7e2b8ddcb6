"""A real scim2-server (PyPI) with a directory, started as its documentation says."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.servers.running import free_port

TOKEN = "token-of-scim2-server"
ROOT = Path(__file__).parents[3]
_SECONDS = 90


@contextmanager
def started(folder: Path, resources: Sequence[tuple[str, str, dict[str, Any]]]) -> Iterator[str]:
    """Start the server; return its base URL.

    Args:
        resources: the type, the id and the values of each resource, in the order of its lists.
    """
    seed = folder / "seed.jsonl"
    seed.write_text("".join(f"{json.dumps(one)}\n" for one in resources))
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--blocking-threads", "2", "--no-log", "--no-ws", "--factory"),
        "benchmarks.peers.scim2_server.app:build",
    ]
    environment = {**os.environ, "SEED": str(seed), "TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
    with (folder / "scim2-server.txt").open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(f"http://127.0.0.1:{port}/v2/ServiceProviderConfig", process)
        yield f"http://127.0.0.1:{port}/v2"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SECONDS
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {TOKEN}"})
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError("scim2-server did not answer")
