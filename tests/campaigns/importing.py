"""A directory moves in from scim2-server while its import is killed and a provider creates people."""

import csv
import json
import random
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from benchmarks.corpus import person
from conformance import replay, transcript
from conformance.target import Target
from tests.campaigns.stage import Result, Stage, log
from tests.support.servers import scim2
from tests.support.servers.running import SCIM_SEATS, Organization, Server

GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
SINGLES: Final = 300
"""How many people one client creates one after another, for comparison."""
FACTOR: Final = 3.0
"""How many times faster than these an import must be, without the reading of the other server."""
GROUPS: Final = 20
_EACH_TENTH: Final = 10


def run(stage: Stage, size: int, rounds: int, seed: int) -> Result:
    """`size` people move in twice: undisturbed, and with `rounds` kills beside a provider that creates."""
    result = Result()
    seats = size - size // _EACH_TENTH
    with tempfile.TemporaryDirectory() as folder:
        log(f"scim2-server gets {size:,} people")
        with scim2.started(Path(folder), directory(size)) as url:
            token = Path(folder) / "token"
            token.write_text(scim2.TOKEN)
            command = ("--from", url, "--token-file", str(token), "--keep-ids")
            whole = stage.server.organization(standard=seats)
            reading, _ = timed(lambda: imported(stage.server, whole, command))
            log(f"read and foreseen in {reading:.0f} s")
            seconds, said = timed(lambda: imported(stage.server, whole, (*command, "--yes", "--json")))
            starting, _ = timed(lambda: stage.server.separately("--version").stdout)
            seconds = max(seconds - starting, 0.001)
            log(f"imported in {seconds:.0f} s, without the start of the command")
            killed = stage.server.organization(standard=seats)
            kills = disturbed(stage.server, killed, command, reading + seconds, rounds, random.Random(seed))
    report = json.loads(said)
    result.faults += counted(report, size, seats)
    for organization in (whole, killed):
        _, faults = stage.recount(organization)
        result.faults += faults + present(organization, size, refused(stage.server, organization))
        result.faults += conversations(organization)
    rate = size / seconds
    singles = single_creates(stage.server.organization(standard=SINGLES))
    if rate < FACTOR * singles:
        result.faults.append(
            f"{rate:.0f} people/s are less than {FACTOR} times {singles:.0f} single creates/s"
        )
    result.figures = {
        "people": size,
        "seconds_of_reading_and_preview": round(reading, 1),
        "seconds_of_import": round(seconds, 1),
        "people_per_second": round(rate),
        "single_creates_per_second": round(singles),
        "kills": kills,
        "report": report["import"],
    }
    return result


def timed(work: Callable[[], str]) -> tuple[float, str]:
    """How long something took, and its result."""
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


def refused(server: Server, organization: Organization) -> set[str]:
    """The userNames of the people whom the import left out."""
    # An import that ended before a kill was followed by another one, which refused the same people.
    job = server.json("import", "list", organization.slug)["data"][0]
    file = server.folder / f"{organization.slug}.csv"
    server.command("import", "show", organization.slug, job["id"], "--left-out", str(file))
    with file.open(encoding="utf-8-sig", newline="") as rows:
        return {row["userName"] for row in csv.DictReader(rows)}


def directory(size: int) -> Sequence[tuple[str, str, dict[str, Any]]]:
    """People, groups of all of them, and a group of groups."""
    people = [("User", f"u{number}", person("p", number)) for number in range(size)]
    groups = []
    for number in range(GROUPS):
        members = [{"value": f"u{one}"} for one in range(number, size, GROUPS)]
        values = {"schemas": [GROUP], "displayName": f"Group {number}", "members": members}
        groups.append(("Group", f"g{number}", values))
    everybody = [{"value": f"g{number}"} for number in range(GROUPS)]
    values = {"schemas": [GROUP], "displayName": "Everybody", "members": everybody}
    return [*people, *groups, ("Group", "all", values)]


def imported(server: Server, organization: Organization, options: Sequence[str]) -> str:
    done = server.separately("import", organization.slug, *options, check=False)
    if done.returncode:
        raise AssertionError(f"the import failed: {done.stderr}")
    return done.stdout


def disturbed(
    server: Server,
    organization: Organization,
    command: Sequence[str],
    seconds: float,
    rounds: int,
    chance: random.Random,
) -> int:
    """Import with kills, while one client creates people; return how often the process was killed."""
    ended = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        creating = pool.submit(create_until, organization, ended)
        kills = 0
        for _ in range(rounds):
            process = subprocess.Popen(
                [SCIM_SEATS, "import", organization.slug, *command, "--yes"],
                env=dict(server.environment),
                cwd=server.folder,
                stdout=subprocess.DEVNULL,
            )
            try:
                process.wait(chance.uniform(0.05, 1.2) * seconds / max(rounds / 2, 1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
                log(f"killed {kills} times")
        imported(server, organization, (*command, "--yes"))
        ended.set()
        creating.result()
    return kills


def create_until(organization: Organization, ended: threading.Event) -> None:
    number = 0
    with organization.client() as client:
        while not ended.is_set():
            client.post("/Users", json=person("s", number))
            number += 1
            ended.wait(0.2)


def counted(report: dict[str, Any], size: int, seats: int) -> list[str]:
    """Faults of the report of the undisturbed import."""
    people = report["import"]["people"]
    if people != {"created": seats, "refused": size - seats, "seated": seats}:
        return [f"the report says {people}"]
    return []


def present(organization: Organization, size: int, left_out: set[str]) -> list[str]:
    """Faults of people: by the old ids, those who were not left out are found with all their groups."""
    faults = []
    with organization.client() as client:
        for number in range(0, size, max(size // 200, 1)):
            answer, right = client.get(f"/Users/u{number}"), person("p", number)["userName"]
            if right in left_out:
                if answer.status_code != HTTPStatus.NOT_FOUND:
                    faults.append(f"{right} was left out and is here")
            elif answer.status_code != HTTPStatus.OK or answer.json()["userName"] != right:
                faults.append(f"u{number} is not {right}: {answer.status_code}")
            elif {one["value"] for one in answer.json()["groups"]} != {f"g{number % GROUPS}", "all"}:
                faults.append(f"u{number} is in other groups")
        total = client.get("/Groups", params={"count": 0}).json()["totalResults"]
    return faults if total == GROUPS + 1 else [*faults, f"there are {total} groups"]


def conversations(organization: Organization) -> list[str]:
    """Faults of the conversations of providers that go on after the move; some need a free seat."""
    target = Target(organization.base_url, organization.token, {"org": organization.slug})
    wanted = ("okta/test-connection", "entra/test-connection")
    outcomes = [replay.run(one, target) for one in transcript.shipped() if one.name in wanted]
    return [f"{one.name} failed" for one in outcomes if not one.passed]


def single_creates(organization: Organization) -> float:
    """How many people one client creates in a second, one after another."""
    with organization.client() as client:
        began = time.monotonic()
        for number in range(SINGLES):
            client.post("/Users", json=person("t", number)).raise_for_status()
        return SINGLES / (time.monotonic() - began)
