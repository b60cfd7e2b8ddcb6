"""Starting the server: its output, refused settings, and the links that it builds."""

import os
import re
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.api.wire import ENTERPRISE, create, create_group, read
from tests.cli.serving import OPERATIONS, one_line, printed, run, serving
from tests.support.servers.running import (
    SCIM_SEATS,
    Organization,
)


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = run(tmp_path, *OPERATIONS, "--port", str(port))

    assert (
        one_line(done)
        == f"scim-seats: port {port} on 127.0.0.1 is in use; give another one with --port or PORT=\n"
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
                f"{server.url}/orgs/demo/scim/v2/Users", headers=client.headers, trust_env=False, verify=False
            ).json()

    assert (
        "created by an earlier start: 0 of 3 standard seats in use and 2 of 2 premium seats in use" in again
    )
    assert "curl" not in again
    assert first.base_url == f"{url}/orgs/demo/scim/v2"
    assert commands == ["1", "2", "3"]
    assert demo == {
        "org": "demo",
        "organization": "demo",
        "base_url": first.base_url,
        "token": first.token,
        "console_url": demo["console_url"],
    }
    assert re.fullmatch(rf"{url}/console/demo/sign-in/scl_[\w-]{{43}}", demo["console_url"])
    assert second.token == first.token
    assert [one["userName"] for one in listed["Resources"]] == ["owner@example.com", made["userName"]]
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
