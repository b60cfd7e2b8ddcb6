"""Recorded conversations of providers: each shipped one is replayed in a separate organization."""

import shlex
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from conformance import commands, replay, report, transcript
from conformance.jsonpath import Json
from conformance.outcome import Outcome
from conformance.step import Step
from conformance.target import Control, Target
from conformance.transcript import Conversation
from tests.api.wire import founded
from tests.conformance import control as scene
from tests.support.servers.running import SCIM_SEATS, Server

SHIPPED = {conversation.name: conversation for conversation in transcript.shipped()}
# Each of these checks what the server answers: with one expectation of a read corrupted, it fails.
LOOKED_AT = (
    *("entra/test-connection", "entra/create-user", "entra/update-user-default"),
    *("entra/soft-delete-restore-hard-delete", "entra/seat-refused", "entra/seat-queued"),
    *("entra/group-lifecycle-default", "okta/test-connection", "okta/create-user"),
    *("okta/deactivate-reactivate-patch", "okta/seat-refused", "okta/seat-queued", "okta/group-push-patch"),
    "jumpcloud/activation",
)


@pytest.fixture
def target(server: Server) -> Target:
    organization = founded(server, standard=10_000)
    return Target(organization.base_url, organization.token, {"org": organization.slug})


@pytest.fixture
def control(server: Server) -> Control:
    """Prepares conversations by commands of the operator, inside this process."""

    def run(step: Json, target: Target, _run_id: str) -> None:
        assert isinstance(step, dict)
        for said in scene.commands(step, str(target.organization["org"])):
            server.command(*said)

    return run


def test_all_shipped_conversations_are_found() -> None:
    assert len(SHIPPED) >= 23
    assert set(LOOKED_AT) <= set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_step_of_a_shipped_conversation_passes(target: Target, control: Control, name: str) -> None:
    outcome = replay.run(SHIPPED[name], target, control)

    assert outcome.passed, report.as_text(outcome, only_failures=True)


def test_a_control_command_can_prepare_a_conversation(
    server: Server, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    control = commands.control(shlex.join([sys.executable, scene.__file__, SCIM_SEATS]))

    outcome = replay.run(SHIPPED["okta/seat-queued"], target, control)

    assert outcome.passed, report.as_text(outcome, only_failures=True)


def wrong(expected: Json) -> Iterator[Json]:
    """The same expectation with one wrong plain value, the deepest first."""
    if isinstance(expected, dict):
        for name, value in expected.items():
            # One alternative of a choice may be wrong while another one matches.
            if name not in {"$in", "$any", "$absent", "$exists", "$not_contains", "$ne", "$type", "$regex"}:
                yield from (expected | {name: other} for other in wrong(value))
    elif isinstance(expected, list):
        for index, value in enumerate(expected):
            yield from ([*expected[:index], other, *expected[index + 1 :]] for other in wrong(value))
    elif isinstance(expected, bool):
        yield not expected
    elif isinstance(expected, int):
        yield expected + 1
    elif isinstance(expected, str):
        yield f"not {expected}"


def corrupted(conversation: Conversation) -> tuple[Step, Conversation]:
    """The conversation with the last expected value of a read corrupted, and that step."""
    for index in reversed(range(len(conversation.steps))):
        step = conversation.steps[index]
        *_, other = [None, *wrong(step.json)]
        if step.method == "GET" and not step.optional and other is not None:
            made_wrong = replace(step, json=other)
            steps = (*conversation.steps[:index], made_wrong, *conversation.steps[index + 1 :])
            return made_wrong, replace(conversation, steps=steps)
    raise AssertionError(f"{conversation.name} reads nothing back")


def failed(outcome: Outcome) -> list[int]:
    return [step.number for step in outcome.steps if not step.passed and not step.optional]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_corrupted_expectation_of_a_read_fails_its_step(
    target: Target, control: Control, name: str
) -> None:
    step, conversation = corrupted(SHIPPED[name])

    outcome = replay.run(conversation, target, control)

    assert not outcome.passed
    assert failed(outcome) == [step.number]
