"""A control command for replaying against scim-seats: a CONTROL step as commands of the operator.

Seats that a step takes away are granted seats, which only the operator of a contract-less organization
can lower.
"""

import json
import os
import subprocess
import sys


def main() -> None:
    step = json.load(sys.stdin)
    slug, scim_seats = os.environ["REPLAY_ORG"], sys.argv[1:]
    if "seat_mode" in step:
        _run(*scim_seats, "org", "set", slug, "--overflow", step["seat_mode"])
    if step.get("seats_free") == 0:
        _run(*scim_seats, "org", "set", slug, "--seats", "standard=0")
    elif "seats_free" in step:
        _run(*scim_seats, "seats", "add", slug, f"standard={step['seats_free']}", "--yes")


def _run(*command: str) -> None:
    subprocess.run([*command, "--json"], check=True, stdout=subprocess.DEVNULL)


main()
