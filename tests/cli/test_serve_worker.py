"""The worker that runs beside a server: its work, its end, and when it runs."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection

from scim_server.services.billing import due
from scim_server.store.database.session import timestamp
from tests.cli.serving import eventually, invite, is_running, run, serving, the_worker, workers_beside
from tests.support.servers.dns_and_smtp import link_in, post_office


def test_on_sqlite_the_server_also_sends_mail(tmp_path: Path) -> None:
    with post_office() as post, serving(tmp_path, SCIM_SEATS_SMTP_URL=post.url) as server:
        invite(server, "acme")

        assert eventually(lambda: post.received != [])
        link = link_in(post.received[0])
        page = httpx.get(link, trust_env=False, verify=False)

    assert [message["To"] for message in post.received] == ["ada@acme.example"]
    assert link.startswith(f"{server.url}/invitations/acme.")
    assert page.status_code == 200


def test_the_server_also_applies_due_changes(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        invite(server, "acme")
        database = due.opened(dict(server.environment)["SCIM_SEATS_DATABASE_URL"])
        over = timestamp(database.now() - timedelta(seconds=1))

        def expire(connection: Connection) -> None:
            connection.exec_driver_sql("UPDATE invitations SET expires = ?", (over,))
            connection.exec_driver_sql("UPDATE organization_clock SET due = ?", (over,))

        database.write_unnumbered(expire)
        database.close()

        def free() -> bool:
            return bool(server.json("seats", "show", "acme")["tiers"]["standard"]["held"] == 0)

        assert eventually(free)


def test_a_killed_worker_is_started_again_and_sends_mail(tmp_path: Path) -> None:
    with post_office() as post, serving(tmp_path, SCIM_SEATS_SMTP_URL=post.url) as server:
        first = the_worker(server)

        os.kill(first, signal.SIGKILL)
        second = the_worker(server, but=first)
        invite(server, "acme")

        assert eventually(lambda: post.received != [])
        said = (tmp_path / "stderr.txt").read_text()
    assert second != first
    assert "The worker was ended by signal 9 and is started again." in said


def test_the_worker_ends_when_its_server_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        worker = the_worker(server)
        time.sleep(1)

        server.process.kill()
        server.process.wait()

        assert eventually(lambda: not is_running(worker))


def test_without_a_worker_mail_waits_for_the_worker_command(tmp_path: Path) -> None:
    with post_office() as post, serving(tmp_path, "--no-worker", SCIM_SEATS_SMTP_URL=post.url) as server:
        invite(server, "acme")
        time.sleep(2)

        assert (workers_beside(server), post.received) == ([], [])
        server.command("worker", "--once")

    assert len(post.received) == 1


@pytest.mark.parametrize(("options", "workers"), [((), 0), (("--worker",), 1)], ids=["default", "--worker"])
def test_on_postgresql_a_worker_runs_only_if_requested(
    tmp_path: Path, new_url: Callable[[str], str], options: tuple[str, ...], workers: int
) -> None:
    url = new_url("postgresql")
    assert run(tmp_path, "db", "upgrade", SCIM_SEATS_DATABASE_URL=url).returncode == 0
    with serving(tmp_path, *options, SCIM_SEATS_DATABASE_URL=url) as server:
        found = len(workers_beside(server))

    assert found == workers
