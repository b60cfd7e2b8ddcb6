"""Imports that stop anywhere and go on, beside other writers of the organization."""

import itertools
import random
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from scim_server.services.billing import due
from scim_server.services.errors import ImportClosed, UnknownImport
from scim_server.services.imports import chunks, commands, queries
from scim_server.store.database.session import Database
from tests.support.builders.importing import (
    Resource,
    answers,
    finished,
    group,
    imported,
    lines,
    person,
    read,
)
from tests.support.builders.organization import Organization, described
from tests.support.oracles.recount import recount
from tests.support.servers.running import SCIM_SEATS, environment_for

SEAT = "urn:scim-seats:params:scim:schemas:extension:seat:1.0:User"
PEOPLE = 120
SEATS = {"standard": 40, "premium": 20}


def directory(people: int = PEOPLE) -> list[Resource]:
    """More people than seats, some inactive, with groups in groups."""
    old = {"created": "2024-05-06T07:08:09Z"}
    found = [person(f"p{n}", f"p{n}", active=n % 7 != 0, meta=old) for n in range(people)]
    members = [[f"p{n}" for n in range(first, people, 4)] for first in range(4)]
    groups = [group(f"g{n}", f"Group {n}", *members[n], meta=old) for n in range(4)]
    return [group("all", "All", "g0", "g1", "p3", meta=old), *found, *groups]


def result(database: Database, there: Organization) -> Sequence[Any]:
    """Everything that an import leaves behind, without times."""
    with database.snapshot() as connection:
        recount(connection, there.id)
        rows = [
            connection.execute(text(query), {"org": there.id}).all()
            for query in (
                # Members are added in parts, whose size depends on the speed of the machine.
                "SELECT type, reason, person, group_id, CAST(seats AS TEXT) FROM events"
                " WHERE organization = :org AND type <> 'group.updated' ORDER BY sequence",
                "SELECT user_name_key, wants, attempts FROM refusals WHERE organization = :org"
                " ORDER BY sequence",
                "SELECT kind, position, outcome, target FROM import_entries WHERE organization = :org"
                " ORDER BY kind, position",
            )
        ]
    (job,) = queries.every(there.context())
    found = answers(there.context())
    for one in found.values():
        one.get(SEAT, {}).pop("waitingSince", None)
    return [found, dict(job.counts), job.state, *rows]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "_FIRST", 20)
    monkeypatch.setattr(chunks, "_MOST", 20)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("overflow", ["reject", "queue"])
def test_an_import_that_stops_after_any_chunk_and_goes_on_ends_like_one_that_never_stopped(
    database: Database, tmp_path: Path, overflow: str
) -> None:
    file = lines(tmp_path / "p.jsonl", directory())
    whole, stopping = (Organization(database, SEATS, overflow) for _ in range(2))
    imported(whole.context(), file)
    job = read(stopping.context(), file)

    steps = 0
    while commands.run(stopping.context(), job) and queries.get(stopping.context(), job).state != "done":
        next(commands.run(stopping.context(), job))  # One chunk; then the process would be killed.
        steps += 1

    assert steps > 10
    assert result(database, stopping) == result(database, whole)


@pytest.mark.usefixtures("small_chunks")
def test_two_processes_that_carry_out_the_same_import_do_no_chunk_twice(
    database: Database, tmp_path: Path
) -> None:
    file = lines(tmp_path / "p.jsonl", directory())
    whole, shared = (Organization(database, SEATS, "reject") for _ in range(2))
    imported(whole.context(), file)
    job = read(shared.context(), file)

    both = [commands.run(shared.context(), job) for _ in range(2)]
    for _ in itertools.zip_longest(*both):
        pass

    assert result(database, shared) == result(database, whole)


@pytest.mark.usefixtures("small_chunks")
def test_creates_of_a_provider_between_the_chunks_and_the_import_never_oversell(
    database: Database, tmp_path: Path
) -> None:
    there = Organization(database, SEATS, "reject")
    job = read(there.context(), lines(tmp_path / "p.jsonl", directory()))

    for number, _ in enumerate(commands.run(there.context(), job)):
        for n in range(5):
            there.create(described(f"s{number}x{n}@example.com", ""))

    with database.snapshot() as connection:
        recount(connection, there.id)
    seated = [one for one in answers(there.context()).values() if one.get(SEAT, {}).get("status") == "seated"]
    ways = {str(one["userName"])[0] for one in seated}
    assert (len(seated), ways) == (sum(SEATS.values()), {"p", "s"})


