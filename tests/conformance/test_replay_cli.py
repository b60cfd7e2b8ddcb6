from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from conformance.__main__ import main
from conformance.client import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.client import Request
    from conformance.jsonpath import Json
    from conformance.target import Target

    Serve = Callable[[Callable[[Request], Answer]], Target]

GET: dict[str, Json] = {
    "method": "GET",
    "path": "/Users",
    "headers": {"Authorization": "Bearer ${token}"},
    "expect": {"status": [200]},
    "comment": "Asks for everyone.",
}
HOOK: dict[str, Json] = {"method": "CONTROL", "path": "/", "body": {"seats_free": 0}}


class Ran(NamedTuple):
    status: int
    out: str
    errors: str


def run(*arguments: str) -> Ran:
    out, errors = io.StringIO(), io.StringIO()
    return Ran(main(arguments, out, errors), out.getvalue(), errors.getvalue())


def at(target: Target) -> tuple[str, ...]:
    return ("--base-url", target.base_url, "--token", target.token)


def trace(folder: Path, *steps: dict[str, Json], name: str = "talk") -> str:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(step) + "\n" for step in steps))
    return str(path)


@pytest.fixture(scope="module")
def healthy(serve: Serve) -> Target:
    return serve(lambda _: Answer(200, {"Content-Type": "application/scim+json"}, b'{"totalResults": 0}'))


@pytest.fixture(scope="module")
def broken(serve: Serve) -> Target:
    return serve(
        lambda request: Answer(500, {}, f'{{"sent": "{request.headers["Authorization"]}\x1b[2J"}}'.encode())
    )


def test_the_report_of_a_passing_replay_names_each_step(tmp_path: Path, healthy: Target) -> None:
    ran = run("replay", trace(tmp_path, {**GET, "title": "a look"}, GET), *at(healthy))

    assert ran == Ran(
        0,
        "passed  talk  a look\n    1 GET /Users -> 200 ok\n    2 GET /Users -> 200 ok\n1 passed, 0 failed\n",
        "",
    )


def test_the_report_of_a_failure_shows_request_and_answer_without_the_token(
    tmp_path: Path, broken: Target
) -> None:
    step: dict[str, Json] = {**GET, "method": "POST", "body": {"a": 1}, "expect": {"json": {"sent": "you"}}}

    ran = run("replay", trace(tmp_path, step), *at(broken))

    assert ran.status == 1
    assert broken.token not in ran.out
    lines = ran.out.splitlines()
    assert lines[:8] == [
        "FAILED  talk",
        "    1 POST /Users -> 500 FAILED",
        "      Asks for everyone.",
        '      * $: expected {"sent": "you"}, found no JSON',
        f"      > POST {broken.base_url}/Users",
        "      > Authorization: Bearer ***",
        '      > {"a": 1}',
        "      < 500",
    ]
    # What a server sends never reaches the terminal as a control sequence.
    assert lines[-2] == '      < {"sent": "Bearer ***\\x1b[2J"}'


def test_only_failures_omits_passed_steps(tmp_path: Path, healthy: Target) -> None:
    trace(tmp_path, GET, name="good")
    trace(tmp_path, GET, {**GET, "expect": {"status": [404]}}, name="mixed")
    trace(tmp_path, GET, {**GET, "expect": {"status": [404]}, "optional": True}, name="spared")

    ran = run("replay", str(tmp_path), *at(healthy), "--only-failures")

    assert ran.status == 1
    assert [line for line in ran.out.splitlines() if not line.startswith("      ")] == [
        "FAILED  mixed",
        "    2 GET /Users -> 200 FAILED",
        "passed  spared",
        "    2 GET /Users -> 200 failed, optional",
        "2 passed, 1 failed",
    ]


def test_the_json_report_contains_every_step(tmp_path: Path, healthy: Target) -> None:
    ran = run("replay", trace(tmp_path, GET, {**GET, "expect": {"status": [404]}}), *at(healthy), "--json")

    assert ran.status == 1
    common = {"method": "GET", "path": "/Users", "status": 200, "optional": False}
    assert json.loads(ran.out) == {
        "conversations": [
            {
                "name": "talk",
                "passed": False,
                "reason": None,
                "steps": [
                    {"step": 1, **common, "passed": True, "failures": []},
                    {"step": 2, **common, "passed": False, "failures": ["status: expected 404, found 200"]},
                ],
            }
        ],
        "passed": 0,
        "failed": 1,
    }


def test_a_conversation_without_the_control_it_needs_fails(tmp_path: Path, healthy: Target) -> None:
    ran = run("replay", trace(tmp_path, HOOK), *at(healthy))

    assert ran == Ran(1, "FAILED  talk\n  needs --control-command\n0 passed, 1 failed\n", "")


