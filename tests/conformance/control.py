"""A control command for replaying against scim-seats: a CONTROL step becomes commands of the operator.

Seats that a step takes away are granted seats, which only the operator of a contract-less organization
can lower.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any


def commands(step: Mapping[str, Any], slug: str) -> Iterator[list[str]]:
    """The operator's commands that prepare a step."""
    if "seat_mode" in step:
        yield ["org", "set", slug, "--overflow", step["seat_mode"]]
    if step.get("seats_free") == 0:
        yield ["org", "set", slug, "--seats", "standard=0"]
    elif "seats_free" in step:
        yield ["seats", "add", slug, f"standard={step['seats_free']}", "--yes"]


def main() -> None:
    for command in commands(json.load(sys.stdin), os.environ["REPLAY_ORG"]):
        subprocess.run([*sys.argv[1:], *command, "--json"], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
