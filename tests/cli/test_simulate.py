"""The command `simulate`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from scim_server.cli import main
from tests.support.servers.running import Organization, Server

PEOPLE = "userName,displayName,groups\nann@example.com,Ann,Engineering\nbob@example.com,,\ncy@example.com,,\n"


def run(server: Server, *arguments: str, given: str | bytes | None = None) -> Result:
    done = CliRunner().invoke(main, arguments, env=dict(server.environment), input=given)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def run_json(server: Server, *arguments: str, given: str | bytes | None = None) -> dict[str, Any]:
    done = run(server, *arguments, "--json", given=given)
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture
def acme(server: Server) -> Organization:
    """One standard and one premium seat, a contract, and a group that gives premium."""
    slug = f"o{uuid4().hex}"
    seats = ("--seats", "standard=1", "--seats", "premium=1")
    made = run_json(
        server, "org", "create", slug, *seats, "--price", "standard=20.00", "--price", "premium=100.00"
    )
    run_json(server, "mapping", "set", slug, "Engineering", "--tier", "premium", "--yes")
    return Organization(made["org"], made["base_url"], made["token"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


def outcomes(answer: dict[str, Any]) -> Sequence[tuple[str, str, str | None]]:
    return [(one["user_name"], one["outcome"], one["tier"]) for one in answer["people"]]


def test_the_result_lists_every_person_and_the_missing_seats_with_their_price(
    server: Server, acme: Organization, file: Path
) -> None:
    answer = run_json(server, "simulate", acme.slug, str(file))

    assert answer["people"][2] == {
        "line": 4,
        "user_name": "cy@example.com",
        "now": None,
        "outcome": "refused",
        "tier": None,
        "waits_for": None,
        "wants": "any",
        "reason": "no_free_seat",
    }
    assert outcomes(answer)[:2] == [
        ("ann@example.com", "seated", "premium"),
        ("bob@example.com", "seated", "standard"),
    ]
    assert (answer["missing"], answer["price"]["total"]) == (
        {"standard": 1},
        {"amount": "240.00", "currency": "USD"},
    )
    assert answer["automatic"] == {"seats": {}, "price": None}
    assert answer["summary"]["tiers"]["premium"] == {
        "free": 1,
        "seated": 1,
        "waiting": 0,
        "refused": 0,
        "free_then": 0,
    }
    assert {name: answer["summary"][name] for name in ("seated", "waiting", "refused", "here")} == {
        "seated": 2,
        "waiting": 0,
        "refused": 1,
        "here": 0,
    }


def test_scim_requests_have_the_simulated_outcomes(server: Server, acme: Organization, file: Path) -> None:
    foreseen = outcomes(run_json(server, "simulate", acme.slug, str(file)))
    assert run_json(server, "people", "list", acme.slug)["data"] == []

    with acme.client() as client:
        answers = [
            client.post("/Users", json={"userName": name}).status_code for name, _, tier in foreseen if tier
        ]
    again = run_json(server, "simulate", acme.slug, str(file))

    assert answers == [201, 201]
    assert [(one["outcome"], one["now"]) for one in again["people"]] == [
        ("here", "seated"),
        ("here", "seated"),
        ("refused", None),
    ]


def test_the_text_output_has_a_table_a_summary_and_a_bill(
    server: Server, acme: Organization, file: Path
) -> None:
    printed = run(server, "simulate", acme.slug, str(file)).stdout

    assert "3 people: 2 would get a seat, 1 would be refused." in printed
    assert "1 standard seat is missing for these people:" in printed
    assert "Total 240.00 USD" in printed
    assert printed.splitlines()[-1] == "This was a simulation, and nothing was written."


def test_the_list_has_fifty_people_or_all_or_those_with_one_outcome(
    server: Server, acme: Organization
) -> None:
    many = "userName\n" + "".join(f"p{number}@example.com\n" for number in range(60))

    first = run(server, "simulate", acme.slug, "-", given=many).stdout
    every = run(server, "simulate", acme.slug, "-", "--all", given=many).stdout
    seated = run_json(server, "simulate", acme.slug, "-", "--outcome", "seated", given=many)

    assert (first.count("@example.com"), every.count("@example.com")) == (50, 60)
    assert "... and 10 more; --all lists all." in first
    assert (len(seated["people"]), seated["summary"]["refused"]) == (2, 58)


def test_a_group_is_simulated_as_if_all_members_were_active(server: Server, acme: Organization) -> None:
    with acme.client() as client:
        sent = {"userName": "ann@example.com", "active": False}
        ann = client.post("/Users", json=sent).json()["id"]
        client.post("/Groups", json={"displayName": "Engineering", "members": [{"value": ann}]})

    by_mapping = run_json(server, "simulate", acme.slug, "--group", "engineering")
    manually = run_json(server, "simulate", acme.slug, "--group", "engineering", "--tier", "standard")

    assert outcomes(by_mapping) == [("ann@example.com", "seated", "premium")]
    assert outcomes(manually) == [("ann@example.com", "seated", "standard")]
    assert by_mapping["summary"]["reactivated"] == 1


def test_invalid_lines_refuse_the_simulation_unless_skipped(server: Server, acme: Organization) -> None:
    wrong = "userName,Shoe size\nann@example.com,7\n,8\n" + "ann@example.com,\n" * 30

    refused = run(server, "simulate", acme.slug, "-", given=wrong)
    skipped = run_json(server, "simulate", acme.slug, "-", "--skip-bad", given=wrong)

    lines = refused.stderr.splitlines()
    assert (refused.exit_code, refused.stdout, len(lines)) == (1, "", 23)
    assert lines[:2] == ["Ignored columns: Shoe size", "line 3: userName is required."]
    assert lines[-2] == "... and 11 more"
    assert "the simulation did not run: 31 lines are wrong" in lines[-1]
    one = run(server, "simulate", acme.slug, "-", given="[7]")
    assert "the simulation did not run: one entry is wrong" in one.stderr
    assert outcomes(skipped) == [("ann@example.com", "seated", "premium")]
    assert skipped["bad"][0] == {"line": 3, "problem": "userName is required."}
    assert (len(skipped["bad"]), skipped["unused_columns"]) == (31, ["Shoe size"])


@pytest.mark.parametrize(
    ("arguments", "given", "refusal"),
    [
        (["{slug}", "/no/such/file.csv"], "", "/no/such/file.csv cannot be read: No such file"),
        (["{slug}", "/"], "", "/ cannot be read: Is a directory"),
        (["{slug}", "-"], "", "the file is empty"),
        (["{slug}", "-"], "userName\nann\n".encode("utf-16"), "the file is UTF-16"),
        (["{slug}", "-", "--tier", "gold"], "userName\nann\n", "has no tier 'gold'"),
        (["{slug}", "--group", "Sales"], "", "this organization has no group 'Sales'"),
        (["no-such", "-"], "userName\nann\n", "does not exist"),
    ],
)
def test_an_impossible_simulation_exits_with_1_and_one_line(
    server: Server, acme: Organization, arguments: list[str], given: str | bytes, refusal: str
) -> None:
    done = run(server, "simulate", *(one.format(slug=acme.slug) for one in arguments), given=given)

    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert refusal in done.stderr


def test_either_a_file_or_a_group_is_required(server: Server, acme: Organization, file: Path) -> None:
    neither = run(server, "simulate", acme.slug)
    both = run(server, "simulate", acme.slug, str(file), "--group", "Sales")

    assert (neither.exit_code, both.exit_code) == (2, 2)
    assert "give a FILE, or a group with --group" in neither.stderr


def test_control_characters_in_a_file_do_not_reach_the_terminal(server: Server, acme: Organization) -> None:
    hostile = 'userName,\x1b[2J\nann\x1b[31m@example.com,\nbob,"x\x07"\n\x1b]0;x,,,\n'

    done = run(server, "simulate", acme.slug, "-", "--skip-bad", given=hostile)

    assert done.exit_code == 0
    assert not {"\x1b", "\x07"} & set(done.output)
