"""The files with which operators install the server. Their commands run here without container or systemd."""

import configparser
import re
import shlex
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from scim_server.cli import main
from tests.support.servers.running import (
    SCIM_SEATS,
    START_SECONDS,
    environment_for,
    free_port,
    launched,
)

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PROXIED = {"SCIM_SEATS_TRUSTED_PROXY": "true", "SCIM_SEATS_RATE_LIMIT": "100"}


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


def ours() -> dict[str, list[str]]:
    """The commands of the services of this product."""
    return {
        name: service["command"]
        for name, service in compose()["services"].items()
        if service["image"] == "scim-seats"
    }


def unit(path: Path) -> dict[str, str]:
    """The section `Service`; of settings that stand twice, the last one."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path)
    return dict(parser["Service"])


@contextmanager
def running(arguments: list[str], url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command that goes on until it is stopped."""
    environment = environment_for(url, free_port(), PROXIED)
    with (folder / "stderr.txt").open("wb") as log:
        process = subprocess.Popen([SCIM_SEATS, *arguments], env=environment, cwd=folder, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_the_commands_of_the_compose_file_upgrade_serve_and_work(
    new_url: Callable[[str], str], tmp_path: Path
) -> None:
    """In their order: the upgrade ends, then two servers on one database answer, and a worker stays."""
    commands, url = ours(), new_url("postgresql")
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    upgraded = subprocess.run(
        [SCIM_SEATS, *commands["upgrade"]],
        env=environment_for(url, free_port(), PROXIED),
        cwd=tmp_path,
        check=False,
    )
    assert upgraded.returncode == 0

    ports = free_port(), free_port()
    with (
        launched(commands["node1"], environment_for(url, ports[0], PROXIED), first, ports[0]),
        launched(commands["node2"], environment_for(url, ports[1], PROXIED), second, ports[1]),
        running(commands["worker"], url, tmp_path) as worker,
    ):
        deadline = time.monotonic() + START_SECONDS
        # Without a mail server, a worker says so when it has started.
        while not (tmp_path / "stderr.txt").stat().st_size and time.monotonic() < deadline:
            time.sleep(0.05)
        assert worker.poll() is None
    assert worker.returncode == 0


def test_the_services_of_the_compose_file_start_after_the_upgrade_and_have_no_rights() -> None:
    services = compose()["services"]
    for name in ours():
        service = services[name]
        after = "postgresql" if name == "upgrade" else "upgrade"
        assert list(service["depends_on"]) == [after], name
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_the_compose_file_has_the_addresses_and_ports_of_the_proxy() -> None:
    proxy = (DEPLOY / "haproxy.cfg").read_text()
    wanted = dict(re.findall(r"server (node\d) ([\d.]+):8080", proxy))
    found = {
        name: service["networks"]["seats"]["ipv4_address"]
        for name, service in compose()["services"].items()
        if "ipv4_address" in str(service.get("networks"))
    }

    assert found == wanted == {"node1": "192.0.2.11", "node2": "192.0.2.12"}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_of_systemd_runs_a_command_that_exists_without_rights(path: Path) -> None:
    service = unit(path)
    program, *arguments = shlex.split(service["ExecStart"])

    assert Path(program).name == "scim-seats"
    assert isinstance(main.commands[arguments[0]], click.Command)
    assert service["EnvironmentFile"] == "/etc/scim-seats/environment"
    assert {name: service[name] for name in ("DynamicUser", "NoNewPrivileges", "ProtectSystem")} == {
        "DynamicUser": "yes",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
    }
    assert (service["CapabilityBoundingSet"], service["KillMode"]) == ("", "mixed")


def test_the_shipped_settings_are_settings_of_the_server() -> None:
    documented = set(re.findall(r"`(SCIM_SEATS_\w+)`", (ROOT / "docs" / "operating.md").read_text()))
    shipped = set(re.findall(r"\bSCIM_SEATS_\w+", (DEPLOY / "systemd" / "environment").read_text()))
    shipped |= set(re.findall(r"\bSCIM_SEATS_\w+", (DEPLOY / "compose.yaml").read_text()))
    shipped |= set(re.findall(r"\bSCIM_SEATS_\w+", (DEPLOY / "Dockerfile").read_text()))

    assert shipped - documented == set()


def test_the_image_runs_the_server_as_a_user_without_rights() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    last = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM")) :]

    assert "USER 10001" in last
    assert ('ENTRYPOINT ["scim-seats"]' in last, 'CMD ["serve"]' in last) == (True, True)


def test_the_wheel_has_every_file_of_the_program_and_works_in_an_empty_folder(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    tracked = subprocess.run(
        ["git", "ls-files", "scim_server", "seat_policy", "conformance", "pyproject.toml", "README.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for name in tracked:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(source)],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
        archive.extractall(tmp_path / "installed")

    assert {name for name in tracked if "/" in name} - packed == set()
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from scim_server.cli import main; main()", "demo", "--json"],
        cwd=tmp_path,
        env=_only(tmp_path / "installed", tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, '"token"' in done.stdout) == (0, True), done.stderr


def _only(installed: Path, folder: Path) -> Mapping[str, str]:
    """The environment in which Python finds this wheel before the project itself."""
    environment = environment_for(f"sqlite:///{folder / 'data' / 'seats.db'}", free_port())
    return {**environment, "PYTHONPATH": str(installed)}
