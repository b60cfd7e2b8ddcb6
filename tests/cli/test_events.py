"""`scim-seats events` prints what the app gets."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from scim_server.cli import main
from scim_server.services.events import queries


def run(*words: str) -> str:
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.usefixtures("data_folder")
def test_events_are_listed_followed_and_taken_as_a_snapshot(data_folder: Path) -> None:
    del data_folder
    run("db", "upgrade")
    run("org", "create", "acme", "--seats", "standard=5", "--owner", "ann@example.com", "--json")

    first = json.loads(run("events", "list", "acme", "--limit", "1", "--json"))
    rest = json.loads(run("events", "list", "acme", "--after", first["next_cursor"], "--json"))
    text = run("events", "list", "acme", "--type", "organization.created")
    followed = run("events", "follow", "acme", "--after", first["next_cursor"], "--seconds", "1", "--json")
    snapshot = [json.loads(line) for line in run("events", "snapshot", "acme").splitlines()]

    assert [one["type"] for one in first["data"]] == ["organization.created"]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert [json.loads(line) for line in followed.splitlines()] == rest["data"]
    assert "acme-1" in text
    assert "token.created" not in text
    assert snapshot[0]["cursor"] == rest["next_cursor"]
    assert [one["kind"] for one in snapshot[1:]] == ["seats", "seats", "end"]


@pytest.mark.usefixtures("data_folder")
def test_a_type_that_is_not_public_and_a_wrong_cursor_are_refused() -> None:
    run("db", "upgrade")
    run("org", "create", "acme", "--seats", "standard=5", "--json")

    internal = CliRunner().invoke(main, ["events", "list", "acme", "--type", "domain.added"])
    cursor = CliRunner().invoke(main, ["events", "list", "acme", "--after", "x"])

    assert (internal.exit_code, cursor.exit_code) == (2, 1)
    assert "cursor" in cursor.output
    assert "domain.added" not in queries.PUBLIC
