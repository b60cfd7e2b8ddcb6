"""Which commands create the database, what the others answer without one, and its file permissions."""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile

import click
import orjson
import pytest
from alembic import command as alembic
from click.testing import CliRunner, Result

from scim_server.cli import main
from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.database.engines import BESIDE

CREATING = {
    ("serve",),
    ("demo",),
    ("org", "create"),
    ("db", "upgrade"),
    ("db", "restore"),
    ("api-key", "create"),
}
WITHOUT = {("config", "check")}
"""Commands that need no database."""
NEW = ("org", "create", "acme", "--seats", "standard=2")


def command(*words: str, **settings: str) -> Result:
    done = CliRunner().invoke(main, words, env=settings)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done


def leaves(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, one in sorted(group.commands.items()):
        if isinstance(one, click.Group):
            yield from leaves(one, *before, name)
        else:
            yield (*before, name), one


def arguments(one: click.Command) -> list[str]:
    """A value for each argument and required option of a command."""
    words = []
    for parameter in one.params:
        said = "standard=1" if "TIER" in (parameter.metavar or "") else "acme"
        if isinstance(parameter, click.Argument):
            words.append(said)
        elif parameter.required:
            words += [parameter.opts[0], said]
    return words


def at_revision(file: Path, revision: str) -> str:
    """The URL of a new database with the tables of an older version."""
    database = due.opened(f"sqlite:///{file}")
    settings = schema._config()
    with database.writer.begin() as connection:
        settings.attributes["connection"] = connection
        alembic.upgrade(settings, revision)
    database.close()
    return database.url


@pytest.fixture(scope="module")
def with_acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the organization `acme`, to be copied: its tables take a second to create."""
    file = tmp_path_factory.mktemp("template") / "seats.db"
    assert command(*NEW, SCIM_SEATS_DATABASE_URL=f"sqlite:///{file}").exit_code == 0
    return file


def entries(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def modes(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in folder.glob("seats.db*")}


OTHERS = [
    pytest.param((*words, *arguments(one)), id=" ".join(words))
    for words, one in leaves(main)
    if words not in CREATING | WITHOUT
]
READING = [
    ("org", "list"),
    ("seats", "show", "acme"),
    ("seats", "forecast", "acme"),
    ("people", "list", "acme"),
    ("people", "idle", "acme"),
    ("people", "drift", "acme", "--since", "2026-01-01"),
    ("log", "list", "acme"),
    ("left-out", "list", "acme"),
    ("waiting", "list", "acme"),
    ("token", "list", "acme"),
    ("mapping", "list", "acme"),
    ("invitation", "list", "acme"),
    ("domain", "list", "acme"),
    ("invoice", "list", "acme"),
    ("removals", "list", "acme"),
    ("schema", "list", "acme"),
    ("api-key", "list"),
    ("db", "check"),
]


@pytest.mark.parametrize("words", OTHERS)
def test_a_command_on_a_missing_database_creates_neither_folder_nor_file(
    data_folder: Path, words: tuple[str, ...]
) -> None:
    done = command(*words)

    assert done.exit_code != 0
    assert entries(data_folder) == []


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_the_error_about_a_missing_database_names_the_file_and_the_remedy(
    data_folder: Path, words: tuple[str, ...]
) -> None:
    done = command(*words)

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"scim-seats: the database file {data_folder / 'data' / 'scim-seats.db'} does not exist; "
        "set SCIM_SEATS_DATABASE_URL to another file, or create this file with 'scim-seats db upgrade'\n"
    )


def test_a_missing_database_has_its_error_code_in_json(data_folder: Path) -> None:
    done = command("org", "list", "--json")

    error = orjson.loads(done.stderr)["error"]
    assert (error["code"], entries(data_folder)) == ("database_missing", [])
    assert str(data_folder / "data" / "scim-seats.db") in error["detail"]


@pytest.mark.parametrize(
    "words", [("org", "list"), ("seats", "add", "acme", "standard=1"), ("worker", "--once")]
)
def test_an_empty_file_is_not_changed(data_folder: Path, words: tuple[str, ...]) -> None:
    file = data_folder / "seats.db"
    file.touch()

    done = command(*words, SCIM_SEATS_DATABASE_URL=f"sqlite:///{file}")

    assert (done.exit_code, file.stat().st_size, entries(data_folder)) == (1, 0, ["seats.db"])
    assert f"the database file {file} is empty" in done.stderr


def test_a_database_of_another_program_is_refused_and_not_changed(data_folder: Path) -> None:
    file = data_folder / "other.db"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()

    done = command("org", "list", SCIM_SEATS_DATABASE_URL=f"sqlite:///{file}")

    with sqlite3.connect(file) as other:
        tables = [name for (name,) in other.execute("SELECT name FROM sqlite_master")]
    other.close()
    assert (done.exit_code, tables) == (1, ["theirs"])
    assert f"the database {file} has no tables of scim-seats yet" in done.stderr


def test_the_error_about_a_file_that_is_not_a_database_names_it(data_folder: Path) -> None:
    file = data_folder / "letter.txt"
    file.write_text("Dear reader, " * 1000)

    done = command("org", "list", SCIM_SEATS_DATABASE_URL=f"sqlite:///{file}")

    assert done.exit_code == 1
    assert re.fullmatch(
        rf"scim-seats: the database {file} cannot be read: [^\n]+; "
        r"set SCIM_SEATS_DATABASE_URL to another database\n",
        done.stderr,
    )


def test_the_error_about_a_postgresql_database_without_tables_hides_its_password(
    data_folder: Path, new_url: Callable[[str], str]
) -> None:
    url = new_url("postgresql")
    name = url.rsplit("/", 1)[-1].split("?", 1)[0]

    done = command("org", "list", SCIM_SEATS_DATABASE_URL=url)

    assert (done.exit_code, entries(data_folder)) == (1, [])
    assert name in done.stderr
    assert "has no tables of scim-seats yet" in done.stderr
    assert "scim-seats db upgrade" in done.stderr


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_reading_does_not_change_the_folder_of_a_database(
    data_folder: Path, with_acme: Path, words: tuple[str, ...]
) -> None:
    file = data_folder / "seats.db"
    url = f"sqlite:///{file}"
    copyfile(with_acme, file)
    before = file.read_bytes()

    done = command(*words, SCIM_SEATS_DATABASE_URL=url)

    assert done.exit_code == 0, done.output
    assert entries(data_folder) == ["seats.db"]
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "words", [NEW, ("demo",), ("db", "upgrade"), ("api-key", "create")], ids=lambda words: " ".join(words[:2])
)
def test_only_its_owner_can_read_a_new_database(data_folder: Path, words: tuple[str, ...]) -> None:
    before = os.umask(0)
    try:
        done = command(*words, SCIM_SEATS_DATABASE_URL=f"sqlite:///{data_folder / 'seats.db'}")
    finally:
        os.umask(before)

    assert done.exit_code == 0, done.output
    assert modes(data_folder) == {0o600}


def test_only_its_owner_can_read_the_files_beside_a_database(data_folder: Path) -> None:
    url = f"sqlite:///{data_folder / 'seats.db'}"
    assert command("db", "upgrade", SCIM_SEATS_DATABASE_URL=url).exit_code == 0
    database = due.opened(url)
    database.write_unnumbered(lambda connection: connection.exec_driver_sql("DELETE FROM tokens"))

    found = {path.name.removeprefix("seats.db") for path in data_folder.glob("seats.db*")}

    # Without a limit of requests, nothing is counted.
    assert (found, modes(data_folder)) == ({"", *BESIDE} - {"-rates"}, {0o600})
    database.close()


def test_an_upgrade_restricts_an_older_file_to_its_owner(data_folder: Path) -> None:
    file = data_folder / "seats.db"
    url = f"sqlite:///{file}"
    assert command(*NEW, SCIM_SEATS_DATABASE_URL=url).exit_code == 0
    for path in data_folder.glob("seats.db*"):
        path.chmod(0o644)

    command("db", "upgrade", SCIM_SEATS_DATABASE_URL=url)

    assert modes(data_folder) == {0o600}


def test_an_upgrade_prints_the_old_and_the_new_revision(data_folder: Path) -> None:
    file = data_folder / "seats.db"
    url = f"sqlite:///{file}"

    first = command("db", "upgrade", SCIM_SEATS_DATABASE_URL=url).stdout
    again = command("db", "upgrade", SCIM_SEATS_DATABASE_URL=url).stdout
    (newest,) = re.findall(r"revision (\w+)", again)
    older = data_folder / "older.db"
    later = command("db", "upgrade", SCIM_SEATS_DATABASE_URL=at_revision(older, "0003")).stdout

    assert first == f"The database {file} had no tables and is now at revision {newest}.\n"
    assert again == f"The database {file} is already up to date, at revision {newest}.\n"
    assert later == f"The database {older} was upgraded from revision 0003 to {newest}.\n"


@pytest.mark.parametrize(
    ("public", "warned"),
    [
        ("", "warned"),
        ("http://localhost:8080", "warned"),
        ("http://LOCALHOST./scim", "warned"),
        ("https://app.localhost", "warned"),
        ("http://127.8.9.10", "warned"),
        ("http://[::1]:8080", "warned"),
        ("http://0.0.0.0:8080", "warned"),
        ("https://scim.example.com", "silent"),
        ("https://127.0.0.1.example.com", "silent"),
        ("http://10.0.0.7:8080", "silent"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_creating_an_organization_warns_if_the_public_url_is_local(
    data_folder: Path, with_acme: Path, public: str, warned: str, options: tuple[str, ...]
) -> None:
    copyfile(with_acme, data_folder / "seats.db")
    url = f"sqlite:///{data_folder / 'seats.db'}"
    new = ("org", "create", "globex", "--seats", "standard=2")

    done = command(*new, *options, SCIM_SEATS_DATABASE_URL=url, SCIM_SEATS_PUBLIC_URL=public)

    assert done.exit_code == 0
    assert ("SCIM_SEATS_PUBLIC_URL" in done.stderr) == (warned == "warned")
    assert "SCIM_SEATS_PUBLIC_URL" not in done.stdout
    if options:
        assert orjson.loads(done.stdout)["org"] == "globex"
