"""What counts as another file than the one that a server was started with."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.database.session import Database, Served
from scim_server.store.errors import DatabaseReplaced, StoreUnavailable


def replace_by_an_empty_file(file: Path) -> None:
    empty = file.with_name("empty")
    empty.touch()
    empty.replace(file)


def move_its_folder(file: Path) -> None:
    file.parent.rename(file.parent.with_name("moved"))


def delete_the_log(file: Path) -> None:
    Path(f"{file}-wal").unlink()


def replace_the_log(file: Path) -> None:
    copy = file.with_name("copy")
    shutil.copyfile(f"{file}-wal", copy)
    copy.replace(f"{file}-wal")


def cut(file: Path) -> None:
    file.write_bytes(b"")


def write_something_else(file: Path) -> None:
    file.write_bytes(b"x" * 10_000)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "seats.db"
    database = due.opened(f"sqlite:///{file}")
    schema.upgrade(database)
    database.close()
    return file


@pytest.fixture
def file(tmp_path: Path, template: Path) -> Path:
    file = tmp_path / "data" / "seats.db"
    file.parent.mkdir()
    shutil.copyfile(template, file)
    return file


@pytest.fixture
def served(file: Path) -> Iterator[Database]:
    database = due.opened(f"sqlite:///{file}", served=Served())
    yield database
    database.close()


def write(database: Database) -> None:
    database.write_unnumbered(lambda connection: connection.execute(text("DELETE FROM tokens")))


def read(database: Database) -> None:
    with database.snapshot() as connection:
        connection.execute(text("SELECT count(*) FROM tokens")).scalar_one()


@pytest.mark.parametrize("use", [read, write], ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    "act",
    [
        Path.unlink,
        replace_by_an_empty_file,
        move_its_folder,
        delete_the_log,
        replace_the_log,
        cut,
        write_something_else,
    ],
    ids=lambda one: one.__name__,
)
def test_another_file_is_noticed_by_the_next_read_or_write(
    file: Path, served: Database, act: Callable[[Path], None], use: Callable[[Database], None]
) -> None:
    use(served)

    act(file)

    for one in (use, read, write):
        with pytest.raises(DatabaseReplaced):
            one(served)


def test_a_write_into_a_file_that_is_deleted_meanwhile_is_not_acknowledged(
    file: Path, served: Database
) -> None:
    with pytest.raises(DatabaseReplaced):
        served.write_unnumbered(lambda _: file.unlink())


def test_a_file_that_was_put_back_is_used_only_after_a_new_start(file: Path, served: Database) -> None:
    write(served)
    file.rename(file.with_name("away"))
    with pytest.raises(DatabaseReplaced):
        read(served)

    file.with_name("away").rename(file)

    with pytest.raises(DatabaseReplaced):
        read(served)


def test_a_process_that_is_started_later_refuses_another_file_than_its_server_had(
    file: Path, served: Database
) -> None:
    identity = served.file_identity
    shutil.copyfile(file, file.with_name("copy"))
    file.with_name("copy").replace(file)

    later = due.opened(f"sqlite:///{file}", creates=False, served=Served(identity))

    for one in (read, write):
        with pytest.raises(DatabaseReplaced):
            one(later)
    later.close()


def test_a_missing_file_is_not_created_by_a_process_that_is_started_later(
    file: Path, served: Database
) -> None:
    identity = served.file_identity
    file.unlink()

    later = due.opened(f"sqlite:///{file}", creates=False, served=Served(identity))

    for one in (read, write):
        with pytest.raises(StoreUnavailable):
            one(later)
    later.close()
    assert not file.exists()
