"""Commands that change access preview it; a part of a name finds its person, and a mistyped one suggests."""

import json

import pytest
from click.testing import CliRunner

from scim_server.cli import main
from tests.api.wire import founded
from tests.cli.test_members import run, run_json
from tests.support.servers.running import Organization, Server

ANN, BOB, CY = "ann@example.com", "bob@example.com", "carl.young@example.com"


@pytest.fixture
def acme(server: Server) -> Organization:
    """Ann and bob have the seats; Carl waits."""
    organization = founded(server, overflow="queue", standard=1, premium=1)
    with organization.client() as client:
        for name in (ANN, BOB):
            client.post("/Users", json={"userName": name})
        client.post("/Users", json={"userName": CY, "name": {"givenName": "Zachary", "familyName": "Young"}})
    return organization


CHANGES = [
    ("unassign", ANN),
    ("deactivate", ANN),
    ("reassign", ANN, CY),
    ("swap", ANN, BOB),
    ("role", ANN, "admin"),
    ("transfer", ANN),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change[0])
def test_a_change_of_people_is_previewed_and_applied_with_yes(
    server: Server, acme: Organization, change: tuple[str, ...]
) -> None:
    command = ("people", change[0], acme.slug, *change[1:])
    before = run_json(server, "people", "list", acme.slug)

    shown = run_json(server, *command)
    words = run(server, *command).output
    kept = run_json(server, "people", "list", acme.slug)
    done = run_json(server, *command, "--yes")

    assert kept == before
    assert "This was a preview, and nothing was changed. Add --yes to do it." in words
    assert (shown["preview"], done["preview"]) == (True, False)
    assert [(one["status"], one["tier"], one["role"]) for one in done["people"]] == [
        (one["status"], one["tier"], one["role"]) for one in shown["people"]
    ]
    assert done["let_in"] == shown["let_in"]
    assert run_json(server, "people", "list", acme.slug) != before


def test_a_preview_names_the_waiting_people_who_would_get_a_seat(server: Server, acme: Organization) -> None:
    shown = run_json(server, "people", "deactivate", acme.slug, ANN)
    words = run(server, "people", "deactivate", acme.slug, ANN).output

    assert [(one["user_name"], one["tier"]) for one in shown["let_in"]] == [(CY, "premium")]
    assert f"1 waiting person would get a seat: {CY} (premium)." in words


def test_a_dismissal_is_previewed(server: Server) -> None:
    organization = founded(server, standard=0)
    with organization.client() as client:
        client.post("/Users", json={"userName": ANN})
    (entry,) = run_json(server, "left-out", "list", organization.slug)["rejected"]
    command = ("left-out", "dismiss", organization.slug, entry["id"], "--reason", "left")

    shown = run_json(server, *command)
    kept = run_json(server, "left-out", "list", organization.slug)["rejected"]

    assert (shown["preview"], kept) == (True, [entry])
    assert run_json(server, *command, "--yes")["preview"] is False
    assert run_json(server, "left-out", "list", organization.slug)["rejected"] == []


@pytest.mark.parametrize("part", ["carl", "YOUNG", "Zachary", "zachary young", "carl.young", CY.upper()])
def test_a_person_is_found_by_part_of_a_name(server: Server, acme: Organization, part: str) -> None:
    assert run_json(server, "people", "show", acme.slug, part)["user_name"] == CY


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("example.com", "'example.com' matches 3 people: ann@example.com, bob@example.com"),
        ("crl.young@example.com", "(did you mean carl.young@example.com?)"),
        ("Zachry", "(did you mean carl.young@example.com?)"),
        ("bbo", "(did you mean bob@example.com?)"),
        ("nobody-at-all", "this organization has no person called 'nobody-at-all';"),
        ("%", "this organization has no person called '%'"),
    ],
)
def test_an_unknown_or_ambiguous_name_is_refused_with_the_reason(
    server: Server, acme: Organization, name: str, said: str
) -> None:
    done = run(server, "people", "assign", acme.slug, name)

    assert done.exit_code == 1
    assert said in done.stderr


def test_a_mistyped_slug_gets_a_suggestion_and_an_error_code(server: Server, acme: Organization) -> None:
    done = run(server, "people", "list", f"{acme.slug}x", "--json")

    error = json.loads(done.stderr)["error"]
    assert done.exit_code == 1
    assert error["code"] == "unknown_organization"
    assert f"did you mean '{acme.slug}'" in error["detail"]


def test_the_refusal_for_a_missing_seat_has_its_error_code(server: Server, acme: Organization) -> None:
    done = run(server, "people", "assign", acme.slug, "carl", "--json")

    assert (done.exit_code, json.loads(done.stderr)["error"]["code"]) == (1, "no_free_seat")


@pytest.mark.parametrize(
    "group", [(), ("people",), ("left-out",), ("removals",), ("log",), ("org",), ("seats",)]
)
def test_summaries_of_commands_are_not_truncated(group: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(main, [*group, "--help"]).output

    assert "..." not in shown.partition("Commands:")[2]
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    "command",
    [("people", "list"), ("log", "list"), ("left-out", "list"), ("waiting", "list"), ("people", "idle")],
)
def test_tables_fit_eighty_columns(server: Server, acme: Organization, command: tuple[str, ...]) -> None:
    done = run(server, command[0], command[1], acme.slug)

    assert max(map(len, done.output.splitlines())) <= 80