def test_the_control_command_receives_the_body_and_the_target(tmp_path: Path, healthy: Target) -> None:
    noted = tmp_path / "noted"
    organization = (
        f"""printf '{{"base_url": "{healthy.base_url}", "token": "t0ken-x", "org": "acme", "more": 1}}'"""
    )
    control = f"cat > {noted}; env | grep ^REPLAY_ >> {noted}"

    ran = run(
        "replay",
        trace(tmp_path, HOOK),
        "--organization-command",
        organization,
        "--control-command",
        control,
    )

    assert ran.status == 0
    body, *settings = noted.read_text().replace("}REPLAY", "}\nREPLAY").splitlines()
    assert json.loads(body) == {"seats_free": 0}
    given = dict(setting.split("=", 1) for setting in settings)
    run_id = given.pop("REPLAY_RUN")
    assert run_id.isalnum()
    assert run_id.islower()
    assert json.loads(given.pop("REPLAY_ORGANIZATION"))["more"] == 1
    assert given == {
        "REPLAY_BASE_URL": healthy.base_url,
        "REPLAY_TOKEN": "t0ken-x",
        "REPLAY_ORG": "acme",
    }


@pytest.mark.parametrize(
    ("command", "failure"),
    [
        ("echo no such switch >&2; exit 3", "no such switch"),
        ("exit 3", "the command exited with status 3"),
        ("echo $REPLAY_TOKEN >&2; false", "***"),
    ],
)
def test_a_failing_control_command_fails_its_step(
    tmp_path: Path, healthy: Target, command: str, failure: str
) -> None:
    ran = run("replay", trace(tmp_path, HOOK), *at(healthy), "--control-command", command, "--json")

    assert ran.status == 1
    assert json.loads(ran.out)["conversations"][0]["steps"][0]["failures"] == [failure]


def test_every_conversation_gets_a_separate_organization(tmp_path: Path, healthy: Target) -> None:
    trace(tmp_path, {**GET, "path": "/${run}"}, name="one")
    trace(tmp_path, {**GET, "path": "/${run}"}, name="two")
    noted = tmp_path / "noted"
    command = f"""
        echo $REPLAY_RUN $REPLAY_TRACE >> {noted}
        echo '{{"base_url": "{healthy.base_url}", "token": "x1"}}'
    """

    ran = run("replay", str(tmp_path), "--organization-command", command, "--json")

    assert ran.status == 0
    (first, one), (second, two) = (line.split() for line in noted.read_text().splitlines())
    assert (one, two) == ("one", "two")
    assert first != second
    paths = [each["steps"][0]["path"] for each in json.loads(ran.out)["conversations"]]
    assert paths == [f"/{first}", f"/{second}"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("echo no database >&2; exit 1", "no database"),
        ("echo hello", "the organization command printed no JSON object"),
        ("echo '[]'", "the organization command printed no JSON object"),
        ('echo \'{"token": "x"}\'', "the organization command printed no base_url and token"),
        (
            'echo \'{"base_url": "here", "token": "x"}\'',
            "the organization command printed something unusable: 'here' is not a base URL such as https://s.example/v2",
        ),
    ],
)
def test_a_failing_organization_command_fails_the_conversation(
    tmp_path: Path, command: str, reason: str
) -> None:
    ran = run("replay", trace(tmp_path, GET), "--organization-command", command, "--json")

    assert ran.status == 1
    assert json.loads(ran.out)["conversations"] == [
        {"name": "talk", "passed": False, "reason": reason, "steps": []}
    ]


def test_list_shows_the_shipped_traces_and_their_descriptions() -> None:
    ran = run("list")

    assert ran.status == 0
    lines = ran.out.splitlines()
    assert len(lines) == 23
    assert lines[1].split(maxsplit=1) == [
        "entra/create-user",
        "look up, create, read back, conflict, not found",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("replay", "entra", "--token", "x"), "give --base-url and --token, or --organization-command"),
        (("replay", "entra", "--base-url", "here", "--token", "x"), "'here' is not a base URL such as https"),
        (
            ("replay", "none", "--base-url", "http://a", "--token", "x"),
            "none: neither a file, nor a folder, nor",
        ),
    ],
)
def test_an_unusable_input_is_reported_in_one_line(arguments: tuple[str, ...], message: str) -> None:
    ran = run(*arguments)

    assert (ran.status, ran.out) == (2, "")
    assert ran.errors.startswith(f"conformance: {message}")
    assert ran.errors.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("play",),
        ("replay",),
        ("replay", "entra", "--timeout", "0"),
        ("replay", "entra", "--timeout", "nan"),
        ("replay", "entra", "--no-such-option"),
    ],
)
def test_wrong_usage_is_reported_in_one_line(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_invalid_trace_is_reported_before_any_request_is_sent(tmp_path: Path, serve: Serve) -> None:
    seen: list[Request] = []

    def note(request: Request) -> Answer:
        seen.append(request)
        return Answer(200, {}, b"")

    good, bad = trace(tmp_path, GET, name="good"), trace(tmp_path, GET, {**GET, "expects": {}}, name="bad")

    ran = run("replay", good, bad, *at(serve(note)))

    assert ran == Ran(2, "", f"conformance: {bad}:2: key 'expects' is not known\n")
    assert not seen


@pytest.mark.parametrize("command", [("--help",), ("replay", "--help")])
def test_the_help_shows_examples(command: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "conformance", *command], capture_output=True, text=True, check=True
    )

    assert "python -m conformance replay entra/create-user okta --base-url" in ran.stdout
    assert "exit status: 0 all conversations passed" in ran.stdout
