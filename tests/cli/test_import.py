"""The commands `import` and `export`, as an operator uses them."""

import csv
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from conformance import replay, report, transcript
from conformance.target import Target
from scim_server.cli import main
from tests.support.builders.importing import ENTERPRISE, USER, group, lines, person
from tests.support.servers import scim2
from tests.support.servers.running import Organization, Server

PEOPLE = 300


def run(server: Server, *arguments: str, given: str | None = None, **environment: str) -> Result:
    done = CliRunner().invoke(main, arguments, env={**server.environment, **environment}, input=given)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def run_json(server: Server, *arguments: str) -> dict[str, Any]:
    done = run(server, *arguments, "--json")
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture
def acme(server: Server) -> Organization:
    """Two standard seats, and a contract."""
    slug = f"o{uuid4().hex}"
    made = run_json(server, "org", "create", slug, "--seats", "standard=2", "--price", "standard=20.00")
    return Organization(made["org"], made["base_url"], made["token"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    people = [person(str(n), f"p{n}") for n in range(1, 4)]
    return lines(tmp_path / "people.jsonl", [*people, person("bulkId", "eve"), group("g", "G", "1", "3")])


def test_the_first_call_only_shows_what_would_happen_and_what_it_costs(
    server: Server, acme: Organization, file: Path
) -> None:
    preview = run_json(server, "import", acme.slug, str(file), "--keep-ids")

    assert preview["preview"] is True
    assert preview["people"] == {"new": 3, "errors": 1}
    assert {name: n for name, n in preview["seats"].items() if n and name != "tiers"} == {
        "seated": 2,
        "refused": 1,
    }
    assert preview["missing"] == {"standard": 1}
    assert preview["price"]["total"]["currency"] == "USD"
    assert [(one["line"], one["source_id"]) for one in preview["problems"]] == [(4, "bulkId")]
    with acme.client() as client:
        assert client.get("/Users").json()["totalResults"] == 0


def test_the_confirmed_import_is_the_one_that_was_shown_and_lists_who_is_left_out(
    server: Server, acme: Organization, file: Path, tmp_path: Path
) -> None:
    preview = run_json(server, "import", acme.slug, str(file), "--keep-ids")
    table = tmp_path / "left-out.csv"

    done = run_json(server, "import", acme.slug, str(file), "--keep-ids", "--yes", "--left-out", str(table))

    assert done["import"]["id"] == preview["id"]
    assert done["import"]["state"] == "done"
    assert done["import"]["people"] == {"created": 2, "errors": 1, "refused": 1, "seated": 2}
    assert done["price"] == preview["price"]
    with table.open(encoding="utf-8-sig", newline="") as rows:
        (row,) = csv.DictReader(rows)
    assert (row["line"], row["userName"], row["result"]) == ("3", "p3@example.com", "refused")
    text = run(server, "import", "show", acme.slug, done["import"]["id"]).output
    assert "People: 2 created, 1 refused, 1 wrong." in text
    assert "Members: 1 added, 1 who join when they are let in." in text
    assert f"scim-seats left-out buy {acme.slug}" in text
    with acme.client() as client:
        assert client.get("/Users/1").json()["userName"] == "p1@example.com"


def test_a_dry_run_keeps_nothing_and_a_preview_can_be_resumed_or_cancelled(
    server: Server, acme: Organization, file: Path
) -> None:
    run(server, "import", acme.slug, str(file), "--dry-run")
    assert run_json(server, "import", "list", acme.slug)["data"] == []

    first = run_json(server, "import", acme.slug, str(file))["id"]
    second = run_json(server, "import", acme.slug, str(file), "--update")["id"]
    cancelled = run_json(server, "import", "cancel", acme.slug, first)
    resumed = run_json(server, "import", "resume", acme.slug, second)

    assert (cancelled["state"], resumed["import"]["state"]) == ("cancelled", "done")
    assert [one["state"] for one in run_json(server, "import", "list", acme.slug)["data"]] == [
        "done",
        "cancelled",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give a FILE, or the URL"),
        (("--from", "http://scim.example.com", "--yes"), "must begin with https://"),
        (("--from", "http://localhost:1/v2"), "give the token"),
        (("FILE", "--from", "http://localhost:1/v2"), "give a FILE, or the URL"),
        (("FILE", "--dry-run", "--yes"), "not both"),
    ],
)
def test_wrong_use_says_what_to_give(
    server: Server, acme: Organization, file: Path, arguments: tuple[str, ...], message: str
) -> None:
    given = [str(file) if one == "FILE" else one for one in arguments]

    done = run(server, "import", acme.slug, *given)

    assert done.exit_code in (1, 2)
    assert message in done.output


def test_the_token_of_the_other_server_is_no_argument() -> None:
    help_ = CliRunner().invoke(main, ["import", "start", "--help"]).output

    assert "--token-file" in help_
    assert "--token " not in help_


def test_an_export_is_readable_only_by_its_owner_and_by_import(
    server: Server, acme: Organization, file: Path, tmp_path: Path
) -> None:
    run(server, "import", acme.slug, str(file), "--keep-ids", "--yes")
    export = tmp_path / "acme.jsonl"
    made = run_json(server, "org", "create", f"o{uuid4().hex}", "--seats", "standard=2")

    run(server, "export", acme.slug, "--to", str(export))
    done = run_json(server, "import", made["org"], str(export), "--keep-ids", "--yes")

    assert stat.S_IMODE(export.stat().st_mode) == 0o600
    assert acme.token not in export.read_text()
    assert done["import"]["people"] == {"created": 2, "seated": 2}
    piped = run(server, "export", acme.slug).stdout
    assert [json.loads(one)["type"] for one in piped.splitlines()][-2:] == ["members", "end"]


def directory() -> list[tuple[str, str, dict[str, Any]]]:
    """People with managers, and groups in groups, as scim2-server holds them."""
    people = [
        (
            "User",
            f"u{n}",
            {
                "schemas": [USER, ENTERPRISE],
                "userName": f"u{n}@example.com",
                "displayName": f"U {n}",
                "active": n % 10 != 0,
                "emails": [{"value": f"u{n}@example.com", "type": "work", "primary": True}],
                ENTERPRISE: {
                    "department": "Sales",
                    "manager": {"value": f"u{n // 10}", "$ref": f"../Users/u{n // 10}"},
                },
            },
        )
        for n in range(PEOPLE)
    ]
    sales = [f"u{n}" for n in range(0, PEOPLE, 3)]
    groups = [("Group", "g1", group("g1", "Sales", *sales)), ("Group", "g2", group("g2", "All", "g1", "u1"))]
    return [*people, *groups]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with scim2.started(tmp_path_factory.mktemp("scim2"), directory()) as url:
        yield url


# They create people and groups, change them by their ids, and read lists: as after a cut-over.
CONVERSATIONS = {
    one.name: one
    for one in transcript.shipped()
    if one.name
    in (
        *("okta/test-connection", "okta/create-user", "okta/group-push-patch", "okta/update-put"),
        *("entra/create-user", "entra/update-user-default", "entra/group-lifecycle-default"),
    )
}


def test_a_directory_of_scim2_server_moves_in_and_its_provider_goes_on(
    server: Server, old: str, tmp_path: Path
) -> None:
    made = server.organization(standard=10_000)
    token = tmp_path / "token"
    token.write_text(scim2.TOKEN)

    done = run_json(
        server, "import", made.slug, "--from", old, "--token-file", str(token), "--keep-ids", "--yes"
    )

    inactive = PEOPLE // 10
    assert done["import"]["people"] == {
        "created": PEOPLE,
        "inactive": inactive,
        "seated": PEOPLE - inactive,
    }
    assert done["import"]["members"] == {"added": PEOPLE // 3 + 2}
    with made.client() as client:
        found = client.get("/Users/u12").json()
        assert found["meta"]["location"] == f"{made.base_url}/Users/u12"
        assert found[ENTERPRISE]["manager"]["displayName"] == "U 1"
        assert [one["display"] for one in found["groups"]] == ["Sales", "All"]
        off = {"op": "replace", "path": "active", "value": False}
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [off]}
        assert client.patch("/Users/u12", json=body).json()["active"] is False
    target = Target(made.base_url, made.token, {"org": made.slug})
    assert len(CONVERSATIONS) == 7
    for one in CONVERSATIONS.values():
        outcome = replay.run(one, target)
        assert outcome.passed, report.as_text(outcome, only_failures=True)


def test_a_wrong_token_of_the_other_server_is_a_clear_message(
    server: Server, acme: Organization, old: str
) -> None:
    done = run(server, "import", acme.slug, "--from", old, SCIM_SEATS_SOURCE_TOKEN="wrong-token")

    assert done.exit_code == 1
    assert "does not accept the token" in done.stderr
    assert "wrong-token" not in done.output
