"""`scim-seats webhook`: from the first endpoint to the end of an outage, as an engineer uses it."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.support.servers.receiving import Receiver, Reply, receiving
from tests.support.servers.running import command, environment_for, prepare

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


class Operator:
    """A database with the organization acme, and the operator's commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        url = f"sqlite:///{folder / 'seats.db'}"
        self.environment = environment_for(url, 1, {"SCIM_SEATS_PRIVATE_WEBHOOKS": "true"})
        prepare(url)
        self.run("org", "create", "acme", "--seats", "standard=5", "--owner", "ada@example.com")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return command(arguments, self.environment, self.folder)

    def json(self, *arguments: str) -> dict[str, Any]:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def refused(self, *arguments: str) -> tuple[int, str]:
        done = self.run(*arguments)
        return done.returncode, done.stderr


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """For commands that change nothing."""
    return Operator(tmp_path_factory.mktemp("operator"))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def types(receiver: Receiver) -> list[str]:
    return [event["type"] for one in receiver.accepted for event in one.events]


def test_events_are_sent_shown_and_replayed(operator: Operator, receiver: Receiver) -> None:
    made = operator.json("webhook", "add", receiver.url, "--org", "acme", "--type", "seats.*")
    id_ = made["id"]
    operator.run("seats", "add", "acme", "standard=1", "--yes")
    receiver.decide = lambda _: Reply(500, {}, b"later")
    operator.run("worker", "--once")
    failed = operator.json("webhook", "log", id_[:8], "--failed")["data"]
    status = operator.json("worker", "status")
    receiver.decide = lambda _: Reply()

    preview = operator.json("webhook", "replay", id_, "--first", "1")
    replayed = operator.json("webhook", "replay", id_, "--first", "1", "--yes")
    operator.run("worker", "--once")

    assert made["secret"].startswith("whsec_")
    assert len(failed) == 1
    assert (failed[0]["outcome"], failed[0]["status"], failed[0]["response_body"]) == ("retry", 500, "later")
    assert failed[0]["request_body"].encode() == receiver.requests[0].body
    assert (status["endpoints"][0]["waiting"], status["mails_waiting"]) == (1, 1)
    assert (preview["events"], preview["preview"]) == (replayed["events"], True)
    assert "seats.granted" in types(receiver) or "seats.added" in types(receiver)
    assert receiver.requests[0].id in [one.id for one in receiver.accepted]
    shown = operator.run("webhook", "log", id_, "--message", receiver.requests[0].id).stdout
    assert "webhook-signature" in shown
    assert operator.json("webhook", "show", id_)["waiting"] == 0


def test_an_example_is_sent_at_once_and_the_answer_is_printed(operator: Operator, receiver: Receiver) -> None:
    made = operator.json("webhook", "add", receiver.url, "--all", "--batch", "2")
    receiver.decide = lambda _: Reply(418, {"x-tea": "1"}, b"short and stout")

    answer = operator.json("webhook", "test", made["id"], "--type", "person.queued")

    (request,) = receiver.requests
    assert (answer["status"], answer["response_body"]) == (418, "short and stout")
    assert [event["type"] for event in request.events] == ["person.queued"]
    assert Webhook(made["secret"]).verify(request.body, dict(request.headers))
    assert operator.json("webhook", "log", made["id"])["data"] == []


def test_the_example_of_the_page_verifies_a_message_and_refuses_a_forged_one(
    operator: Operator, receiver: Receiver
) -> None:
    code = PAGE.read_text().split("```python\n")[1].split("```")[0]
    page: dict[str, Any] = {}
    exec(code, page)
    made = operator.json("webhook", "add", receiver.url, "--org", "acme")
    operator.run("webhook", "test", made["id"])
    (request,) = receiver.requests

    events = page["events_of"](made["secret"], dict(request.headers), request.body)

    assert [event["type"] for event in events] == ["person.provisioned"]
    with pytest.raises(Exception, match="No matching signature"):
        page["events_of"](made["secret"], dict(request.headers), request.body + b" ")


def test_removal_and_completion_are_previewed(operator: Operator) -> None:
    made = operator.json("webhook", "add", "https://8.8.8.8/x", "--org", "acme")
    new = operator.json("webhook", "rotate", made["id"], "start", "--signature", "v1a")

    preview = operator.json("webhook", "rotate", made["id"], "complete")
    done = operator.json("webhook", "rotate", made["id"], "complete", "--yes")
    kept = operator.json("webhook", "remove", made["id"])
    gone = operator.json("webhook", "remove", made["id"], "--yes")

    assert new["secret"] is None
    assert new["public_keys"][0].startswith("whpk_")
    assert (preview["preview"], preview["signatures"]) == (True, ["v1", "v1a"])
    assert (done["preview"], done["signatures"]) == (False, ["v1a"])
    assert (kept["preview"], gone["preview"]) == (True, False)
    assert operator.json("webhook", "list")["data"] == []


WRONG: Sequence[tuple[tuple[str, ...], int, str]] = (
    (("add", "https://8.8.8.8/"), 2, "give either --org SLUG or --all"),
    (("add", "https://8.8.8.8/", "--org", "acme", "--all"), 2, "give either --org SLUG or --all"),
    (("add", "https://8.8.8.8/", "--org", "nobody"), 1, "does not exist"),
    (("add", "https://u@8.8.8.8/", "--all"), 1, "must not contain a user"),
    (("add", "https://8.8.8.8/", "--all", "--type", "person.flown"), 1, "did you mean"),
    (("add", "https://8.8.8.8/", "--all", "--retries", "5s,soon"), 2, "'soon' is not a time"),
    (("show", "12345678"), 1, "list the endpoints with 'scim-seats webhook list'"),
    (("show", ""), 1, "there is no webhook endpoint"),
    (("replay", "12345678"), 2, "give one of --message, --since, or --first and --last"),
)


@pytest.mark.parametrize(("arguments", "status", "message"), WRONG)
def test_a_wrong_use_ends_with_one_clear_line(
    unchanged: Operator, arguments: tuple[str, ...], status: int, message: str
) -> None:
    found, text = unchanged.refused("webhook", *arguments)

    assert found == status
    assert message in text


def test_a_start_warns_if_private_addresses_are_allowed(operator: Operator) -> None:
    assert "SCIM_SEATS_PRIVATE_WEBHOOKS is on" in operator.run("worker", "--once").stderr
    operator.environment = {**operator.environment, "SCIM_SEATS_PRIVATE_WEBHOOKS": "false"}

    assert "SCIM_SEATS_PRIVATE_WEBHOOKS" not in operator.run("worker", "--once").stderr
    assert operator.refused("webhook", "add", "https://127.1/", "--all")[0] == 1
