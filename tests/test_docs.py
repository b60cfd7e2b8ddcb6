"""What is documented is so: settings, tolerances and commands are compared with the code."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scim_server import config
from scim_server.cli import main
from scim_server.protocol.dialects import Tolerance

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
def test_the_examples_of_the_billing_page_work_when_pasted_in_order() -> None:
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


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        (page.name, target)
        for page in PAGES
        for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text())
        if not (page.parent / target).exists()
    ]

    assert broken == []
