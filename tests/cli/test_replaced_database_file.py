"""The file of the database is deleted, moved, replaced or overwritten while the server runs."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.api.wire import user_name
from tests.cli.serving import children, eventually, one_line, run, serving
from tests.support.servers.running import Organization, Server

ANSWERS = 18
"""So many that each of the two web workers gets some."""
LINE = "the database file is not the one that the server was started with"


def delete(file: Path) -> None:
    file.unlink()


def move(file: Path) -> None:
    for one in (file, *beside(file)):
        one.rename(one.with_name(f"moved-{one.name}"))


def replace_by_a_copy(file: Path) -> None:
    copy = file.with_name("copy.db")
    shutil.copyfile(file, copy)
    copy.replace(file)


def restore_a_backup_over_it(file: Path) -> None:
    """As `cp` does it: the file keeps its inode."""
    shutil.copyfile(file.with_name("backup.db"), file)


def beside(file: Path) -> list[Path]:
    return [file.with_name(f"{file.name}{ending}") for ending in ("-wal", "-shm")]


def statuses(organization: Organization, person: str, number: int = ANSWERS) -> set[tuple[int, str | None]]:
    """The answers to reads and writes, each on a connection of its own."""
    found = set()
    for turn in range(number):
        with organization.client() as client:
            answer = (
                client.get(f"/Users/{person}"),
                client.get("/Users"),
                client.post("/Users", json={"userName": user_name()}),
            )[turn % 3]
            found.add((answer.status_code, answer.headers.get("Retry-After")))
    return found


def add_people(organization: Organization, writer: int, acknowledged: list[str]) -> None:
    """Create people until a create is not acknowledged; add the names of those that were to a list."""
    with organization.client() as client:
        for number in count():
            name = f"w{writer}-{number}@example.com"
            if client.post("/Users", json={"userName": name}).status_code != 201:
                return
            acknowledged.append(name)


def names_in(file: Path) -> set[str]:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        found = {name for (name,) in connection.execute("SELECT user_name FROM people")}
    connection.close()
    return found


def prepared(server: Server) -> tuple[Organization, str, Path]:
    """An organization with a person, and an older backup beside the database."""
    organization = server.organization(standard=100_000)
    file = server.folder / "data" / "seats.db"
    with sqlite3.connect(file) as connection:
        connection.execute("VACUUM INTO ?", (str(file.with_name("backup.db")),))
    connection.close()
    with organization.client() as client:
        person: str = client.post("/Users", json={"userName": "ada@example.com"}).json()["id"]
    assert {status for status, _ in statuses(organization, person, 6)} == {200, 201}
    return organization, person, file


@pytest.mark.parametrize(
    "act",
    [
        delete,
        move,
        replace_by_a_copy,
        restore_a_backup_over_it,
    ],
    ids=lambda act: act.__name__,
)
def test_after_the_file_has_changed_every_answer_is_503_also_of_a_new_worker(
    tmp_path: Path, act: Callable[[Path], None]
) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        organization, person, file = prepared(server)
        acknowledged: list[str] = []
        with ThreadPoolExecutor(4) as threads:
            writers = [threads.submit(add_people, organization, one, acknowledged) for one in range(4)]
            assert eventually(lambda: len(acknowledged) > 20)
            act(file)
            for one in writers:
                one.result(60)

        after = statuses(organization, person)
        web = next(pid for pid, command in children(server).items() if " scim_server.worker " not in command)
        os.kill(web, signal.SIGKILL)
        assert eventually(lambda: web not in children(server))
        replaced = statuses(organization, person)

    log = (tmp_path / "stderr.txt").read_text()
    assert after == replaced == {(503, "5")}
    # One line of each process: two web workers, the new one, and the worker beside them.
    assert 2 <= log.count(LINE) <= 4
    if act is move:
        assert set(acknowledged) <= names_in(file.with_name("moved-seats.db"))


def test_checkpoints_and_vacuum_of_other_programs_do_not_stop_the_server(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        organization, person, file = prepared(server)
        for number, statement in enumerate(
            ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(RESTART)", "ANALYZE")
        ):
            with sqlite3.connect(file, timeout=30) as connection:
                connection.execute(statement)
            connection.close()
            with organization.client() as client:
                assert client.get(f"/Users/{person}").status_code == 200
                assert client.post("/Users", json={"userName": f"{number}@example.com"}).status_code == 201
        server.command("db", "check")

        after = statuses(organization, person)

    assert {status for status, _ in after} == {200, 201}
    assert LINE not in (tmp_path / "stderr.txt").read_text()


def test_a_server_does_not_start_on_a_missing_file_that_held_data(tmp_path: Path) -> None:
    run(tmp_path, "org", "create", "acme", "--seats", "standard=2").check_returncode()
    file = tmp_path / "data" / "seats.db"
    file.unlink()
    for state in ("missing", "empty"):
        if state == "empty":
            file.touch()
        for words in (("serve",), ("db", "upgrade"), ("org", "list"), ("demo",)):
            line = one_line(run(tmp_path, *words))
            assert str(file) in line
            assert "shows that it held data" in line
            assert "scim-seats db upgrade --create" in line

    assert run(tmp_path, "db", "upgrade", "--create").returncode == 0
    assert run(tmp_path, "org", "list").returncode == 0


def test_a_lost_file_is_restored_from_a_copy(tmp_path: Path) -> None:
    run(tmp_path, "org", "create", "acme", "--seats", "standard=2").check_returncode()
    run(tmp_path, "db", "backup", "copy.db").check_returncode()
    (tmp_path / "data" / "seats.db").unlink()

    run(tmp_path, "db", "restore", "copy.db").check_returncode()

    assert "acme" in run(tmp_path, "org", "list").stdout
