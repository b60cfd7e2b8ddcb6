"""No character of a name reaches the terminal as a control character, in text, in JSON or in the log."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from scim_server import telemetry
from scim_server.cli import main
from scim_server.printable import escaped, printable
from tests.api.wire import create_group, founded
from tests.support.servers.running import Organization, Server

HOSTILE = "eve\u001b[2J\u009b31m\u0085\u2028\u2029\u202e\u2066\u200f\u007f\ufeff\U000e0001\r\nroot"
"""ESC and CSI begin terminal sequences, and the others end the line, turn its direction or are invisible."""
COMMANDS = (
    "people list",
    "people list --unconfirmed",
    "people idle --days 1",
    "people drift --since 2100-01-01",
    "people show HOSTILE",
    "people deactivate HOSTILE",
    "people assign mallory",
    "left-out list",
    "left-out retry --all",
    "left-out buy",
    "left-out dismiss REFUSAL --reason HOSTILE",
    "waiting list",
    "log list",
    "mapping list",
    "mapping set HOSTILE --tier premium",
    "mapping remove HOSTILE",
    "token list",
    "token revoke HOSTILE",
    "token revoke unknown-HOSTILE",
    "simulate FILE --skip-bad",
    "simulate --group HOSTILE",
    "removals list",
    "seats show",
    "invitation revoke HOSTILE",
)


def texts() -> Iterator[str]:
    """All characters that can be encoded, in pieces."""
    everything = [*range(0xD800), *range(0xE000, 0x110000)]
    for start in range(0, len(everything), 4096):
        yield "".join(map(chr, everything[start : start + 4096]))


def test_every_character_of_unicode_becomes_printable_and_keeps_its_place() -> None:
    wrong = [
        text
        for text in texts()
        if not (shown := printable(text)).isprintable()
        or len(shown) != len(text)
        or any(a != b for a, b in zip(shown, text, strict=True) if b.isprintable())
    ]

    assert wrong == []


def test_half_a_surrogate_pair_can_be_encoded_after_it_is_made_printable() -> None:
    assert printable("a\ud800b").encode() == "a\N{REPLACEMENT CHARACTER}b".encode()


def test_json_contains_every_character_of_unicode_only_in_printable_form() -> None:
    wrong = [
        text
        for text in texts()
        if not (shown := escaped(orjson.dumps({"n": text}, option=orjson.OPT_INDENT_2).decode()))
        .replace("\n", "")
        .isprintable()
        or json.loads(shown) != {"n": text}
    ]

    assert wrong == []


def test_a_line_of_the_log_contains_every_character_only_in_printable_form() -> None:
    wrong = [
        text
        for text in texts()
        if not (line := telemetry._line({"cause": text}, str).decode()).isprintable()
        or json.loads(line) != {"cause": text}
    ]

    assert wrong == []


@pytest.fixture(scope="module")
def hostile(server: Server) -> Organization:
    """An organization in which everything has a hostile name."""
    organization = founded(server, standard=2)
    with organization.client() as opened:
        people = [
            opened.post("/Users", json={"userName": name, "displayName": HOSTILE, "title": HOSTILE}).json()
            for name in (HOSTILE, "mallory", f"{HOSTILE}2")
        ]
        create_group(opened, people[0]["id"], displayName=HOSTILE)
    for words in (
        ("token", "create", organization.slug, "--name", HOSTILE),
        ("mapping", "set", organization.slug, HOSTILE, "--tier", "standard", "--yes"),
    ):
        server.command(*words)
    return organization


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_prints_hostile_names_only_in_printable_form(
    server: Server, hostile: Organization, tmp_path: Path, words: str, options: tuple[str, ...]
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f'userName,"{HOSTILE}"\n"{HOSTILE}",x\n,y\n', newline="")
    shown = server.json("left-out", "list", hostile.slug)
    refusal = next((one["id"] for one in shown["rejected"]), "none")
    given = words.split(" ")
    names = {
        "HOSTILE": HOSTILE,
        "unknown-HOSTILE": f"unknown-{HOSTILE}",
        "FILE": str(file),
        "REFUSAL": refusal,
    }
    place = 1 if given[0] == "simulate" else 2
    arguments = [names.get(one, one) for one in (*given[:place], hostile.slug, *given[place:])]

    done = CliRunner().invoke(main, [*arguments, *options], env={**server.environment, "COLUMNS": "300"})

    lines = [*done.stdout.split("\n"), *done.stderr.split("\n")]
    assert [line for line in lines if not line.isprintable()] == []
    assert not any(line.strip().startswith("root") for line in lines)
    assert done.exit_code in (0, 1, 2), done.output
    assert not isinstance(done.exception, Exception), repr(done.exception)


def test_only_one_module_of_the_commands_prints() -> None:
    printing = {
        file.name
        for file in Path(main.__module__.replace(".", "/")).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in ("echo", "secho", "echo_via_pager"))
        or (isinstance(node, ast.Name) and node.id == "print")
    }

    assert printing == {"output.py"}