def test_creates_that_race_with_an_import_for_the_last_seats_never_oversell(
    database: Database, tmp_path: Path
) -> None:
    """The import and the provider use connections of their own, as processes do."""
    there = Organization(database, SEATS, "reject")
    job = read(there.context(), lines(tmp_path / "p.jsonl", directory()))
    other = due.opened(database.url)
    provider = Organization.__new__(Organization)
    provider.database, provider.row, provider.id = other, there.row, there.id
    ended = threading.Event()

    def create() -> None:
        for number in range(PEOPLE):
            if not ended.is_set():
                provider.create(described(f"s{number}@example.com", ""))

    with ThreadPoolExecutor(1) as pool:
        created = pool.submit(create)
        report = finished(there.context(), job)
        ended.set()
        created.result()
    other.close()

    with database.snapshot() as connection:
        recount(connection, there.id)
    tried = report.job.counts["people.created"] + report.job.counts["people.refused"]
    assert tried == PEOPLE
    seated = [one for one in answers(there.context()).values() if one.get(SEAT, {}).get("status") == "seated"]
    assert len(seated) == sum(SEATS.values())


def test_the_same_file_continues_its_import_and_a_finished_one_is_imported_again(
    database: Database, tmp_path: Path
) -> None:
    there = Organization(database, SEATS, "reject")
    file = lines(tmp_path / "p.jsonl", [person("1", "ann")])
    job = read(there.context(), file)

    assert read(there.context(), file) == job
    assert read(there.context(), file, update=True) != job
    finished(there.context(), job)
    assert read(there.context(), file) != job


def test_reports_are_deleted_when_an_import_begins_ninety_days_later(
    database: Database, tmp_path: Path
) -> None:
    there = Organization(database, SEATS, "reject")
    imported(there.context(), lines(tmp_path / "p.jsonl", [person("1", "ann")]))
    later = database.now() + timedelta(days=91)
    database.now = lambda: later

    new = read(there.context(), lines(tmp_path / "q.jsonl", [person("2", "bob")]))

    assert [one.id for one in queries.every(there.context())] == [new]
    assert set(answers(there.context())) == {"1"}


def test_a_cancelled_import_does_not_go_on(database: Database, tmp_path: Path) -> None:
    there = Organization(database, SEATS, "reject")
    job = read(there.context(), lines(tmp_path / "p.jsonl", [person("1", "ann")]))

    commands.cancel(there.context(), job)

    with pytest.raises(ImportClosed, match="was cancelled"):
        next(commands.run(there.context(), job))
    with pytest.raises(UnknownImport):
        next(commands.run(there.context(), "other"))
    assert answers(there.context()) == {}


def test_another_organization_cannot_see_or_carry_out_an_import(database: Database, tmp_path: Path) -> None:
    one, other = (Organization(database, SEATS, "reject") for _ in range(2))
    job = read(one.context(), lines(tmp_path / "p.jsonl", [person("1", "ann")]))

    with pytest.raises(UnknownImport):
        next(commands.run(other.context(), job))
    with pytest.raises(UnknownImport):
        queries.report(other.context(), job)
    assert queries.every(other.context()) == []


def killed(url: str, slug: str, file: Path, seconds: Iterator[float]) -> int:
    """Run the command until it ends, killing it after some seconds; return how often it was killed."""
    times = 0
    while True:
        process = subprocess.Popen(
            [SCIM_SEATS, "import", slug, str(file), "--keep-ids", "--yes"],
            env=environment_for(url, 1),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            _, err = process.communicate(timeout=next(seconds))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            times += 1
            continue
        assert process.returncode == 0, err
        return times


def test_an_import_whose_process_is_killed_at_any_moment_ends_like_one_that_never_stopped(
    database: Database, tmp_path: Path
) -> None:
    file = lines(tmp_path / "p.jsonl", directory(400))
    whole, stopping = (Organization(database, SEATS, "reject") for _ in range(2))
    imported(whole.context(), file)
    chance = random.Random(7)
    # The last run is not disturbed, however slow the machine is.
    moments = itertools.chain([chance.uniform(1.0, 2.5) for _ in range(2)], itertools.repeat(300.0))

    killed(database.url, stopping.row.slug, file, moments)

    assert result(database, stopping) == result(database, whole)
