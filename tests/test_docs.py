"""The documentation is correct: settings, tolerances and commands are compared with the code."""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scim_server import config
from scim_server.cli import main
from scim_server.protocol.dialects import Tolerance
from tests.support.servers.running import SCIM_SEATS, start

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
COMMAND = re.compile(r"(?:^|`)(?:\.venv/bin/)?scim-seats ([a-z][^`\n]*)", re.MULTILINE)


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    read = set(re.findall(r"SCIM_SEATS_[A-Z_]+", Path(config.__file__).read_text()))

    documented = set(re.findall(r"`(SCIM_SEATS_[A-Z_]+)`", (ROOT / "docs/operating.md").read_text()))

    assert documented == read - {"SCIM_SEATS_"}


def test_every_tolerance_is_documented() -> None:
    section = (ROOT / "docs/scim.md").read_text().split("## Tolerances")[1]

    documented = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))

    assert documented == {rule.value for rule in Tolerance}


def documented_commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for line in COMMAND.findall(page.read_text().replace("\\\n", " ")):
            yield page.name, line.split("  #")[0].strip()


@pytest.mark.parametrize(("page", "line"), sorted(set(documented_commands())))
def test_every_documented_command_exists_with_its_options(page: str, line: str) -> None:
    del page
    words = shlex.split(line)
    command: click.Command = main
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None, line
        command = found
    if isinstance(command, click.Group) or not words:
        return  # a group, or a command named without its arguments

    known = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }

    used = {word.split("=")[0] for word in words if word.startswith("--")}
    assert used <= known | {"--help"}


@pytest.mark.usefixtures("data_folder")
def test_the_examples_of_the_billing_page_work_in_order() -> None:
    page = (ROOT / "docs/billing.md").read_text().replace("\\\n", " ")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    pasted = CliRunner().invoke(main, ["db", "upgrade"]).output

    for line in lines:
        confirmation = re.findall(r"--confirm (\w+)", pasted)
        words = shlex.split(
            line.replace("TOKEN", confirmation[-1] if confirmation else "TOKEN"), comments=True
        )
        done = CliRunner().invoke(main, words[1:])
        assert done.exit_code == 0, f"{line}: {done.output}"
        pasted += done.output


def shell(page: str) -> str:
    """The commands of a page, in order, without those that install and start the server."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    return "\n".join(block for block in blocks if not block.startswith("make "))


def test_the_tutorial_works_after_the_commands_of_the_readme(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/bin").symlink_to(Path(SCIM_SEATS).parent)
    database = f"sqlite:///{tmp_path / 'data' / 'scim-seats.db'}"
    with start(database, tmp_path, options=("--demo",)) as server:
        demo = re.findall(r"\n\n  ((?:curl|for).*?)\n\n", (tmp_path / "stdout.txt").read_text(), re.DOTALL)
        readme = [line for line in shell("README.md").splitlines() if " demo " in line]
        tutorial = shell("docs/tutorial.md")
        printed = [
            subprocess.run(
                ["bash", "-e", "-o", "pipefail", "-c", script],
                env=dict(server.environment),
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for script in ("\n".join([*demo, *readme]), tutorial)
        ][1]

    assert (len(demo), len(readme)) == (2, 2)
    assert printed.count("No free seat: 3 of 3 standard and 1 of 1 premium seats are in use") == 2
    assert re.search(r'"userName": ?"grace@example.com"', printed)
    assert re.search(r'"status": ?"waiting"', printed)
    assert printed.endswith("The database is consistent.\n")


def test_the_conformance_command_needs_only_the_servers_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    given = {re.split(r"[^a-z0-9-]", one.lower())[0] for one in project["dependencies"]}
    imported = {
        name.split(".")[0]
        for file in (ROOT / "conformance").rglob("*.py")
        for name in re.findall(r"^(?:import|from) ([\w.]+)", file.read_text(), re.MULTILINE)
    }

    assert imported - set(sys.stdlib_module_names) - {"conformance"} <= given
    assert re.search(r"^httpx==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)


def test_every_link_between_pages_has_an_existing_target() -> None:
    broken = [
        (page.name, target)
        for page in PAGES
        for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text())
        if not (page.parent / target).exists()
    ]

    assert broken == []
