"""Starting the server: what it prints, what it refuses to start with, and which links it builds."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Connection

from scim_server.services.billing import due
from scim_server.store.database.session import timestamp
from tests.api.wire import ENTERPRISE, create, create_group, read
from tests.support.servers.dns_and_smtp import link_in, post_office
from tests.support.servers.running import (
    SCIM_SEATS,
    Organization,
    Server,
    command,
    environment_for,
    free_port,
    wait_until_healthy,
)

OPERATIONS = ("serve", "--workers", "1")


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command that is expected to end by itself: inside this process, unless it is to start a server."""
    environment = environment_for(f"sqlite:///{folder / 'data' / 'seats.db'}", free_port()) | settings
    if arguments[0] != "serve":
        return command(arguments, environment, folder)
    return subprocess.run(
        [SCIM_SEATS, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"scim-seats: [^\n]+\n", done.stderr), done.stderr
    return done.stderr


@contextmanager
def serving(
    folder: Path, *options: str, start_new_session: bool = False, **settings: str
) -> Iterator[Server]:
    """A server with these options and settings."""
    port = free_port()
    environment: Mapping[str, str] = (
        environment_for(f"sqlite:///{folder / 'data' / 'seats.db'}", port) | settings
    )
    with (folder / "stdout.txt").open("wb") as out, (folder / "stderr.txt").open("wb") as err:
        process = subprocess.Popen(
            [SCIM_SEATS, *OPERATIONS, *options],
            env=environment,
            cwd=folder,
            stdout=out,
            stderr=err,
            start_new_session=start_new_session,
        )
    server = Server(f"http://127.0.0.1:{port}", process, environment, folder)
    try:
        wait_until_healthy(server)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = run(tmp_path, *OPERATIONS, "--port", str(port))

    assert (
        one_line(done)
        == f"scim-seats: port {port} on 127.0.0.1 is in use; name another with --port or PORT=\n"
    )


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    assert "192.0.2.1" in one_line(run(tmp_path, *OPERATIONS, "--host", "192.0.2.1"))


@pytest.mark.parametrize("said", [OPERATIONS, ("org", "list"), ("db", "upgrade"), ("demo",)], ids=" ".join)
def test_an_impossible_data_folder_is_reported_in_one_line(tmp_path: Path, said: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    url = f"sqlite:///{tmp_path / 'file' / 'below' / 'seats.db'}"

    done = run(tmp_path, *said, SCIM_SEATS_DATABASE_URL=url)

    assert str(tmp_path / "file") in one_line(done)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_data_folder_without_permission_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)

    assert "data" in one_line(run(tmp_path, *OPERATIONS))


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://localhost/x",
        "sqlite://",
        "sqlite:///",
        "postgresql://localhost:1/nothing?connect_timeout=2",
        "postgresql://[",
        "postgresql+psycopg://127.0.0.1:notaport/x",
    ],
)
def test_an_invalid_database_url_is_reported_in_one_line(tmp_path: Path, url: str) -> None:
    for said in (OPERATIONS, ("org", "list")):
        one_line(run(tmp_path, *said, SCIM_SEATS_DATABASE_URL=url))


def test_the_password_of_a_database_is_not_printed(tmp_path: Path) -> None:
    url = "postgresql://seats:hunter2@127.0.0.1:1/seats?connect_timeout=2"

    assert "hunter2" not in one_line(run(tmp_path, "org", "list", SCIM_SEATS_DATABASE_URL=url))


def test_a_file_that_is_not_a_database_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "seats.db").write_bytes(b"this is no database, whatever its name says " * 100)

    done = run(tmp_path, "org", "list", SCIM_SEATS_DATABASE_URL=f"sqlite:///{tmp_path / 'seats.db'}")

    one_line(done)


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://x", "http://", "https://x?a=b", "https://x/#y", "http://[", "//x"]
)
def test_an_invalid_public_url_is_reported_in_one_line(tmp_path: Path, url: str) -> None:
    for said in [OPERATIONS, ("org", "list")] if url == "nonsense" else [("org", "list")]:
        assert "SCIM_SEATS_PUBLIC_URL" in one_line(run(tmp_path, *said, SCIM_SEATS_PUBLIC_URL=url))


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "many"), ("PORT", "0"), ("PORT", "70000"), ("WORKERS", "0"), ("THREADS", "-1")],
)
def test_an_invalid_setting_is_reported_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    assert f"SCIM_SEATS_{name}" in one_line(run(tmp_path, "serve", **{f"SCIM_SEATS_{name}": value}))


def printed(server: Server) -> str:
    return (server.folder / "stdout.txt").read_text()


def organization_of(text: str) -> Organization:
    base = re.search(r"SCIM base URL +(\S+)", text)
    token = re.search(r"Bearer token +(\S+)", text)
    assert base is not None
    assert token is not None
    return Organization("demo", base[1], token[1])


