"""How many requests of a caller pass in a second, and how processes share the count."""

import time
from collections.abc import Callable
from pathlib import Path

from scim_server.services.access.rate_limits import RateLimit
from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.database.rate_windows import SUFFIX, RateWindows
from scim_server.store.database.session import Database

T = tuple[int, ...]


def in_one_second(work: Callable[[int], T]) -> T:
    """The result of work that began and ended in one second; the work gets the number of the try."""
    for number in range(20):
        # Both databases and this process count seconds by one clock. Early in a second, there is time enough.
        time.sleep(1 - time.time() % 1)
        before = int(time.time())
        result = work(number)
        if int(time.time()) == before:
            return result
    raise AssertionError("the machine is too slow to do this work within a second")


def test_processes_share_the_requests_of_one_second(database: Database) -> None:
    processes = [RateWindows(database) for _ in range(3)]

    def reserve(number: int) -> T:
        return tuple(processes[turn % 3].reserve(f"shared-{number}", 20, 50) for turn in range(4))

    # 20 + 20, then the last 10, then none.
    assert in_one_second(reserve) == (20, 20, 10, 0)


def test_callers_are_counted_apart(database: Database) -> None:
    windows = RateWindows(database)

    def reserve(number: int) -> T:
        return tuple(windows.reserve(f"{name}-{number}", 50, 50) for name in ("acme", "globex", "acme"))

    assert in_one_second(reserve) == (50, 50, 0)


def test_a_new_second_begins_with_the_whole_limit(database: Database) -> None:
    windows = RateWindows(database)
    first = windows.reserve("later", 50, 50)
    time.sleep(1.1)

    assert (first, windows.reserve("later", 50, 50)) == (50, 50)


def test_exactly_the_limit_passes_in_a_second_over_several_processes(database: Database) -> None:
    def flood(number: int) -> T:
        processes = [RateLimit(database, 60) for _ in range(2)]
        passed = [processes[turn % 2].admits(f"flood-{number}") for turn in range(90)]
        return (sum(passed),)

    # Each process reserves 2 of 60 requests at a time, so no reserved part can be left over.
    assert in_one_second(flood) == (60,)


def test_the_promised_requests_pass_although_other_processes_hold_unused_parts(database: Database) -> None:
    def work(number: int) -> T:
        others = [RateLimit(database, 400) for _ in range(15)]
        assert all(other.admits(f"parts-{number}") for other in others)
        mine = RateLimit(database, 400)
        return (sum(mine.admits(f"parts-{number}") for _ in range(25)),)

    # 15 others reserve (400 - 25) // 16 = 23 each: 345 of 400. At least 25 are left for this process.
    assert in_one_second(work) == (25,)


def test_no_limit_counts_nothing(database: Database) -> None:
    limit = RateLimit(database, 0)

    assert all(limit.admits("acme") for _ in range(1_000))


def test_counters_that_cannot_be_read_stop_nobody_and_are_replaced(tmp_path: Path) -> None:
    database = due.opened(f"sqlite:///{tmp_path / 'seats.db'}")
    (tmp_path / f"seats.db{SUFFIX}").write_bytes(b"not a database" * 100)
    windows = RateWindows(database)

    assert [windows.reserve("acme", 50, 50), windows.reserve("acme", 50, 50)] == [50, 50]
    assert in_one_second(
        lambda number: (windows.reserve(f"b{number}", 50, 50), windows.reserve(f"b{number}", 1, 50))
    ) == (50, 0)
    database.close()


def test_counters_on_postgresql_are_not_logged(new_url: Callable[[str], str]) -> None:
    """A write to a logged table would wait for the disk of every standby."""
    database = due.opened(new_url("postgresql"))
    schema.upgrade(database)
    with database.snapshot() as connection:
        kept = connection.exec_driver_sql(
            "SELECT relpersistence FROM pg_class WHERE relname = 'rate_windows'"
        ).scalar_one()
    database.close()

    assert kept == "u"