def test_the_demo_prints_connection_details_and_commands_and_keeps_its_token(tmp_path: Path) -> None:
    with serving(tmp_path, "--demo") as server:
        first = organization_of(printed(server))
        commands = re.findall(r"^(\d)\. ", printed(server), re.MULTILINE)
        with first.client() as client:
            made = create(client)
        demo = server.json("demo")
        url = server.url
    with serving(tmp_path, "--demo") as server:
        again = printed(server)
        second = organization_of(again)
        with second.client() as client:
            listed = httpx.get(
                f"{server.url}/orgs/demo/scim/v2/Users", headers=client.headers, trust_env=False
            ).json()

    assert (
        "created by an earlier start: 0 of 3 standard seats in use and 1 of 1 premium seats in use" in again
    )
    assert "curl" not in again
    assert first.base_url == f"{url}/orgs/demo/scim/v2"
    assert commands == ["1", "2", "3"]
    assert demo == {
        "org": "demo",
        "organization": "demo",
        "base_url": first.base_url,
        "token": first.token,
    }
    assert second.token == first.token
    assert [one["id"] for one in listed["Resources"]] == [made["id"]]
    assert (tmp_path / "data" / "demo-token").stat().st_mode & 0o777 == 0o600


def test_the_commands_printed_by_the_demo_work(tmp_path: Path) -> None:
    with serving(tmp_path, "--demo") as server:
        text = printed(server)
        blocks = re.findall(r"\n\n  ((?:curl|for).*?)\n\n", text, re.DOTALL)
        path = f"{Path(SCIM_SEATS).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**server.environment, "PATH": path}
        answers = [
            subprocess.run(
                ["bash", "-c", block],
                env=environment,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for block in blocks
        ]
        log = server.json("log", "list", "demo", "--outcome", "rejected")["data"]

    assert len(answers) == 2
    assert '"userName":"ada@example.com"' in answers[0]
    assert (answers[1].count('"active":true'), answers[1].count('"status":"403"')) == (3, 3)
    assert [one["user_name"] for one in log] == [f"person{n}@example.com" for n in (6, 5, 4)]


def test_every_link_begins_with_the_public_url_and_its_prefix(tmp_path: Path) -> None:
    """Wire decision 1: a proxy takes the prefix away before the server sees it."""
    public = "https://scim.example.com/some/prefix"
    with serving(tmp_path, SCIM_SEATS_PUBLIC_URL=f"{public}/") as server:
        made = server.json("org", "create", "acme", "--seats", "standard=5")
        base = f"{public}/orgs/acme/scim/v2"
        local = Organization("acme", f"{server.url}/orgs/acme/scim/v2", made["token"])
        with local.client() as client:
            boss = create(client)
            ada = create(client, **{ENTERPRISE: {"manager": boss["id"]}})
            group = create_group(client, ada["id"])
            shown = read(client, f"/Users/{ada['id']}")
            created = client.post("/Users", json={"userName": "x"})
            schemas = read(client, "/Schemas")["Resources"]
            types = read(client, "/ResourceTypes")["Resources"]
            config = read(client, "/ServiceProviderConfig")

    assert made["base_url"] == base
    assert shown["meta"]["location"] == f"{base}/Users/{ada['id']}"
    assert shown[ENTERPRISE]["manager"]["$ref"] == f"{base}/Users/{boss['id']}"
    assert shown["groups"][0]["$ref"] == group["meta"]["location"] == f"{base}/Groups/{group['id']}"
    assert group["members"][0]["$ref"] == f"{base}/Users/{ada['id']}"
    assert created.headers["location"] == created.json()["meta"]["location"]
    assert created.headers["location"].startswith(f"{base}/Users/")
    assert all(one["meta"]["location"].startswith(f"{base}/") for one in (*schemas, *types, config))


def children(server: Server) -> dict[int, str]:
    """The processes that a server has started, by their task."""
    listed = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    pids = [int(pid) for file in listed for pid in file.read_text().split()]
    return {pid: Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in pids}


def workers_beside(server: Server) -> list[int]:
    return [pid for pid, command in children(server).items() if " scim_server.cli worker " in command]


def the_worker(server: Server, *, but: int = 0) -> int:
    """The one worker beside a server, once it runs."""
    assert soon(lambda: [pid for pid in workers_beside(server) if pid != but] != [])
    (pid,) = workers_beside(server)
    return pid


def soon(true: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


def lives(pid: int) -> bool:
    """A zombie has no command line, and does nothing any more."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def invite(server: Server, name: str) -> None:
    server.command("org", "create", name, "--seats", "standard=5")
    server.command("org", "set", name, "--allow-invitations")
    server.command("domain", "add", name, f"{name}.example", "--verified")
    server.command("invite", name, f"ada@{name}.example")


def test_on_sqlite_the_server_also_sends_mail(tmp_path: Path) -> None:
    with post_office() as post, serving(tmp_path, SCIM_SEATS_SMTP_URL=post.url) as server:
        invite(server, "acme")

        assert soon(lambda: post.received != [])
        link = link_in(post.received[0])
        page = httpx.get(link, trust_env=False)

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

        assert soon(free)


def test_a_killed_worker_is_started_again_and_sends_mail(tmp_path: Path) -> None:
    with post_office() as post, serving(tmp_path, SCIM_SEATS_SMTP_URL=post.url) as server:
        first = the_worker(server)

        os.kill(first, signal.SIGKILL)
        second = the_worker(server, but=first)
        invite(server, "acme")

        assert soon(lambda: post.received != [])
        said = (tmp_path / "stderr.txt").read_text()
    assert second != first
    assert "The worker was ended by signal 9; it is started again." in said


def test_the_worker_ends_when_its_server_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        worker = the_worker(server)
        time.sleep(1)

        server.process.kill()
        server.process.wait()

        assert soon(lambda: not lives(worker), 2)


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_stopped_server_ends_its_worker_cleanly(tmp_path: Path, signal_: signal.Signals) -> None:
    with serving(tmp_path) as server:
        worker = the_worker(server)
        time.sleep(1)

        server.process.send_signal(signal_)
        status = server.process.wait(timeout=60)

    assert (status, lives(worker)) == (0, False)
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()
    assert "started again" not in (tmp_path / "stderr.txt").read_text()


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("clients", [0, 6], ids=["no client", "idle clients"])
def test_a_signal_to_the_process_group_ends_an_idle_server_within_three_seconds(
    tmp_path: Path, signal_: signal.Signals, clients: int
) -> None:
    """A terminal sends Ctrl-C to every process of the group, and the server then ends its workers."""
    with ExitStack() as open_ones, serving(tmp_path, "--workers", "4", start_new_session=True) as server:
        worker = the_worker(server)
        for _ in range(clients):
            client = open_ones.enter_context(httpx.Client(base_url=server.url, trust_env=False))
            assert client.get("/health").status_code == 200
        began = time.monotonic()

        os.killpg(server.process.pid, signal_)
        status = server.process.wait(timeout=60)
        seconds = time.monotonic() - began

    assert (status, lives(worker)) == (0, False)
    assert seconds < 3
    assert (tmp_path / "stderr.txt").read_text().count("Traceback") == 0


@pytest.mark.parametrize("pause", [0, 0.01, 0.2], ids=["at once", "10 ms apart", "200 ms apart"])
@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_repeated_signals_do_not_disturb_the_end_of_the_server(
    tmp_path: Path, signal_: signal.Signals, pause: float
) -> None:
    """An impatient operator presses Ctrl-C several times."""
    quiet = {"SCIM_SEATS_LOG_LEVEL": "warning"}
    with serving(tmp_path, "--workers", "4", start_new_session=True, **quiet) as server:
        worker = the_worker(server)
        time.sleep(1)
        began = time.monotonic()

        for _ in range(5):
            with suppress(ProcessLookupError):
                os.killpg(server.process.pid, signal_)
            time.sleep(pause)
        status = server.process.wait(timeout=60)
        seconds = time.monotonic() - began

    assert (status, lives(worker)) == (0, False)
    assert seconds < 3
    assert (tmp_path / "stderr.txt").read_text() == ""


def test_sigterm_stops_a_server_whose_parent_had_blocked_the_signal(tmp_path: Path) -> None:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    with ExitStack() as unblocked:
        unblocked.callback(signal.pthread_sigmask, signal.SIG_SETMASK, blocked)
        with serving(tmp_path) as server:
            worker = the_worker(server)
            server.process.terminate()
            status = server.process.wait(timeout=20)

    assert (status, lives(worker)) == (0, False)


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_request_in_flight_is_answered_before_the_server_ends(
    tmp_path: Path, signal_: signal.Signals
) -> None:
    with serving(tmp_path, start_new_session=True) as server:
        organization = server.organization()
        body = b'{"userName": "ada@example.com"}'
        path = urlsplit(organization.base_url).path
        head = (
            f"POST {path}/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {organization.token}\r\n"
            f"Content-Type: application/scim+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), timeout=20) as line:
            line.sendall(head.encode() + body[:10])
            time.sleep(0.5)
            os.killpg(server.process.pid, signal_)
            time.sleep(1)
            line.sendall(body[10:])
            answer = line.recv(100)
        status = server.process.wait(timeout=20)

    assert answer.startswith(b"HTTP/1.1 201")
    assert status == 0


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
